//! What to do next, and why. Pure and total: everything it may know is in its arguments; all branching is here and in
//! the phases below.

mod bake;
mod begin;
mod checks;
mod failing;
mod follow;
mod frontend;
mod migrate;
mod phase;
mod prepare;
mod prove;
mod relapse;
mod retire;
mod succession;
mod wave;
mod witness;

use jiff::Timestamp;

pub(crate) use frontend::{Trouble, moves as frontend_moves, side as frontend_side};
pub use frontend::{expected_files, pointers};
pub use migrate::{job_request, revision};
pub use phase::{Back, Phase, phase};

pub(crate) use begin::STALE_WITHIN;
pub(crate) use failing::{Suspicion, suspicion};
pub(crate) use follow::VISIBLE_WITHIN;
pub(crate) use migrate::run_job;
#[cfg(test)]
pub(crate) use phase::preparations as preparations_of;
pub(crate) use witness::{probe_due, service_proof};

use crate::ServiceName;
use crate::journal::{Act, Cause, Finding, Outcome, Side};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::progress::{Progress, after};
use crate::reason::Reason;
use crate::verdict::Component;

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Do these, concurrently.
    Act(Vec<Act>),
    /// Remember these.
    Find(Vec<Finding>),
    /// Look again at that moment, because of this.
    Wait(Timestamp, Reason),
    /// It is over.
    Finish(Outcome),
}

/// Decides.
#[must_use]
pub fn decide(plan: &Plan, progress: &Progress, seen: &Observation, now: Timestamp) -> Decision {
    match phase(plan, progress) {
        Phase::Prepare => prepare::decide(plan, progress, now),
        Phase::Migrate(job) => migrate::decide(plan, progress, seen, now, job),
        Phase::Wave(wave) => wave::wave(plan, progress, seen, now, wave),
        Phase::Checks => checks::checks(plan, progress, seen, now),
        Phase::Frontend => frontend::publish(plan, progress, seen, now),
        Phase::Retire => retire::retire(plan, progress, seen, now),
        Phase::Bake => bake::bake(plan, progress, seen, now),
        Phase::Record => prepare::record(plan, progress, now),
        Phase::Live => Decision::Finish(live(plan, progress)),
        Phase::Back(back) => crate::rollback::decide(plan, progress, seen, now, &back),
    }
}

fn live(plan: &Plan, progress: &Progress) -> Outcome {
    let proofs = progress.proofs(Side::New);
    let proven = |name: &ServiceName| {
        proofs
            .iter()
            .any(|p| p.component == Component::Service(name.clone()))
    };
    let unproven = plan
        .waves
        .iter()
        .flatten()
        .filter(|name| !proven(name))
        .cloned()
        .collect();
    Outcome::Live { proofs, unproven }
}

impl Decision {
    /// Turn back because of this.
    #[must_use]
    pub fn turn_back(cause: Cause) -> Self {
        Self::Find(vec![Finding::TurnedBack { cause }])
    }

    /// Look again after the plan's polling interval.
    #[must_use]
    pub fn poll(plan: &Plan, now: Timestamp, reason: Reason) -> Self {
        Self::Wait(after(now, plan.policy.poll), reason)
    }
}
