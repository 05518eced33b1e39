//! The table of `design.md`: when the schema stays, when it goes down, when a human decides.

use crate::app::Compatibility;
use crate::decide::{data_jobs, is_to_be_read, reading};
use crate::journal::{Act, Job, Stuck};
use crate::observation::JobState;
use crate::plan::{MigrationPlan, Plan, WayBack};
use crate::progress::Progress;
use crate::schema::are_told;

/// What a rollback does about the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaReturn {
    /// Nothing: it was not touched, old code runs on it, or it is back already.
    Stays,
    /// This task comes next.
    Needs(Job),
    /// A human decides.
    Halt(Stuck),
}

/// Judged by facts: whether the migration may have run, how it ended, and what revision the database reports.
#[must_use]
pub fn schema_return(plan: &Plan, progress: &Progress) -> SchemaReturn {
    if let Some(job) = going_on(plan, progress) {
        return SchemaReturn::Needs(job);
    }
    if plan.migrates_down().is_some() {
        return lowered(progress);
    }
    if is_past_return(plan, progress) {
        return SchemaReturn::Halt(Stuck::Schema);
    }
    let Some(migration) = plan.migrates() else {
        return SchemaReturn::Stays;
    };
    if !progress.may_have_done(&Act::StartJob { job: Job::Up }) {
        return SchemaReturn::Stays;
    }
    if let Some(job) = asked_still(plan, progress) {
        let task = task(plan, progress, job);
        return SchemaReturn::Halt(Stuck::MigrationRuns { task });
    }
    match progress.job_end(Job::Up).map(|end| &end.state) {
        Some(JobState::NeverStarted(_)) => SchemaReturn::Stays,
        Some(JobState::Exited(0)) if changed_nothing(plan, progress) => SchemaReturn::Stays,
        Some(JobState::Exited(0)) => match migration.compatibility {
            Compatibility::Compatible => SchemaReturn::Stays,
            Compatibility::Breaking => down(plan, progress),
        },
        None => SchemaReturn::Needs(Job::Up),
        // It may change the schema after the revision was read: no revision decides.
        Some(JobState::Running) => SchemaReturn::Halt(Stuck::MigrationRuns {
            task: task(plan, progress, Job::Up),
        }),
        Some(JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished) => {
            half_way(plan, migration, progress)
        }
    }
}

/// A task of this deployment that may run: nothing is taken back before its end is known, whatever it does. One that reads a
/// revision which decides nothing here is waited for at the end.
fn going_on(plan: &Plan, progress: &Progress) -> Option<Job> {
    [Job::RevisionBefore, Job::Up, Job::RevisionAfter, Job::Down]
        .into_iter()
        .filter(|job| *job != Job::RevisionAfter || !is_to_be_read(plan, progress))
        .chain(data_jobs(plan))
        .find(|job| {
            progress.may_have_done(&Act::StartJob { job: *job }) && progress.job_end(*job).is_none()
        })
}

/// The schema was past what the old code is declared for before this deployment came, which has changed something: whatever its
/// migration did, going back would not make a declared pair of them.
fn is_past_return(plan: &Plan, progress: &Progress) -> bool {
    let migration = plan.migration.as_ref();
    let undeclared = migration.is_some_and(|migration| migration.undeclared.is_some());
    let migrated = || match progress.job_end(Job::Up).map(|end| &end.state) {
        None | Some(JobState::NeverStarted(_) | JobState::Running) => false,
        Some(JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished) => true,
    };
    let touched = || {
        plan.services
            .keys()
            .any(|name| super::was_touched(progress, name))
    };
    undeclared && (migrated() || touched())
}

/// A question to the data that nobody saw answered: it may look at the schema still.
fn asked_still(plan: &Plan, progress: &Progress) -> Option<Job> {
    let runs = |job: &Job| {
        let end = progress.job_end(*job).map(|end| &end.state);
        matches!(end, Some(JobState::Running))
    };
    data_jobs(plan).find(runs)
}

fn changed_nothing(plan: &Plan, progress: &Progress) -> bool {
    let before = reading(progress, Job::RevisionBefore);
    before.is_some() && before == reading(progress, Job::RevisionAfter) && is_told(plan)
}

/// Whether the revision that is read tells of everything that the migration applies.
fn is_told(plan: &Plan) -> bool {
    let migration = plan.migration.as_ref();
    are_told(migration.and_then(|migration| migration.applies.as_deref()))
}

/// A task for people who look at the cloud.
fn task(plan: &Plan, progress: &Progress, job: Job) -> String {
    match progress.task(job) {
        Some((task, _)) => format!("task {}", task.short()),
        None => format!("task (started by {})", plan.deployment),
    }
}

/// A rollback that took the schema down does not bring it up again by itself.
fn lowered(progress: &Progress) -> SchemaReturn {
    if !progress.may_have_done(&Act::StartJob { job: Job::Down }) {
        return SchemaReturn::Stays;
    }
    match progress.job_end(Job::Down).map(|end| &end.state) {
        None => SchemaReturn::Needs(Job::Down),
        Some(JobState::NeverStarted(_)) => SchemaReturn::Stays,
        Some(
            JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished | JobState::Running,
        ) => SchemaReturn::Halt(Stuck::SchemaLowered),
    }
}

/// A migration that failed half way is judged by the revision the database reports, not by hope. One that was declared
/// compatible leaves old code a schema to run on at every revision; what it left is read for later plans.
fn half_way(plan: &Plan, migration: &MigrationPlan, progress: &Progress) -> SchemaReturn {
    let asks = migration.current_command.is_some();
    let asked = progress.job_end(Job::RevisionAfter).is_some();
    let before = reading(progress, Job::RevisionBefore);
    let now = reading(progress, Job::RevisionAfter);
    match (migration.compatibility, before) {
        (Compatibility::Compatible, _) if asks && !asked => SchemaReturn::Needs(Job::RevisionAfter),
        (Compatibility::Compatible, _) => SchemaReturn::Stays,
        (Compatibility::Breaking, None) => SchemaReturn::Halt(Stuck::SchemaUnknown),
        (Compatibility::Breaking, Some(_)) if !asked => SchemaReturn::Needs(Job::RevisionAfter),
        (Compatibility::Breaking, Some(before)) => match now {
            Some(now) if now == before && is_told(plan) => SchemaReturn::Stays,
            Some(now) if now == before => SchemaReturn::Halt(Stuck::SchemaUnknown),
            Some(_) => down(plan, progress),
            None => SchemaReturn::Halt(Stuck::SchemaUnknown),
        },
    }
}

fn down(plan: &Plan, progress: &Progress) -> SchemaReturn {
    match plan.way_back {
        WayBack::Whole | WayBack::UntilMigration | WayBack::UntilServices => {
            return SchemaReturn::Halt(Stuck::Schema);
        }
        WayBack::WithSchemaDown => {}
    }
    if reading(progress, Job::RevisionBefore).is_none() {
        return SchemaReturn::Halt(Stuck::SchemaUnknown);
    }
    let failed = |why: String| SchemaReturn::Halt(Stuck::SchemaDownFailed { why });
    match progress.job_end(Job::Down).map(|end| &end.state) {
        None => SchemaReturn::Needs(Job::Down),
        Some(JobState::Exited(0)) => SchemaReturn::Stays,
        Some(JobState::Exited(code)) => failed(format!("exit code {code}")),
        Some(JobState::NeverStarted(why) | JobState::Killed(why)) => failed(why.clone()),
        Some(JobState::Vanished) => failed("how its task ended is unknown".to_owned()),
        Some(JobState::Running) => failed(format!(
            "its {} may still be running",
            task(plan, progress, Job::Down)
        )),
    }
}
