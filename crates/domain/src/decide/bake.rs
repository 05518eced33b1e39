//! Watching the finished release, then proving every service once more.

use jiff::Timestamp;

use super::Decision;
use super::phase::nothing_to_prove;
use super::prove::prove;
use super::rereading::reread;
use super::serving::{beside, goes_on};
use super::step::{Step, merge};
use super::wave::Forward;
use crate::journal::{Cause, Finding};
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
    if let Some(decision) = beside(plan, progress, seen, now, &[]) {
        return decision;
    }
    let reading = reread(plan, progress, seen, now);
    if let Some(decision @ (Decision::Act(_) | Decision::Find(_))) = reading {
        return decision;
    }
    let ends = after(began, plan.policy.bake);
    if now < ends {
        let poll = after(now, plan.policy.poll);
        return Decision::Wait(poll.min(ends), Reason::Baking);
    }
    let facts = |service| Forward {
        plan,
        progress,
        seen,
        now,
        service,
    };
    // What serves, but is not complete, holds the end of the watch up. Until then nobody's proof is due.
    let open = plan.services.values().map(facts);
    let open: Vec<Step> = open.filter_map(|facts| goes_on(&facts)).collect();
    if !open.is_empty() {
        return merge(plan, now, open);
    }
    if let Some(decision) = reading {
        return decision;
    }
    let all = plan.waves.iter().flatten();
    let all = all.filter(|name| !nothing_to_prove(plan, progress, name));
    let last = |service| match prove(&facts(service)) {
        Step::Wait(_, reason) if fails_for_good(seen, service) => {
            Step::turn_back(reason_cause(service, &reason))
        }
        step => step,
    };
    let steps: Vec<Step> = all
        .filter_map(|name| plan.services.get(name))
        .map(last)
        .collect();
    merge(plan, now, ended(steps))
}

/// What ends the watch is one look in which every service is proven: a service that was proven a look ago may have fallen
/// while another one was waited for.
fn ended(steps: Vec<Step>) -> Vec<Step> {
    let proven = |step: &Step| match step {
        Step::Find(found) => found
            .iter()
            .all(|one| matches!(one, Finding::Proven { .. })),
        Step::Settled => true,
        Step::Act(_) | Step::Wait(..) => false,
    };
    if steps.iter().all(proven) {
        let end = Step::found(Finding::BakeEnded);
        return steps.into_iter().chain([end]).collect();
    }
    steps.into_iter().filter(|step| !proven(step)).collect()
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
