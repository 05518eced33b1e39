//! The migration's task: started once, waited for, stopped, judged by how it ended.

use super::story::{Story, check, row, unseen, well};
use super::world::{app, migration, plan_of, whole_app};
use crate::TaskId;
use crate::app::{App, Compatibility, WayDown};
use crate::journal::{Act, Finding, Job};
use crate::observation::{JobState, JobView, Observation, RunningJob, Seen};
use crate::ports::{Effect, FailureKind};
use crate::schema::Revision;

fn ended(state: JobState) -> impl Fn(&mut Observation) {
    move |seen| {
        let log = vec!["boom".to_owned()];
        let state = state.clone();
        let unread = None;
        seen.job = Some(Seen::Known(JobView { state, log, unread }));
    }
}

#[test]
fn migrating() {
    let up = Act::StartJob { job: Job::Up };
    let prepared = Story::of(plan_of(&whole_app())).prepared();
    let running = prepared.clone().done(up.clone());
    let end = |state| {
        running.clone().find(Finding::JobEnded {
            job: Job::Up,
            state,
            log: vec!["boom".to_owned()],
            reading: None,
        })
    };
    check(vec![
        row("prepared", &prepared, well, "act: migrate the database"),
        row(
            "the reply was lost: the same token looks",
            &prepared
                .clone()
                .failed(up.clone(), FailureKind::Unavailable, Effect::Unknown)
                .later(1),
            well,
            "act: migrate the database",
        ),
        row(
            "it runs",
            &running,
            well,
            "wait 5s: migrate the database is running",
        ),
        row(
            "not visible yet",
            &running,
            ended(JobState::Vanished),
            "wait 5s: the cloud does not show the migration's task yet",
        ),
        row(
            "never visible",
            &running.clone().later(121),
            ended(JobState::Vanished),
            "find: migrate the database: Vanished",
        ),
        row(
            "unseen",
            &running,
            |seen| seen.job = Some(unseen()),
            "wait 5s: cannot see migrate the database now (call: throttled)",
        ),
        row(
            "unseen for longer than it may take",
            &running.clone().later(421),
            |seen| seen.job = Some(unseen()),
            "find: migrate the database: Running",
        ),
        row(
            "unseen, to the last moment",
            &running.clone().later(420),
            |seen| seen.job = Some(unseen()),
            "wait 5s: cannot see migrate the database now (call: throttled)",
        ),
        row(
            "it may take as long as it may",
            &running.clone().later(300),
            well,
            "wait 5s: migrate the database is running",
        ),
        row(
            "it takes too long",
            &running.clone().later(301),
            well,
            "act: stop the task: migrate the database",
        ),
        row(
            "it was asked to stop",
            &running
                .clone()
                .later(301)
                .done(Act::StopJob { job: Job::Up })
                .later(180),
            well,
            "wait 5s: waiting for the task to stop: migrate the database",
        ),
        row(
            "it does not stop",
            &running
                .clone()
                .later(301)
                .done(Act::StopJob { job: Job::Up })
                .later(181),
            well,
            "find: migrate the database: Running",
        ),
        row(
            "exit 0",
            &running,
            ended(JobState::Exited(0)),
            "find: migrate the database: Exited(0)",
        ),
        row(
            "exit 1",
            &running,
            ended(JobState::Exited(1)),
            "find: migrate the database: Exited(1)",
        ),
        row(
            "ended with 0",
            &end(JobState::Exited(0)),
            well,
            "find: new migration proven 1/1",
        ),
        row(
            "ended with 1",
            &end(JobState::Exited(1)),
            well,
            "find: back: migration: exit code 1; boom",
        ),
        row(
            "killed",
            &end(JobState::Killed("out of memory".to_owned())),
            well,
            "find: back: migration: out of memory; boom",
        ),
        row(
            "never started",
            &end(JobState::NeverStarted("no image".to_owned())),
            well,
            "find: back: migration: its container never started: no image; boom",
        ),
        row(
            "end not seen",
            &end(JobState::Running),
            well,
            "find: back: migration: its end was not seen, it may be running still; boom",
        ),
    ]);
}

#[test]
fn a_promised_way_down_needs_the_revision() {
    let with = |way_down| {
        let migration = Some(migration(Compatibility::Breaking, way_down));
        Story::of(plan_of(&App { migration, ..app() })).prepared()
    };
    let was_on = |revision: &str| {
        let mut story = with(WayDown::Lossless);
        let migration = story.plan.migration.as_mut().unwrap();
        migration.known_revision = Some(Revision::new(revision));
        story
    };
    let heads =
        |story: Story, log: &[&str]| story.job(Job::RevisionBefore, JobState::Exited(0), log);
    let lost = |story: Story| {
        let up = Act::StartJob { job: Job::Up };
        heads(story, &["9c1"]).failed(up, FailureKind::Unavailable, Effect::Unknown)
    };
    let read = |story: Story, code| story.job(Job::RevisionBefore, JobState::Exited(code), &[]);
    check(vec![
        row(
            "not read, a way down was promised",
            &read(with(WayDown::Lossless), 1),
            well,
            "find: back: migration: not begun, the schema's revision could not be read: exit code 1",
        ),
        row(
            "an empty database is one of its own",
            &read(with(WayDown::Lossless), 0),
            well,
            "act: migrate the database",
        ),
        row(
            "but one that was not empty is not believed to be",
            &read(was_on("r7"), 0),
            well,
            "find: back: migration: not begun, the schema's revision could not be read: it says that the database is empty, which was on r7",
        ),
        row(
            "two heads are not one revision",
            &heads(with(WayDown::Lossless), &["9c1 (head)", "7aa (head)"]),
            well,
            "find: back: migration: not begun, the schema's revision could not be read: several revisions were printed (9c1, 7aa): the schema has more than one head; 9c1 (head); 7aa (head)",
        ),
        row(
            "another migration runs",
            &heads(with(WayDown::Lossless), &["9c1"]),
            |seen| {
                let task = TaskId::parse("task/17").unwrap();
                let started_by = Some("d-other".to_owned());
                seen.migrating = Some(Seen::Known(vec![RunningJob { task, started_by }]));
            },
            "wait 5s: another migration is running: task 17 (started by d-other)",
        ),
        row(
            "it runs for longer than a migration may",
            &heads(with(WayDown::Lossless), &["9c1"]).later(301),
            |seen| {
                let task = TaskId::parse("task/17").unwrap();
                seen.migrating = Some(Seen::Known(vec![RunningJob {
                    task,
                    started_by: None,
                }]));
            },
            "find: back: migrate the database: not begun: another migration is still running: task 17",
        ),
        row(
            "the answer to its start was lost",
            &lost(with(WayDown::Lossless)).later(19 * 3600),
            well,
            "act: migrate the database",
        ),
        row(
            "so long ago that its token is forgotten",
            &lost(with(WayDown::Lossless)).later(21 * 3600),
            well,
            "find: migrate the database: Vanished",
        ),
        row(
            "nothing was promised: but nobody could tell how far it got",
            &read(with(WayDown::Absent), 1),
            well,
            "find: back: migration: not begun, the schema's revision could not be read: exit code 1",
        ),
    ]);
}
