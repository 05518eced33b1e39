//! The revision of a database whose migration is done, read again beside what goes on. Later plans go by it; nothing of this deployment
//! does, where the code that runs now can live with the schema whatever is read.

use jiff::Timestamp;

use super::{Decision, migrate};
use crate::journal::Job;
use crate::observation::{JobState, Observation};
use crate::plan::Plan;
use crate::progress::Progress;

/// Whether it is still to be read, forward or on the way back.
#[must_use]
pub(crate) fn is_to_be_read(plan: &Plan, progress: &Progress) -> bool {
    let up = progress.job_end(Job::Up).map(|end| &end.state);
    let migrated = matches!(up, Some(JobState::Exited(0)));
    let read = progress.job_end(Job::RevisionAfter).is_some();
    plan.reads_while_watching() && migrated && !read
}

/// What the reading needs now, if it is still to be done.
pub(super) fn reread(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Option<Decision> {
    is_to_be_read(plan, progress)
        .then(|| migrate::decide(plan, progress, seen, now, Job::RevisionAfter))
}
