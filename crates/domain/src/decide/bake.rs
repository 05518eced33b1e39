//! Watching the finished release, then proving every service once more.

use jiff::Timestamp;

use super::Decision;
use super::phase::nothing_to_prove;
use super::prove::prove;
use super::relapse::relapse;
use super::step::{Step, merge};
use super::wave::Forward;
use crate::journal::{Cause, Finding, Side};
use crate::observation::{Observation, PrimaryState};
use crate::plan::{Plan, ServicePlan};
use crate::progress::{Progress, after};
use crate::reason::Reason;
use crate::verdict::{Component, Testimony, Witness, WitnessKind};

pub(super) fn bake(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    let Some(began) = progress.bake_began() else {
        return Decision::Find(vec![Finding::BakeBegan]);
    };
    if let Some(cause) = relapse(plan, progress, seen, now) {
        return Decision::turn_back(cause);
    }
    let ends = after(began, plan.policy.bake);
    if now < ends {
        let poll = after(now, plan.policy.poll);
        return Decision::Wait(poll.min(ends), Reason::Baking);
    }
    let running = plan
        .waves
        .iter()
        .flatten()
        .filter_map(|name| plan.services.get(name));
    let open: Vec<&ServicePlan> = running
        .filter(|service| {
            let name = &service.locator.name;
            progress
                .proof(Side::New, &Component::Service(name.clone()))
                .is_none()
                && !nothing_to_prove(plan, progress, name)
        })
        .collect();
    if open.is_empty() {
        return Decision::Find(vec![Finding::BakeEnded]);
    }
    let last = |service| {
        let facts = Forward {
            plan,
            progress,
            seen,
            now,
            service,
        };
        match prove(&facts) {
            Step::Wait(_, reason) if fails_for_good(seen, service) => {
                Step::turn_back(reason_cause(service, &reason))
            }
            step => step,
        }
    };
    merge(plan, now, open.into_iter().map(last))
}

/// During the final proof a rollout that is Failed will not complete any more.
fn fails_for_good(seen: &Observation, service: &ServicePlan) -> bool {
    let view = seen
        .services
        .known()
        .and_then(|all| all.get(&service.locator.name));
    view.is_some_and(|view| view.primary_state == PrimaryState::Failed)
}

fn reason_cause(service: &ServicePlan, reason: &Reason) -> Cause {
    let witness = Witness {
        kind: WitnessKind::Rollout,
        testimony: Testimony::Contradicts(reason.to_string()),
    };
    Cause::NotProven {
        component: Component::Service(service.locator.name.clone()),
        witness,
    }
}
