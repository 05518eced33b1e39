//! Services wave by wave: one step for each member, merged into one decision.

use jiff::Timestamp;

use super::Decision;
use super::begin::begin;
use super::follow::follow;
use super::phase::nothing_to_prove;
use super::prove::prove;
use super::relapse::relapse;
use crate::journal::{Act, Cause, Finding, Side};
use crate::observation::Observation;
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::{Progress, after};
use crate::reason::Reason;
use crate::verdict::Component;

/// One step of one service: what to do or find now, or why to wait.
pub(super) enum Step {
    Act(Act),
    Find(Vec<Finding>),
    Wait(Reason),
    Later(Timestamp, Reason),
    Settled,
}

pub(super) fn wave(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    wave: usize,
) -> Decision {
    if let Some(cause) = relapse(plan, progress, seen, now) {
        return Decision::turn_back(cause);
    }
    let members = plan
        .waves
        .get(wave)
        .into_iter()
        .flatten()
        .filter_map(|name| plan.services.get(name));
    gather(
        plan,
        now,
        members.map(|service| forward(plan, progress, seen, now, service)),
    )
}

/// Merges the steps of all members: findings first, then acts, then the most telling reason to wait.
pub(super) fn gather(plan: &Plan, now: Timestamp, steps: impl Iterator<Item = Step>) -> Decision {
    let (mut acts, mut findings, mut reasons, mut later) =
        (Vec::new(), Vec::new(), Vec::new(), None);
    for step in steps {
        match step {
            Step::Act(act) => acts.push(act),
            Step::Find(found) => findings.extend(found),
            Step::Wait(reason) => reasons.push(reason),
            Step::Later(until, reason) => {
                later = Some(later.map_or(until, |earliest: Timestamp| earliest.min(until)));
                reasons.push(reason);
            }
            Step::Settled => {}
        }
    }
    if findings
        .iter()
        .any(|f| matches!(f, Finding::TurnedBack { .. }))
    {
        findings.retain(|f| !matches!(f, Finding::Proven { .. }));
        let first = findings
            .iter()
            .position(|f| matches!(f, Finding::TurnedBack { .. }))
            .unwrap_or(0);
        return Decision::Find(vec![findings.swap_remove(first)]);
    }
    if !findings.is_empty() {
        return Decision::Find(findings);
    }
    if !acts.is_empty() {
        return Decision::Act(acts);
    }
    let poll = after(now, plan.policy.poll);
    Decision::Wait(later.map_or(poll, |until| until.min(poll)), merged(reasons))
}

/// Several services rolling out are one reason; anything else is more telling than that.
fn merged(reasons: Vec<Reason>) -> Reason {
    let mut names = Vec::new();
    for reason in reasons {
        match reason {
            Reason::RollingOut { services } => names.extend(services),
            other => return other,
        }
    }
    if names.is_empty() {
        Reason::FirstLook
    } else {
        Reason::RollingOut { services: names }
    }
}

fn forward(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
) -> Step {
    let name = &service.locator.name;
    if progress.proven(Side::New, &Component::Service(name.clone()))
        || nothing_to_prove(plan, progress, name)
    {
        return Step::Settled;
    }
    if service.change == Change::Unchanged || progress.rollout_ended(name, Side::New).is_some() {
        return prove(plan, progress, seen, now, service);
    }
    match progress.rollout(name, Side::New) {
        None => begin(plan, progress, seen, now, service),
        Some((rollout, since)) => follow(progress, seen, now, service, rollout, since),
    }
}

pub(super) fn turned(cause: Cause) -> Finding {
    Finding::TurnedBack { cause }
}
