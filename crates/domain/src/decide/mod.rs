//! What to do next, and why. Pure and total: everything it may know is in its arguments; all branching is here and in
//! the phases below.

mod anchor;
mod arriving;
mod away;
pub mod back;
mod bake;
mod begin;
mod checks;
mod data;
pub(crate) mod failing;
mod follow;
mod frontend;
mod look;
mod migrate;
mod phase;
mod prepare;
mod prove;
mod relapse;
mod request;
mod rereading;
mod retire;
mod schedules;
mod serving;
mod steady;
mod step;
mod succession;
mod telling;
mod wave;
mod witness;

use jiff::Timestamp;

pub(crate) use anchor::{anchor_request, outlived};
pub use away::Away;
pub use back::Back;
pub(crate) use back::open as open_on_the_way_back;
pub use data::data_check;
pub(crate) use data::{is_at_head, jobs as data_jobs};
pub(crate) use frontend::{
    Of as FrontendOf, forgotten as frontend_forgotten, is_pointed as frontend_pointed,
    moves as frontend_moves,
};
pub use frontend::{expected_files, forgets, pointers};
pub use migrate::reading;
pub(crate) use migrate::{asks_who_runs, time_limit};
pub use phase::{Phase, phase};
pub use request::job_request;
pub(crate) use rereading::is_to_be_read;
pub(crate) use schedules::{starts as job_starts, witness as schedule_witness};

pub(crate) use phase::{acts_of, next_job};
pub(crate) use serving::{incomplete, may_serve};
pub(crate) use witness::{expected_definition, probe_counts, probe_due, service_proof};

use crate::ServiceName;
use crate::journal::{Act, Cause, Finding, Outcome, Side};
use crate::observation::Observation;
use crate::plan::{Plan, What};
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
    Finish(Box<Outcome>),
    /// Leave the rest to another process: this one has trouble of its own.
    Leave(Away),
}

/// Decides.
#[must_use]
pub fn decide(plan: &Plan, progress: &Progress, seen: &Observation, now: Timestamp) -> Decision {
    if let Some(decision) = away::away(plan, progress, seen, now) {
        return decision;
    }
    let what = match phase(plan, progress) {
        Phase::Live => return Decision::finish(live(plan, progress)),
        Phase::Back(back) => return back::decide(plan, progress, seen, now, &back),
        Phase::Step(what) => what,
    };
    match &what {
        What::Anchor => anchor::anchor(plan, progress, seen, now),
        What::ForgetAnchors => anchor::forget(progress, now),
        What::Register(_) | What::Assets => prepare::prepare(&acts_of(plan, &what), progress, now),
        What::Migrate => {
            let job = next_job(plan, progress);
            migrate::decide(plan, progress, seen, now, job)
        }
        What::Services(members) => wave::wave(plan, progress, seen, now, members),
        What::Checks => checks::checks(plan, progress, seen, now),
        What::Schedules(jobs) => schedules::schedules(plan, progress, seen, now, jobs),
        What::Frontend => frontend::publish(plan, progress, seen, now),
        What::Retire(leaving) => retire::retire(plan, progress, seen, now, leaving),
        What::Bake => bake::bake(plan, progress, seen, now),
        What::Record => arriving::arriving(plan, progress, now)
            .unwrap_or_else(|| prepare::record(plan, progress, seen, now)),
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
    /// It is over, like this.
    #[must_use]
    pub fn finish(outcome: Outcome) -> Self {
        Self::Finish(Box::new(outcome))
    }

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
