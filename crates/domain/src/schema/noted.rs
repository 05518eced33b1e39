//! What one deployment adds to the schema record: made of its plan and its journal, so that it is the same after a crash.

use jiff::Timestamp;

use super::applied::seen;
use super::{Applied, SchemaEntry, Undone, Way};
use crate::decide::{is_at_head, reading};
use crate::journal::{Act, Job, Side};
use crate::observation::JobState;
use crate::plan::{Plan, SchemaRisk};
use crate::progress::Progress;
use crate::verdict::Component;

/// The entries of this deployment as far as its journal goes: one for each migration whose task may have started, from the
/// moment when its start is intended.
#[must_use]
pub fn noted(plan: &Plan, progress: &Progress) -> Vec<SchemaEntry> {
    let entry = |way: Way, job: Job| {
        let intended = progress.job_intended(job)?;
        Some(SchemaEntry {
            end: end(progress, job),
            ..bare(plan, way, Some(intended))
        })
    };
    let own = Undone {
        deployment: Some(plan.deployment.clone()),
        release: plan.release.id.clone(),
    };
    let mut entries = Vec::new();
    if let Some(there) = there_already(plan, progress) {
        entries.push(there);
    }
    if plan.migrates().is_some() {
        entries.extend(entry(Way::Up, Job::Up).map(|entry| SchemaEntry {
            before: reading(progress, Job::RevisionBefore),
            after: reading(progress, Job::RevisionAfter),
            revisions: applied(plan, progress),
            anchor: progress.anchored().cloned(),
            ..entry
        }));
    }
    let down = match plan.migrates_down() {
        Some((migration, to)) => Some((to.clone(), migration.undoes.clone())),
        None => reading(progress, Job::RevisionBefore).map(|to| (to, None)),
    };
    if let Some((to, undoes)) = down {
        let undoes = undoes.unwrap_or(own);
        entries.extend(entry(Way::Down { to, undoes }, Job::Down));
    }
    let accepted = plan
        .migration
        .as_ref()
        .is_some_and(|migration| migration.schema_risk == SchemaRisk::Accepted);
    if accepted && progress.may_have_done(&Act::RecordRelease) {
        entries.push(bare(plan, Way::Accepted, None));
    }
    entries
}

/// The database was where the migration leads before anybody started it: it stands there as if it had run.
fn there_already(plan: &Plan, progress: &Progress) -> Option<SchemaEntry> {
    let proven = progress.proven(Side::New, &Component::Migration);
    let read = reading(progress, Job::RevisionBefore);
    (proven && is_at_head(plan, progress)).then(|| SchemaEntry {
        end: Some(JobState::Exited(0)),
        before: read.clone(),
        after: read,
        revisions: Some(Vec::new()),
        ..bare(plan, Way::Up, None)
    })
}

fn bare(plan: &Plan, way: Way, intended: Option<Timestamp>) -> SchemaEntry {
    SchemaEntry {
        deployment: Some(plan.deployment.clone()),
        release: plan.release.id.clone(),
        version: plan.release.version_of_migration().clone(),
        way,
        migration: plan.release.migration.clone(),
        intended,
        end: None,
        before: None,
        after: None,
        revisions: None,
        anchor: None,
    }
}

/// The revisions that it applied, as they were planned: where it ended well and led elsewhere, nobody knows what it did.
fn applied(plan: &Plan, progress: &Progress) -> Option<Vec<Applied>> {
    let migration = plan.migration.as_ref()?;
    let planned = migration.applies.as_ref()?;
    let ended = progress.job_end(Job::Up).map(|end| &end.state);
    match (ended, reading(progress, Job::RevisionAfter)) {
        (Some(JobState::Exited(0)), Some(after)) => {
            let before = reading(progress, Job::RevisionBefore);
            let before = before.as_ref().or(migration.known_revision.as_ref());
            Some(seen(planned, before, &after))
        }
        _ => Some(planned.clone()),
    }
}

/// An end that nobody saw is none: the task may run still.
fn end(progress: &Progress, job: Job) -> Option<JobState> {
    if !progress.may_have_done(&Act::StartJob { job }) {
        return Some(JobState::NeverStarted("it was not started".to_owned()));
    }
    match progress.job_end(job).map(|end| &end.state) {
        Some(JobState::Running) | None => None,
        Some(ended) => Some(ended.clone()),
    }
}
