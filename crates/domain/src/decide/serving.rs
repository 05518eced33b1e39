//! Serving: the tasks of a new rollout answer through every target group, and what it replaces drains beside them. Less than
//! complete, which the cloud says only when the last old task has stopped: enough for those that wait for it.

use jiff::Timestamp;

use super::Decision;
use super::follow::follow;
use super::relapse::relapse;
use super::step::{Step, merge};
use super::wave::Forward;
use super::witness::{expected_definition, proof_of};
use crate::ServiceName;
use crate::app::Awaited;
use crate::journal::{Finding, Side};
use crate::observation::{ContainerHealth, Observation, Seen, ServiceView, TaskView};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::Progress;
use crate::survey::Balanced;
use crate::verdict::{Proof, Testimony, WitnessKind};

/// Whether it can be seen that a service serves before its rollout is complete: a load balancer has to say so. Of all others
/// only the rollout's end says that their tasks are healthy.
pub(crate) fn may_serve(service: &ServicePlan, side: Side) -> bool {
    let returns_to_zero = side == Side::Old && service.returns_to_zero();
    service.before.balanced == Balanced::Yes && service.change != Change::Retire && !returns_to_zero
}

/// The finding that a service serves, once.
pub(super) fn serves(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    view: &ServiceView,
    side: Side,
) -> Option<Step> {
    let name = &service.locator.name;
    let waits = view.waits_for_somebody();
    let open = progress.serves_since(name, side).is_none() && may_serve(service, side) && !waits;
    let shifted = view.has_all_requests();
    if !open || !(view.stands_alone() || shifted) {
        return None;
    }
    let mut tasks = seen.tasks.get(name)?.clone();
    let expected = expected_definition(progress, service, side)?;
    if let Seen::Known(tasks) = &mut tasks {
        // What it replaces runs beside it while it bakes, and gets no requests.
        tasks
            .tasks
            .retain(|task| !shifted || &task.definition == expected);
        if !containers_are_healthy(&tasks.tasks, service, side) {
            return None;
        }
    }
    let proof = proof_of(plan, progress, seen, service, side, &tasks)?;
    let proof = serving(proof)?;
    Some(Step::found(Finding::Serves { side, proof }))
}

/// Where the definition has a health check ECS counts a task as healthy only when that confirms as well: it may still be replaced.
fn containers_are_healthy(tasks: &[TaskView], service: &ServicePlan, side: Side) -> bool {
    let mut tasks = tasks.iter();
    !service.definition(side).has_health_check()
        || tasks.all(|task| task.health == ContainerHealth::Healthy)
}

/// What the witnesses other than the rollout's record say, if all of them confirm and the targets are among them.
fn serving(mut proof: Proof) -> Option<Proof> {
    let contradicted = |proof: &Proof| {
        let mut witnesses = proof.witnesses.iter();
        witnesses.any(|one| matches!(one.testimony, Testimony::Contradicts(_)))
    };
    if contradicted(&proof) {
        return None;
    }
    proof
        .witnesses
        .retain(|one| one.kind != WitnessKind::Rollout);
    let balanced = proof
        .witnesses
        .iter()
        .any(|one| one.kind == WitnessKind::Targets);
    (balanced && proof.holds()).then_some(proof)
}

/// Whether those that depend on it may begin.
pub(super) fn lets_others_begin(progress: &Progress, service: &ServicePlan) -> bool {
    let name = &service.locator.name;
    match service.awaited {
        Awaited::Serving => progress.serves_since(name, Side::New).is_some(),
        Awaited::Drained => false,
    }
}

/// What becomes of the services that are not at work now: of those that serve but are not complete, and of those that were
/// proven. A decision only where something happened to them.
pub(super) fn beside(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    at_work: &[ServiceName],
) -> Option<Decision> {
    if let Some(cause) = relapse(plan, progress, seen, now) {
        return Some(Decision::turn_back(cause));
    }
    let others = plan.services.iter();
    let steps = others.filter(|(name, _)| !at_work.contains(name));
    let steps = steps.filter_map(|(_, service)| {
        let facts = Forward {
            plan,
            progress,
            seen,
            now,
            service,
        };
        goes_on(&facts)
    });
    match merge(plan, now, steps.collect::<Vec<_>>()) {
        found @ Decision::Find(_) => Some(found),
        Decision::Act(_) | Decision::Wait(..) | Decision::Finish(_) | Decision::Leave(_) => None,
    }
}

/// The services that serve and are not complete.
pub(crate) fn incomplete(plan: &Plan, progress: &Progress) -> Vec<ServiceName> {
    let open = |name: &&ServiceName| {
        progress.serves_since(name, Side::New).is_some()
            && progress.rollout_ended(name, Side::New).is_none()
    };
    plan.services.keys().filter(open).cloned().collect()
}

/// A service that serves is followed to its rollout's end.
pub(super) fn goes_on(facts: &Forward<'_>) -> Option<Step> {
    let name = &facts.service.locator.name;
    let ended = facts.progress.rollout_ended(name, Side::New);
    facts
        .progress
        .serves_since(name, Side::New)
        .filter(|_| ended.is_none())?;
    let (rollout, since) = facts.progress.rollout(name, Side::New)?;
    Some(follow(facts, rollout, since))
}
