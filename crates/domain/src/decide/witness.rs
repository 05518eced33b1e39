//! Hearing the witnesses of a service: the rollout's record, the running tasks, their targets, an HTTP answer.

use jiff::Timestamp;

use super::steady::steady;
use crate::DefinitionRef;
use crate::app::Check;
use crate::journal::Side;
use crate::observation::{
    CheckResult, Observation, PrimaryState, Seen, ServiceView, TargetState, TaskState, TaskView,
    TasksView,
};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::{Progress, after};
use crate::release::Origin;
use crate::verdict::{Component, Proof, Witness, WitnessKind};

/// All witnesses of one service for one side. Nothing when the look did not include them.
pub(crate) fn service_proof(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    side: Side,
) -> Option<Proof> {
    let tasks = seen.tasks.get(&service.locator.name)?;
    proof_of(plan, progress, seen, service, side, tasks)
}

/// The same, by these of its tasks.
pub(super) fn proof_of(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    side: Side,
    tasks: &Seen<TasksView>,
) -> Option<Proof> {
    let name = &service.locator.name;
    let component = Component::Service(name.clone());
    let expected = expected_definition(progress, service, side)?;
    let mut witnesses = vec![match &seen.services {
        Seen::Known(all) => rollout_witness(all.get(name), expected),
        Seen::Unseen(failure) => Witness::unheard(WitnessKind::Rollout, failure),
    }];
    match tasks {
        Seen::Unseen(failure) => {
            witnesses.push(Witness::unheard(WitnessKind::Tasks, failure));
        }
        Seen::Known(tasks) => {
            witnesses.push(tasks_witness(
                tasks,
                expected,
                digest(plan, service, side).as_deref(),
            ));
            witnesses.extend(targets_witness(tasks));
        }
    }
    if service.is_unchecked(side) {
        witnesses.push(steady(progress, seen, service, side));
    }
    if let Some(probe) = probe(service, side, plan) {
        witnesses.push(match seen.probes.get(name) {
            Some(Seen::Known(CheckResult::Passed(what))) => {
                Witness::confirms(WitnessKind::Probe, what)
            }
            Some(Seen::Known(CheckResult::Failed(what) | CheckResult::Unreached(what))) => {
                Witness::contradicts(WitnessKind::Probe, format!("{}: {what}", probe.address()))
            }
            Some(Seen::Unseen(failure)) => Witness::unheard(WitnessKind::Probe, failure),
            None => Witness::silent(WitnessKind::Probe, "not asked yet"),
        });
    }
    Some(Proof {
        component,
        witnesses,
    })
}

/// The probe that counts for one side: the old release is asked only when its version is known.
fn probe<'a>(service: &'a ServicePlan, side: Side, plan: &Plan) -> Option<&'a Check> {
    match (side, &plan.before) {
        (Side::New, _) | (Side::Old, Some(_)) => service.probe.as_ref(),
        (Side::Old, None) => None,
    }
}

/// Whether a service's probe is one of its witnesses on one side.
pub(crate) fn probe_counts(service: &ServicePlan, side: Side, plan: &Plan) -> bool {
    probe(service, side, plan).is_some()
}

/// Whether a service's probe should be sent now: attempts are spaced by its interval.
pub(crate) fn probe_due(
    plan: &Plan,
    progress: &Progress,
    service: &ServicePlan,
    side: Side,
    now: Timestamp,
) -> bool {
    let due = match progress.check(&probe_name(service)) {
        Some(state) => service
            .probe
            .as_ref()
            .is_some_and(|check| now >= after(state.at, check.interval)),
        None => true,
    };
    probe(service, side, plan).is_some() && due
}

/// The name under which a probe's failed attempts are counted.
pub(super) fn probe_name(service: &ServicePlan) -> String {
    format!("probe of {}", service.locator.name)
}

/// What a service's tasks must run to be on one side.
pub(crate) fn expected_definition<'a>(
    progress: &'a Progress,
    service: &'a ServicePlan,
    side: Side,
) -> Option<&'a DefinitionRef> {
    match (side, service.change) {
        (Side::Old, _) | (Side::New, Change::Unchanged) => Some(&service.before.definition),
        (Side::New, Change::Update | Change::Start | Change::Retire) => {
            progress.definition(&Component::Service(service.locator.name.clone()))
        }
    }
}

/// The digest that the tasks' image must have, where the definition pins it.
fn digest(plan: &Plan, service: &ServicePlan, side: Side) -> Option<String> {
    match (side, &service.target) {
        (Side::New, Some(target)) => match plan.release.origin {
            Origin::Assembled => Some(target.image.digest.to_string()),
            // It may have been found by a tag.
            Origin::Found => {
                let pinned = target.image.reference.split_once('@');
                pinned.map(|(_, digest)| digest.to_owned())
            }
        },
        (Side::New, None) => None,
        (Side::Old, target) => {
            let before = &service.before.document;
            let ours = target
                .as_ref()
                .map(|target| target.image.repository.as_str());
            let digest = ours.and_then(|repository| before.digest_of(repository));
            digest.or(before.only_digest()).map(str::to_owned)
        }
    }
}

fn rollout_witness(view: Option<&ServiceView>, expected: &DefinitionRef) -> Witness {
    let kind = WitnessKind::Rollout;
    let Some(view) = view else {
        return Witness::silent(kind, "the service is not visible now");
    };
    let runs = view.primary_definition.short();
    match (&view.primary_definition == expected, view.primary_state) {
        (true, PrimaryState::Completed) => {
            Witness::confirms(kind, format!("{} completed with {runs}", view.primary))
        }
        (true, PrimaryState::InProgress) => {
            Witness::silent(kind, format!("{runs} is still rolling out"))
        }
        (true, PrimaryState::Failed) => {
            Witness::contradicts(kind, format!("the rollout of {runs} failed"))
        }
        (false, _) => Witness::contradicts(
            kind,
            format!("the newest rollout runs {runs}, not {}", expected.short()),
        ),
    }
}

fn tasks_witness(view: &TasksView, expected: &DefinitionRef, digest: Option<&str>) -> Witness {
    let kind = WitnessKind::Tasks;
    let up: Vec<&TaskView> = view
        .tasks
        .iter()
        .filter(|task| task.running == TaskState::Running)
        .collect();
    if view.desired == 0 {
        return Witness::silent(kind, "0 desired tasks: nothing to prove");
    }
    if let Some(other) = up.iter().find(|task| &task.definition != expected) {
        return Witness::contradicts(
            kind,
            format!(
                "task {} runs {}",
                other.task.short(),
                other.definition.short()
            ),
        );
    }
    if let Some(wanted) = digest {
        let differs =
            |task: &&&TaskView| !task.digests.iter().any(|found| found.as_str() == wanted);
        if let Some(other) = up.iter().find(differs) {
            let task = other.task.short();
            return match other.digests.first() {
                Some(found) => {
                    Witness::contradicts(kind, format!("task {task} runs image {}", found.short()))
                }
                // Nothing was seen that speaks against it.
                None => Witness::silent(
                    kind,
                    format!("task {task} does not say which image it runs"),
                ),
            };
        }
    }
    match u32::try_from(up.len()) {
        Ok(count) if count == view.desired => Witness::confirms(
            kind,
            format!("{count}/{} run {}", view.desired, expected.short()),
        ),
        _ => Witness::silent(
            kind,
            format!("{}/{} run {}", up.len(), view.desired, expected.short()),
        ),
    }
}

fn targets_witness(view: &TasksView) -> Option<Witness> {
    let kind = WitnessKind::Targets;
    let up: Vec<&TaskView> = view
        .tasks
        .iter()
        .filter(|task| task.running == TaskState::Running)
        .collect();
    if up.is_empty()
        || up
            .iter()
            .any(|task| task.target == TargetState::NotBalanced)
    {
        return None;
    }
    let unheard = up.iter().find_map(|task| match &task.target {
        TargetState::Unheard(failure) => Some(failure),
        TargetState::Unhealthy(_) | TargetState::Healthy | TargetState::NotBalanced => None,
    });
    if let Some(failure) = unheard {
        return Some(Witness::unheard(kind, failure));
    }
    let bad = up.iter().find_map(|task| match &task.target {
        TargetState::Unhealthy(why) => Some(format!("task {}: {why}", task.task.short())),
        TargetState::Healthy | TargetState::NotBalanced | TargetState::Unheard(_) => None,
    });
    Some(match bad {
        Some(why) => Witness::silent(kind, why),
        None => Witness::confirms(kind, format!("{0}/{0} healthy", up.len())),
    })
}
