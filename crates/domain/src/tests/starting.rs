//! Around the migration's task: who else runs, whether the cloud still knows it, what it printed, where it goes down to.

use super::story::{Story, check, row, unseen, well};
use super::world::{app, migration, plan_of, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::journal::{Act, Finding, Job};
use crate::observation::{JobState, JobView, Observation, Seen};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::schema::Revision;

const THROTTLED: FailureKind = FailureKind::Throttled;

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
    let breaking = migration(Compatibility::Breaking, WayDown::Lossless);
    let prepared = Story::of(plan_of(&App {
        migration: Some(breaking),
        ..app()
    }));
    let prepared = prepared.prepared();
    let migrated = prepared
        .clone()
        .job(Job::RevisionBefore, JobState::Exited(0), &["r1"])
        .job(Job::Up, JobState::Exited(0), &[]);
    let after = row("after", &denied(Job::RevisionAfter, migrated), well, "").found;
    assert!(
        after.starts_with("find: read the schema's revision"),
        "{after}"
    );
    assert!(after.contains("NeverStarted"), "{after}");
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
