//! Forward: before anything that users could notice, and the migration.

use super::story::{Story, check, row, unseen, well};
use super::world::{app, migration, name, plan_of, whole_app};
use crate::TaskId;
use crate::app::{App, Compatibility, WayDown};
use crate::journal::{Act, Finding, Job};
use crate::observation::{JobState, JobView, Observation, RunningJob, Seen};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::schema::Revision;
use crate::verdict::Component;

const THROTTLED: FailureKind = FailureKind::Throttled;

fn plan() -> Plan {
    plan_of(&app())
}

fn register(of: &str) -> Act {
    let component = Component::Service(name(of));
    Act::Register { component }
}

#[test]
fn preparing() {
    let fresh = Story::of(plan_of(&whole_app()));
    let again = "wait 1s: register the task definition of auth was not possible (call: throttled); trying again";
    let others = fresh
        .plan
        .services
        .keys()
        .filter(|n| n.as_str() != "auth")
        .fold(Story::of(plan()), |story, n| {
            story.done(register(n.as_str()))
        });
    let throttled = others
        .clone()
        .failed(register("auth"), THROTTLED, Effect::None);
    let lost = others
        .clone()
        .failed(register("auth"), FailureKind::Unavailable, Effect::Unknown);
    let denied = others
        .clone()
        .failed(register("auth"), FailureKind::Denied, Effect::None);
    let crashed = others.intend(register("auth"));
    let roll = "act: roll out auth";
    check(vec![
        row(
            "begun",
            &fresh,
            well,
            "act: register the task definition of migration, register the task definition of auth, register the task definition of catalog, register the task definition of proxy",
        ),
        row("throttled", &throttled, well, again),
        row(
            "a second later",
            &throttled.clone().later(1),
            well,
            "act: register the task definition of auth",
        ),
        row(
            "a lost reply waits as well",
            &lost,
            well,
            "wait 1s: register the task definition of auth was not possible (call: unavailable); trying again",
        ),
        row(
            "denied",
            &denied,
            well,
            "find: back: register the task definition of auth: call: denied",
        ),
        row(
            "crashed after the intent",
            &crashed,
            well,
            "act: register the task definition of auth",
        ),
        row(
            "all done",
            &crashed.clone().then(crate::journal::Event::Done {
                act: register("auth"),
                gave: super::story::gave(&register("auth")),
            }),
            well,
            roll,
        ),
    ]);
}

/// Of several acts that wait, the first one that may be tried again says until when.
#[test]
fn the_earliest_of_several_pauses_counts() {
    let again = |story: Story, of: &str, times: u32| {
        (0..times).fold(story, |story, _| {
            story.failed(register(of), THROTTLED, Effect::None)
        })
    };
    let waits = |auth: u32, catalog: u32| {
        let story = Story::of(plan()).done(register("proxy"));
        let story = again(again(story, "auth", auth), "catalog", catalog);
        row("both fail", &story, well, "").found
    };
    let expected = |seconds: u32, of: &str| {
        format!(
            "wait {seconds}s: register the task definition of {of} was not possible (call: throttled); trying again"
        )
    };
    assert_eq!(waits(1, 2), expected(1, "auth"));
    assert_eq!(waits(2, 1), expected(1, "catalog"));
    assert_eq!(waits(2, 2), expected(2, "auth"));
}

#[test]
fn pauses_grow_and_end() {
    for effect in [Effect::None, Effect::Unknown, Effect::Applied] {
        let mut story = Story::of(plan());
        for text in ["catalog", "proxy"] {
            story = story.done(register(text));
        }
        let mut pauses = Vec::new();
        let last = loop {
            story = story.failed(register("auth"), THROTTLED, effect);
            let found = story.decide(&story.look());
            let Some(seconds) = found
                .strip_prefix("wait ")
                .and_then(|f| f.split('s').next())
            else {
                break found;
            };
            pauses.push(seconds.parse::<u64>().unwrap());
            story = story.later(pauses[pauses.len() - 1]);
        };
        assert_eq!(
            pauses,
            [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30],
            "{effect:?}"
        );
        assert_eq!(
            last,
            "find: back: register the task definition of auth: call: throttled"
        );
    }
}

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

/// Before a migration begins it is asked whether another one runs: not for ever, and not blindly.
#[test]
fn another_migration_is_looked_for_first() {
    use crate::observation::RunningJob;
    let prepared = Story::of(plan_of(&whole_app())).prepared();
    let blind = |seen: &mut Observation| seen.migrating = Some(unseen());
    let other = |seen: &mut Observation| {
        let task = "task/9".parse().unwrap();
        let started_by = None;
        seen.migrating = Some(Seen::Known(vec![RunningJob { task, started_by }]));
    };
    let looks = "wait 5s: cannot see the migrations that run now (call: throttled)";
    let found = |story: &Story, edit: &dyn Fn(&mut Observation)| row("", story, edit, "").found;
    let to_the_last = prepared.clone().later(300);
    let over = prepared.clone().later(301);
    assert_eq!(found(&prepared, &blind), looks);
    assert_eq!(found(&to_the_last, &blind), looks);
    assert_eq!(
        found(&over, &blind),
        "find: back: migrate the database: call: throttled"
    );
    let waits = found(&prepared, &other);
    assert!(waits.starts_with("wait 5s: "), "{waits}");
    assert_eq!(found(&to_the_last, &other), waits);
    let refused = found(&over, &other);
    assert!(
        refused.starts_with("find: back: migrate the database: not begun"),
        "{refused}"
    );
}

/// The cloud remembers a token for about a day: a start whose answer was lost before that is not looked up by it any more.
#[test]
fn who_runs_is_asked_before_a_start_and_when_its_token_may_be_forgotten() {
    let up = || Act::StartJob { job: Job::Up };
    let prepared = Story::of(plan_of(&whole_app())).prepared();
    let lost = |after: u64| {
        let story = prepared.clone().intend(up());
        story.later(after)
    };
    let known = prepared.clone().done(up()).later(21 * 3600);
    let breaking = migration(Compatibility::Breaking, WayDown::Lossless);
    let reads = Story::of(plan_of(&App {
        migration: Some(breaking),
        ..app()
    }));
    let asks = |story: &Story| {
        let watch = crate::watch::watch(&story.plan, &story.progress, story.now);
        watch.migrating.is_some()
    };
    let rows = [
        ("not started", prepared.clone(), true),
        ("its answer was lost just now", lost(1), false),
        (
            "its answer was lost, to the last moment",
            lost(20 * 3600),
            false,
        ),
        ("its answer was lost long ago", lost(20 * 3600 + 1), true),
        ("its task is known", known, false),
        (
            "what only reads is in nobody's way",
            reads.prepared(),
            false,
        ),
    ];
    for (situation, story, expected) in rows {
        assert_eq!(asks(&story), expected, "{situation}");
    }
    // Lost long ago, and nothing runs: it is not started again. Refused long ago, and nothing runs: it is.
    let vanished = "find: migrate the database: Vanished";
    let refused = prepared
        .clone()
        .failed(up(), THROTTLED, Effect::None)
        .later(21 * 3600);
    check(vec![
        row("lost", &lost(21 * 3600), well, vanished),
        row("refused", &refused, well, "act: migrate the database"),
    ]);
}

#[test]
fn what_a_task_printed_is_read_when_it_was_to_print_a_revision() {
    use crate::decide::{Decision, decide};
    use crate::observation::Reading;
    let breaking = migration(Compatibility::Breaking, WayDown::Lossless);
    let story = Story::of(plan_of(&App {
        migration: Some(breaking),
        ..app()
    }));
    let prepared = story.prepared();
    let ended = |story: Story, job: Job, unread: Option<String>| {
        let story = story.done(Act::StartJob { job });
        let mut seen = story.look();
        let log = vec!["9c1 (head)".to_owned()];
        let state = JobState::Exited(0);
        seen.job = Some(Seen::Known(JobView { state, log, unread }));
        match decide(&story.plan, &story.progress, &seen, story.now) {
            Decision::Find(found) => match found.as_slice() {
                [Finding::JobEnded { reading, .. }] => reading.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let read = ended(prepared.clone(), Job::RevisionBefore, None);
    assert_eq!(read, Some(Reading::Revision(Revision::new("9c1"))));
    let unread = ended(
        prepared.clone(),
        Job::RevisionBefore,
        Some("denied".to_owned()),
    );
    assert!(matches!(unread, Some(Reading::Unreadable(why)) if why.contains("denied")));
    let asked = prepared.job(Job::RevisionBefore, JobState::Exited(0), &["r1"]);
    assert_eq!(ended(asked, Job::Up, None), None);
}

/// What goes down names the revision, whatever else stands in its command.
#[test]
fn the_way_down_is_told_where_to() {
    use crate::decide::job_request;
    let mut gentle = migration(Compatibility::Breaking, WayDown::Lossless);
    gentle.down_command = Some(
        ["down", "{{ revision }}", "{{ other }}"]
            .map(str::to_owned)
            .to_vec(),
    );
    let plan = |migration: &crate::app::Migration| {
        plan_of(&App {
            migration: Some(migration.clone()),
            ..app()
        })
    };
    let command = |migration: &crate::app::Migration, log: &[&str]| {
        let story = Story::of(plan(migration)).prepared();
        let story = story.job(Job::RevisionBefore, JobState::Exited(0), log);
        let request = job_request(&story.plan, &story.progress, Job::Down)?;
        Some(request.command.join(" "))
    };
    assert_eq!(
        command(&gentle, &["r1"]).as_deref(),
        Some("down r1 {{ other }}")
    );
    assert_eq!(
        command(&gentle, &[]).as_deref(),
        Some("down base {{ other }}")
    );
    gentle.empty_revision = None;
    assert_eq!(
        command(&gentle, &[]),
        None,
        "nobody knows what that is called"
    );
    // Then it is not begun, where a way down was promised.
    let begins = |plan: Plan| {
        let story = Story::of(plan).prepared();
        let story = story.job(Job::RevisionBefore, JobState::Exited(0), &[]);
        row("empty", &story, well, "").found
    };
    let refused = begins(plan(&gentle));
    assert!(
        refused.contains("`empty_revision` does not say"),
        "{refused}"
    );
    gentle.way_down = WayDown::Absent;
    assert_eq!(begins(plan(&gentle)), "act: migrate the database");
}

/// That nobody can tell what a migration changed does not speak against the release; nor is one begun a second time.
#[test]
fn what_cannot_be_read_after_a_migration_is_no_reason_to_return() {
    let denied = |job: Job, story: Story| {
        story.failed(Act::StartJob { job }, FailureKind::Denied, Effect::None)
    };
    let migrated = Story::of(plan_of(&whole_app())).migrated();
    let after = row("after", &denied(Job::RevisionAfter, migrated), well, "").found;
    assert!(
        after.starts_with("find: read the schema's revision"),
        "{after}"
    );
    assert!(after.contains("NeverStarted"), "{after}");
    let breaking = migration(Compatibility::Breaking, WayDown::Lossless);
    let prepared = Story::of(plan_of(&App {
        migration: Some(breaking),
        ..app()
    }));
    let prepared = prepared.prepared();
    let before = row(
        "before",
        &denied(Job::RevisionBefore, prepared.clone()),
        well,
        "",
    )
    .found;
    assert!(before.starts_with("find: back: "), "{before}");
    // A start whose answer was lost is looked up, whatever was read before it.
    let unread = prepared.job(Job::RevisionBefore, JobState::Exited(1), &[]);
    let up = Act::StartJob { job: Job::Up };
    let lost = unread
        .failed(up, FailureKind::Unavailable, Effect::Unknown)
        .later(1);
    check(vec![row("lost", &lost, well, "act: migrate the database")]);
}
