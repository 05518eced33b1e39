//! The table of `design.md`, enumerated: compatibility × way down × policy × end of the migration × revisions.

use super::story::{Story, ended};
use super::world::{app, migration, plan_of};
use crate::app::{App, Compatibility, Policy, SchemaDown, WayDown};
use crate::decide::back::{SchemaReturn, schema_return};
use crate::journal::{Act, Job, Stuck};
use crate::observation::JobState;
use crate::ports::{Effect, FailureKind};

const COMPATIBILITY: [Compatibility; 2] = [Compatibility::Compatible, Compatibility::Breaking];
const WAYS_DOWN: [WayDown; 3] = [WayDown::Lossless, WayDown::Lossy, WayDown::Absent];
const POLICIES: [SchemaDown; 2] = [SchemaDown::Lossless, SchemaDown::Never];
/// What the database says after the migration: not asked, as before, another, nothing.
const AFTER: [Option<&str>; 4] = [None, Some("r1"), Some("r2"), Some("no revision at all")];

fn ends() -> [Option<JobState>; 7] {
    [
        None,
        Some(JobState::Exited(0)),
        Some(JobState::Exited(1)),
        Some(JobState::NeverStarted("no".to_owned())),
        Some(JobState::Killed("137".to_owned())),
        Some(JobState::Vanished),
        Some(JobState::Running),
    ]
}

/// The design's words, once more and in another order than the code's.
fn expected(
    breaking: bool,
    can_go_down: bool,
    end: Option<&JobState>,
    before: Option<&str>,
    after: Option<&str>,
) -> SchemaReturn {
    let down = match (can_go_down, before) {
        (false, _) => SchemaReturn::Halt(Stuck::Schema),
        (true, None) => SchemaReturn::Halt(Stuck::SchemaUnknown),
        (true, Some(_)) => SchemaReturn::Needs(Job::Down),
    };
    let runs = || Stuck::MigrationRuns {
        task: "task Up".to_owned(),
    };
    match (breaking, end) {
        (_, None) => SchemaReturn::Needs(Job::Up),
        (_, Some(JobState::NeverStarted(_))) => SchemaReturn::Stays,
        (_, Some(JobState::Running)) => SchemaReturn::Halt(runs()),
        (false, Some(JobState::Exited(0))) => SchemaReturn::Stays,
        (false, Some(_)) if after.is_none() => SchemaReturn::Needs(Job::RevisionAfter),
        (false, Some(_)) => SchemaReturn::Stays,
        (true, Some(JobState::Exited(0))) if before.is_some() && before == after => {
            SchemaReturn::Stays
        }
        (true, Some(JobState::Exited(0))) => down,
        (true, Some(JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished)) => {
            match (before, after) {
                (None, _) | (Some(_), Some("no revision at all")) => {
                    SchemaReturn::Halt(Stuck::SchemaUnknown)
                }
                (Some(_), None) => SchemaReturn::Needs(Job::RevisionAfter),
                (Some(before), Some(after)) if before == after => SchemaReturn::Stays,
                (Some(_), Some(_)) => down,
            }
        }
    }
}

#[test]
fn the_whole_table() {
    let mut rows = 0;
    for compatibility in COMPATIBILITY {
        for way_down in WAYS_DOWN {
            for schema_down in POLICIES {
                let policy = Policy {
                    schema_down,
                    ..Policy::default()
                };
                let migration = Some(migration(compatibility, way_down));
                let plan = plan_of(&App {
                    migration,
                    policy,
                    ..app()
                });
                let lossless = way_down == WayDown::Lossless && schema_down == SchemaDown::Lossless;
                for before in [None, Some("r1")] {
                    for end in ends() {
                        for after in AFTER {
                            let mut story = Story::of(plan.clone()).prepared();
                            if let Some(before) = before {
                                story = story.job(
                                    Job::RevisionBefore,
                                    JobState::Exited(0),
                                    &["INFO", before],
                                );
                            }
                            story = story.done(Act::StartJob { job: Job::Up });
                            if let Some(state) = end.clone() {
                                story = story.find(ended(Job::Up, state, vec![]));
                            }
                            story = story.turned_back();
                            if let Some(after) = after {
                                story =
                                    story.job(Job::RevisionAfter, JobState::Exited(0), &[after]);
                            }
                            let breaking = compatibility == Compatibility::Breaking;
                            assert_eq!(
                                schema_return(&story.plan, &story.progress),
                                expected(breaking, lossless, end.as_ref(), before, after),
                                "{compatibility:?} {way_down:?} {schema_down:?} before {before:?} end {end:?} after {after:?}"
                            );
                            rows += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(rows, 2 * 3 * 2 * 2 * 7 * 4);
}

fn breaking() -> Story {
    let migration = Some(migration(Compatibility::Breaking, WayDown::Lossless));
    let story = Story::of(plan_of(&App { migration, ..app() }));
    story
        .prepared()
        .job(Job::RevisionBefore, JobState::Exited(0), &["r1"])
}

#[test]
fn the_end_of_the_way_down() {
    let migrated = breaking()
        .job(Job::Up, JobState::Exited(0), &[])
        .turned_back();
    let failed = |why: &str| {
        SchemaReturn::Halt(Stuck::SchemaDownFailed {
            why: why.to_owned(),
        })
    };
    let rows = [
        (JobState::Exited(0), SchemaReturn::Stays),
        (JobState::Exited(3), failed("exit code 3")),
        (
            JobState::NeverStarted("no image".to_owned()),
            failed("no image"),
        ),
        (JobState::Killed("137".to_owned()), failed("137")),
        (JobState::Vanished, failed("how its task ended is unknown")),
        (
            JobState::Running,
            failed("its task Down may still be running"),
        ),
    ];
    for (end, expected) in rows {
        let story = migrated.clone().job(Job::Down, end.clone(), &[]);
        assert_eq!(
            schema_return(&story.plan, &story.progress),
            expected,
            "{end:?}"
        );
    }
}

#[test]
fn not_begun_means_untouched_and_a_lost_reply_does_not() {
    let up = || Act::StartJob { job: Job::Up };
    let denied = breaking().failed(up(), FailureKind::Denied, Effect::None);
    let lost_then_denied = breaking()
        .failed(up(), FailureKind::Unavailable, Effect::Unknown)
        .later(1)
        .failed(up(), FailureKind::Denied, Effect::None);
    let stays = |story: &Story| schema_return(&story.plan, &story.progress);
    assert_eq!(stays(&breaking()), SchemaReturn::Stays);
    assert_eq!(stays(&denied), SchemaReturn::Stays);
    assert_eq!(stays(&lost_then_denied), SchemaReturn::Needs(Job::Up));
    let story = lost_then_denied.turned_back();
    let found = story.decide(&story.look());
    assert_eq!(found, "find: migrate the database: Running");
    let state = JobState::Running;
    let story = story.find(ended(Job::Up, state, vec![]));
    let found = story.decide(&story.look());
    assert_eq!(
        found,
        "finish: stuck: the migration's task (started by d-test) may still be running: nothing is taken back before its end is known"
    );
}

/// Whatever a task of this deployment does, nothing is taken back before its end is known.
#[test]
fn every_task_that_may_run_is_waited_for() {
    let start = |job: Job| Act::StartJob { job };
    let fresh = || {
        let migration = Some(migration(Compatibility::Breaking, WayDown::Lossless));
        Story::of(plan_of(&App { migration, ..app() })).prepared()
    };
    let rows = [
        (Job::RevisionBefore, fresh()),
        (Job::Up, breaking()),
        (
            Job::RevisionAfter,
            breaking().job(Job::Up, JobState::Exited(0), &[]),
        ),
        (
            Job::Down,
            breaking()
                .job(Job::Up, JobState::Exited(0), &[])
                .turned_back(),
        ),
    ];
    for (job, story) in rows {
        let needs = |story: &Story| schema_return(&story.plan, &story.progress);
        let lost = story.clone().intend(start(job)).later(1);
        assert_eq!(needs(&lost), SchemaReturn::Needs(job), "{job:?} is lost");
        let runs = story.done(start(job));
        assert_eq!(needs(&runs), SchemaReturn::Needs(job), "{job:?} runs");
    }
}

/// The schema was past what the old code is declared for before this deployment came: what it changed it cannot take back.
#[test]
fn past_the_return_nothing_goes_back() {
    let mut compatible = plan_of(&App {
        migration: Some(migration(Compatibility::Compatible, WayDown::Lossless)),
        ..app()
    });
    let undeclared = |plan: &mut crate::plan::Plan| {
        plan.migration.as_mut().unwrap().undeclared = Some("newer".parse().unwrap());
    };
    let declared = compatible.clone();
    undeclared(&mut compatible);
    let halts = |story: &Story| schema_return(&story.plan, &story.progress);
    let halt = SchemaReturn::Halt(Stuck::Schema);
    let prepared = Story::of(compatible).prepared();
    let migrated = |end| prepared.clone().job(Job::Up, end, &[]);
    let touched = prepared.clone().begun("auth");
    assert_eq!(halts(&prepared), SchemaReturn::Stays);
    assert_eq!(
        halts(&migrated(JobState::NeverStarted("no".to_owned()))),
        SchemaReturn::Stays
    );
    for end in [
        JobState::Exited(0),
        JobState::Exited(1),
        JobState::Killed("137".to_owned()),
        JobState::Vanished,
    ] {
        assert_eq!(halts(&migrated(end.clone())), halt, "{end:?}");
    }
    assert_eq!(halts(&touched), halt);
    let fine = Story::of(declared).prepared().begun("auth");
    assert_eq!(halts(&fine), SchemaReturn::Stays);
}

/// A rollback that lowered the schema, or may have, is not turned round by itself.
#[test]
fn what_was_lowered_stays_lowered() {
    let mut plan = plan_of(&App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        ..app()
    });
    let to = crate::schema::Revision::new("r0");
    plan.migration.as_mut().unwrap().change = crate::plan::MigrationChange::Down(to);
    let story = Story::of(plan.ordered()).prepared();
    let told = |story: &Story| schema_return(&story.plan, &story.progress);
    let ended = |end| story.clone().job(Job::Down, end, &[]);
    let never = JobState::NeverStarted("no".to_owned());
    assert_eq!(told(&story), SchemaReturn::Stays);
    assert_eq!(told(&ended(never)), SchemaReturn::Stays);
    for end in [JobState::Exited(0), JobState::Exited(1), JobState::Running] {
        let halt = SchemaReturn::Halt(Stuck::SchemaLowered);
        assert_eq!(told(&ended(end.clone())), halt, "{end:?}");
    }
}
