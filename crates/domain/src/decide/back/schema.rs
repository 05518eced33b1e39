//! The table of `design.md`: when the schema stays, when it goes down, when a human decides.

use crate::app::Compatibility;
use crate::decide::revision;
use crate::journal::{Act, Job, Stuck};
use crate::observation::JobState;
use crate::plan::{Plan, WayBack};
use crate::progress::Progress;

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
    if plan.migrates_down().is_some() {
        return lowered(progress);
    }
    let Some(migration) = plan.migrates() else {
        return SchemaReturn::Stays;
    };
    if !progress.may_have_done(&Act::StartJob { job: Job::Up }) {
        return SchemaReturn::Stays;
    }
    match migration.compatibility {
        Compatibility::Compatible => return SchemaReturn::Stays,
        Compatibility::Breaking => {}
    }
    match progress.job_end(Job::Up).map(|end| &end.state) {
        Some(JobState::NeverStarted(_)) => SchemaReturn::Stays,
        Some(JobState::Exited(0)) => down(plan, progress),
        None => SchemaReturn::Needs(Job::Up),
        // It may change the schema after the revision was read: no revision decides.
        Some(JobState::Running) => SchemaReturn::Halt(Stuck::SchemaUnknown),
        Some(JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished) => {
            half_way(plan, progress)
        }
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

/// A migration that failed half way is judged by the revision the database reports, not by hope.
fn half_way(plan: &Plan, progress: &Progress) -> SchemaReturn {
    let Some(before) = revision(progress, Job::RevisionBefore) else {
        return SchemaReturn::Halt(Stuck::SchemaUnknown);
    };
    if progress.job_end(Job::RevisionAfter).is_none() {
        return SchemaReturn::Needs(Job::RevisionAfter);
    }
    match revision(progress, Job::RevisionAfter) {
        Some(now) if now == before => SchemaReturn::Stays,
        Some(_) => down(plan, progress),
        None => SchemaReturn::Halt(Stuck::SchemaUnknown),
    }
}

fn down(plan: &Plan, progress: &Progress) -> SchemaReturn {
    match plan.way_back {
        WayBack::Whole | WayBack::UntilMigration => return SchemaReturn::Halt(Stuck::Schema),
        WayBack::WithSchemaDown => {}
    }
    if revision(progress, Job::RevisionBefore).is_none() {
        return SchemaReturn::Halt(Stuck::SchemaUnknown);
    }
    match progress.job_end(Job::Down).map(|end| &end.state) {
        None => SchemaReturn::Needs(Job::Down),
        Some(JobState::Exited(0)) => SchemaReturn::Stays,
        Some(JobState::Exited(code)) => SchemaReturn::Halt(Stuck::SchemaDownFailed {
            why: format!("exit code {code}"),
        }),
        Some(JobState::NeverStarted(why) | JobState::Killed(why)) => {
            SchemaReturn::Halt(Stuck::SchemaDownFailed { why: why.clone() })
        }
        Some(JobState::Vanished | JobState::Running) => {
            SchemaReturn::Halt(Stuck::SchemaDownFailed {
                why: "how its task ended is unknown".to_owned(),
            })
        }
    }
}
