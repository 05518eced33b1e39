//! Services wave by wave: one step for each member, merged into one decision.

use jiff::Timestamp;

use super::Decision;
use super::begin::begin;
use super::follow::follow;
use super::phase::nothing_to_prove;
use super::prove::prove;
use super::serving::beside;
use super::step::{Step, merge};
use crate::ServiceName;
use crate::journal::Side;
use crate::observation::Observation;
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::Progress;
use crate::reason::Reason;
use crate::verdict::Component;

/// All that is known about one service on its way to the new release.
#[derive(Clone, Copy)]
pub(super) struct Forward<'a> {
    pub(super) plan: &'a Plan,
    pub(super) progress: &'a Progress,
    pub(super) seen: &'a Observation,
    pub(super) now: Timestamp,
    pub(super) service: &'a ServicePlan,
}

pub(super) fn wave(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    members: &[ServiceName],
) -> Decision {
    if let Some(decision) = beside(plan, progress, seen, now, members) {
        return decision;
    }
    let steps = members.iter().filter_map(|name| plan.services.get(name));
    let step = |service| {
        forward(&Forward {
            plan,
            progress,
            seen,
            now,
            service,
        })
    };
    merge(plan, now, steps.map(step))
}

fn forward(facts: &Forward<'_>) -> Step {
    let (plan, progress, service) = (facts.plan, facts.progress, facts.service);
    let name = &service.locator.name;
    if progress.proven(Side::New, &Component::Service(name.clone()))
        || nothing_to_prove(plan, progress, name)
    {
        return Step::Settled;
    }
    if service.change == Change::Unchanged || progress.rollout_ended(name, Side::New).is_some() {
        return prove(facts);
    }
    match progress.rollout(name, Side::New) {
        None => begin(facts),
        Some((rollout, since)) => follow(facts, rollout, since),
    }
}

impl Forward<'_> {
    /// Nothing is known that tells more than that.
    pub(super) fn rolling_out(&self) -> Step {
        let services = vec![self.service.locator.name.clone()];
        Step::poll(self.plan, self.now, Reason::RollingOut { services })
    }
}
