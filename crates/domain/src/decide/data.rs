//! What surrounds a migration's own task: a database that is on the last revision already has nothing to migrate, and the data is
//! asked questions afterwards.

use super::migrate::{how, reading};
use super::telling::telling;
use crate::app::DataCheck;
use crate::journal::{Cause, Job};
use crate::observation::JobState;
use crate::plan::{MigrationPlan, Plan};
use crate::progress::Progress;
use crate::verdict::{Witness, WitnessKind};

/// Whether the files and the record say that there is nothing to apply: then the database is asked before its task is started.
pub(super) fn may_be_at_head(migration: &MigrationPlan) -> bool {
    let nothing = migration.applies.as_ref().is_some_and(Vec::is_empty);
    nothing && migration.head.is_some() && migration.current_command.is_some()
}

/// The database said that it is on the last revision of the files: its task is not started at all.
#[must_use]
pub(crate) fn is_at_head(plan: &Plan, progress: &Progress) -> bool {
    let head = plan.migrates().and_then(|one| one.head.as_ref());
    let read = reading(progress, Job::RevisionBefore);
    head.zip(read)
        .is_some_and(|(head, read)| head.is_same(&read))
        && progress.job_end(Job::Up).is_none()
        && progress.task(Job::Up).is_none()
}

/// Nothing was to be applied, so no anchor was made; and the database is not where it was said to be.
pub(super) fn is_elsewhere_without_anchor(plan: &Plan, progress: &Progress) -> Option<String> {
    let migration = plan.migrates()?;
    let open = may_be_at_head(migration) && !is_at_head(plan, progress);
    let unanchored = migration.anchor.is_some() && plan.anchors().is_none();
    let read = progress.job_end(Job::RevisionBefore)?;
    let found = match reading(progress, Job::RevisionBefore) {
        Some(revision) => format!("the database is on {revision}"),
        None => format!("its revision could not be read ({})", how(&read.state)),
    };
    let head = migration.head.as_ref()?;
    (open && unanchored).then(|| {
        format!(
            "not begun: {found}, not on {head} as the schema record says, and no anchor was made for that"
        )
    })
}

/// The checks that are asked after a migration up.
fn checks(plan: &Plan) -> impl Iterator<Item = (Job, &DataCheck)> {
    let checks = plan.migrates().map(|migration| migration.checks.as_slice());
    (0..).map(Job::Check).zip(checks.unwrap_or_default())
}

/// The jobs that ask.
pub(crate) fn jobs(plan: &Plan) -> impl Iterator<Item = Job> {
    checks(plan).map(|(job, _)| job)
}

/// The first that has not been asked to its end.
pub(super) fn open(plan: &Plan, progress: &Progress) -> Option<Job> {
    jobs(plan).find(|job| progress.job_end(*job).is_none())
}

/// The check that a job is.
#[must_use]
pub fn data_check(plan: &Plan, job: Job) -> Option<&DataCheck> {
    let mut all = checks(plan);
    all.find(|(one, _)| *one == job).map(|(_, check)| check)
}

/// What the first one that failed says.
pub(super) fn failed(plan: &Plan, progress: &Progress) -> Option<Cause> {
    checks(plan).find_map(|(job, check)| {
        let end = progress.job_end(job)?;
        let failed = end.state != JobState::Exited(0);
        failed.then(|| Cause::MigrationFailed {
            why: format!("data check `{}`: {}", check.name, how(&end.state)),
            log: telling(&end.log),
        })
    })
}

/// Each that passed is a witness of the migration.
pub(super) fn witnesses(plan: &Plan) -> impl Iterator<Item = Witness> {
    checks(plan).map(|(_, check)| {
        let seen = format!("`{}` ended with exit code 0", check.name);
        Witness::confirms(WitnessKind::Data, seen)
    })
}
