//! Where a rollback goes when nobody names a release: never to the release that was newest, whatever differs.

use crate::journal::{Act, Event, Record};
use crate::ledger::{Entry, before_newest, standing};
use crate::plan::{Direction, Plan};
use crate::{DeploymentId, ReleaseId, Version};

/// A deployment that changed something and was neither proven nor taken back: its release, or half of it, is the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// Which.
    pub deployment: DeploymentId,
    /// Where it went.
    pub direction: Direction,
    /// Its release.
    pub release: ReleaseId,
    /// That release's version.
    pub version: Version,
}

/// Where a rollback goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Retreat<'e> {
    /// To this release, whatever runs now: an unrecorded deployment is left, or a rollback goes on.
    To(&'e Entry),
    /// From the newest proven release to the one before it, if there is one and the newest is what runs.
    Past {
        /// The newest proven release.
        newest: &'e Entry,
        /// The one before it.
        before: Option<&'e Entry>,
    },
}

impl Unrecorded {
    /// What a journal tells of its deployment, if it changed something.
    #[must_use]
    pub fn of(records: &[Record]) -> Option<Self> {
        let plan = records.iter().find_map(|record| match &record.event {
            Event::Started { plan, .. } => Some(plan),
            _ => None,
        })?;
        let changed = records.iter().any(|record| match &record.event {
            Event::Intended { act } => changes_what_runs(act),
            _ => false,
        });
        changed.then(|| Self::planned(plan))
    }

    fn planned(plan: &Plan) -> Self {
        Self {
            deployment: plan.deployment.clone(),
            direction: plan.direction,
            release: plan.release.id.clone(),
            version: plan.release.version.clone(),
        }
    }
}

/// Whether something else may run after it. A definition that is registered, a file that nobody is led to and a question do
/// not count.
fn changes_what_runs(act: &Act) -> bool {
    match act {
        Act::RollOut { .. }
        | Act::TurnBack { .. }
        | Act::GoOn { .. }
        | Act::Schedule { .. }
        | Act::Point { .. }
        | Act::Invalidate { .. } => true,
        Act::StartJob { job } => job.changes(),
        Act::Anchor
        | Act::Register { .. }
        | Act::PublishAssets { .. }
        | Act::StopJob { .. }
        | Act::RecordRelease
        | Act::ForgetAnchors => false,
    }
}

/// Where a rollback goes, by the whole ledger, oldest first, and the newest deployment that is not in it. None where no
/// release was ever proven.
#[must_use]
pub fn retreat<'e>(entries: &'e [Entry], unrecorded: Option<&Unrecorded>) -> Option<Retreat<'e>> {
    let newest = *standing(entries).last()?;
    let before = before_newest(entries);
    let Some(left) = unrecorded else {
        return Some(Retreat::Past { newest, before });
    };
    let target = match left.direction {
        // It was to lead there: what it left is known to be bad.
        Direction::Backward => entries
            .iter()
            .rfind(|entry| entry.release.id == left.release),
        Direction::Forward if newest.release.id == left.release => before,
        Direction::Forward => Some(newest),
    };
    target.map(Retreat::To)
}
