//! Rolling services out wave by wave, proving them, and watching those that are already proven.

use std::time::Duration;

use jiff::Timestamp;

use super::failing::explain;
use super::phase::nothing_to_prove;
use super::witness::probe_name;
use super::{Decision, Suspicion, service_proof, suspicion};
use crate::journal::{Act, Cause, Finding, Side};
use crate::observation::{
    CheckResult, Evidence, Observation, PrimaryState, RolloutStatus, RolloutView, Seen, ServiceView,
};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Testimony, WitnessKind};
use crate::{RolloutHandle, ServiceName};

/// How long the record of an accepted rollout may stay invisible.
const VISIBLE_WITHIN: Duration = Duration::from_secs(120);
/// How long after a lost reply the old state must be seen before it counts as "no effect": reads may be stale.
const STALE_WITHIN: Duration = Duration::from_secs(15);
/// How long witnesses may lag behind the end of a rollout.
const PROVE_WITHIN: Duration = Duration::from_secs(180);

/// One step of one service: what to do or find now, or why to wait.
enum Step {
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
    if let Some(cause) = relapse(plan, progress, seen) {
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
fn gather(plan: &Plan, now: Timestamp, steps: impl Iterator<Item = Step>) -> Decision {
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
    let view = match &seen.services {
        Seen::Known(all) => all.get(name),
        Seen::Unseen(_) => None,
    };
    match progress.rollout(name, Side::New) {
        None => begin(plan, progress, view, now, service),
        Some((rollout, since)) => follow(progress, seen, now, service, rollout, since),
    }
}

/// Starts the rollout, once; after a lost reply looks first.
fn begin(
    plan: &Plan,
    progress: &Progress,
    view: Option<&ServiceView>,
    now: Timestamp,
    service: &ServicePlan,
) -> Step {
    let name = service.locator.name.clone();
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::New,
    };
    let since = match progress.standing(&act, now) {
        Standing::Ready => return Step::Act(act),
        Standing::Later(until, failure) => {
            return Step::Later(
                until,
                Reason::Again {
                    act: act.clone(),
                    failure: failure.clone(),
                },
            );
        }
        Standing::GaveUp(failure) => {
            return Step::Find(vec![turned(Cause::ActFailed {
                act: act.clone(),
                failure: failure.clone(),
            })]);
        }
        Standing::InDoubt(since) => since,
        Standing::Done(..) => {
            return Step::Wait(Reason::RollingOut {
                services: vec![name],
            });
        }
    };
    let Some(view) = view else {
        return Step::Wait(Reason::Looking { act });
    };
    let ours = progress.definition(&Component::Service(name.clone()));
    let before = &service.before;
    if view.primary != before.rollout && Some(&view.primary_definition) == ours {
        let rollout = view.primary.clone();
        return Step::Find(vec![Finding::Adopted {
            service: name,
            side: Side::New,
            rollout,
        }]);
    }
    if view.primary == before.rollout {
        return if now > after(since, STALE_WITHIN) {
            Step::Find(vec![Finding::NoEffect { act }])
        } else {
            Step::Later(after(now, plan.policy.poll), Reason::Looking { act })
        };
    }
    Step::Find(vec![turned(Cause::Superseded {
        service: name,
        runs: view.primary_definition.clone(),
    })])
}

/// Follows our rollout by its handle.
fn follow(
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
    rollout: &RolloutHandle,
    since: Timestamp,
) -> Step {
    let name = &service.locator.name;
    let waiting = || Reason::RollingOut {
        services: vec![name.clone()],
    };
    let view = match &seen.services {
        Seen::Known(all) => all.get(name),
        Seen::Unseen(failure) => {
            let reason = Reason::Unseen {
                what: name.to_string(),
                failure: failure.clone(),
            };
            return overdue(service, now, since, &[failure.to_string()])
                .unwrap_or(Step::Wait(reason));
        }
    };
    let Some((view, followed)) = view.and_then(|view| Some((view, view.followed.as_ref()?))) else {
        return Step::Later(now, Reason::FirstLook);
    };
    let evidence = seen.evidence.get(name).and_then(Seen::known);
    match &followed.status {
        RolloutStatus::Succeeded => Step::Find(vec![Finding::RolloutEnded {
            service: name.clone(),
            side: Side::New,
        }]),
        RolloutStatus::Pending | RolloutStatus::InProgress | RolloutStatus::Other(_) => {
            let doubt = evidence.map_or(Suspicion::None, |evidence| {
                suspicion(name, rollout, evidence)
            });
            match doubt {
                Suspicion::Certain(cause) => Step::Find(vec![turned(cause)]),
                Suspicion::Suspicious(what) => overdue(service, now, since, &view.messages)
                    .unwrap_or(Step::Wait(Reason::Suspicious {
                        service: name.clone(),
                        seen: what,
                    })),
                Suspicion::None => {
                    overdue(service, now, since, &view.messages).unwrap_or(Step::Wait(waiting()))
                }
            }
        }
        RolloutStatus::RollbackRequested
        | RolloutStatus::RollingBack
        | RolloutStatus::RolledBack
        | RolloutStatus::RollbackFailed => {
            Step::Find(vec![turned(rolled_back(name, rollout, followed, evidence))])
        }
        RolloutStatus::Stopping | RolloutStatus::Stopped => Step::Find(vec![turned(stopped(
            progress, view, followed, name, rollout, evidence,
        ))]),
        RolloutStatus::NotVisible if now <= after(since, VISIBLE_WITHIN) => Step::Wait(waiting()),
        RolloutStatus::NotVisible if view.primary_definition == service.before.definition => {
            Step::Find(vec![turned(rolled_back(name, rollout, followed, evidence))])
        }
        RolloutStatus::NotVisible => {
            let runs = view.primary_definition.clone();
            Step::Find(vec![turned(Cause::Superseded {
                service: name.clone(),
                runs,
            })])
        }
    }
}

fn turned(cause: Cause) -> Finding {
    Finding::TurnedBack { cause }
}

fn overdue(
    service: &ServicePlan,
    now: Timestamp,
    since: Timestamp,
    detail: &[String],
) -> Option<Step> {
    (now > after(since, service.timeout)).then(|| {
        let limit_ms = u64::try_from(service.timeout.as_millis()).unwrap_or(u64::MAX);
        let what = format!("the rollout of {}", service.locator.name);
        let detail = detail.iter().take(2).cloned().collect();
        Step::Find(vec![turned(Cause::TimedOut {
            what,
            limit_ms,
            detail,
        })])
    })
}

/// ECS took it back by itself. The tasks' own words are better than its reason, which names no cause.
fn rolled_back(
    name: &ServiceName,
    rollout: &RolloutHandle,
    followed: &RolloutView,
    evidence: Option<&Evidence>,
) -> Cause {
    let mut detail: Vec<String> = followed.reason.iter().cloned().collect();
    if let Some(evidence) = evidence {
        match suspicion(name, rollout, evidence) {
            Suspicion::Certain(cause) => detail.push(cause.to_string()),
            Suspicion::Suspicious(what) => detail.push(what),
            Suspicion::None => detail.extend(explain(evidence)),
        }
    }
    Cause::CloudRolledBack {
        service: name.clone(),
        detail,
    }
}

/// A stopped rollout was either replaced by somebody else's, or given up by a breaker that may not roll back.
fn stopped(
    progress: &Progress,
    view: &ServiceView,
    followed: &RolloutView,
    name: &ServiceName,
    rollout: &RolloutHandle,
    evidence: Option<&Evidence>,
) -> Cause {
    let ours = progress.definition(&Component::Service(name.clone()));
    if &view.primary != rollout || Some(&view.primary_definition) != ours {
        return Cause::Superseded {
            service: name.clone(),
            runs: view.primary_definition.clone(),
        };
    }
    match evidence.map(|evidence| suspicion(name, rollout, evidence)) {
        Some(Suspicion::Certain(cause)) => cause,
        Some(Suspicion::Suspicious(_) | Suspicion::None) | None => {
            let detail = followed
                .reason
                .iter()
                .cloned()
                .chain(evidence.map(explain).unwrap_or_default())
                .collect();
            Cause::CloudStopped {
                service: name.clone(),
                detail,
            }
        }
    }
}

fn prove(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
) -> Step {
    let name = &service.locator.name;
    let Some(proof) = service_proof(plan, progress, seen, service, Side::New) else {
        return Step::Later(now, Reason::FirstLook);
    };
    if proof.holds() {
        return Step::Find(vec![Finding::Proven {
            side: Side::New,
            proof,
        }]);
    }
    if progress.rollout_ended(name, Side::New).is_some()
        && let Some(view) = seen.services.known().and_then(|all| all.get(name))
        && progress
            .rollout(name, Side::New)
            .is_some_and(|(ours, _)| &view.primary != ours)
    {
        let runs = view.primary_definition.clone();
        return Step::Find(vec![turned(Cause::Superseded {
            service: name.clone(),
            runs,
        })]);
    }
    if let Some(step) = probe_step(progress, seen, service, &proof) {
        return step;
    }
    let since = progress
        .rollout_ended(name, Side::New)
        .or(progress.bake_began())
        .or(progress.started_at());
    if since.is_some_and(|since| now > after(since, PROVE_WITHIN.max(service.timeout / 3))) {
        return Step::Find(vec![turned(not_proven(&proof))]);
    }
    let missing = proof.missing().map(ToString::to_string).unwrap_or_default();
    Step::Wait(Reason::Proving {
        component: proof.component,
        missing,
    })
}

/// A probe that was answered wrongly counts as an attempt; after the last one the service is not proven.
fn probe_step(
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    proof: &Proof,
) -> Option<Step> {
    let Some(Seen::Known(CheckResult::Failed(what))) = seen.probes.get(&service.locator.name)
    else {
        return None;
    };
    let name = probe_name(service);
    if progress.check(&name).is_some_and(|last| last.at >= seen.at) {
        return None;
    }
    let attempts = progress.check(&name).map_or(0, |state| state.failures) + 1;
    let last = service
        .probe
        .as_ref()
        .is_none_or(|probe| attempts >= probe.attempts);
    let mut findings = vec![Finding::CheckFailed {
        name,
        seen: what.clone(),
    }];
    if last {
        let probe = proof
            .witnesses
            .iter()
            .find(|w| w.kind == WitnessKind::Probe)?;
        let cause = Cause::NotProven {
            component: proof.component.clone(),
            witness: probe.clone(),
        };
        findings = vec![turned(cause)];
    }
    Some(Step::Find(findings))
}

fn not_proven(proof: &Proof) -> Cause {
    let fallback = || crate::verdict::Witness::silent(WitnessKind::Tasks, "no witness was heard");
    let witness = proof.missing().cloned().unwrap_or_else(fallback);
    Cause::NotProven {
        component: proof.component.clone(),
        witness,
    }
}

/// A service that was proven fails, or is replaced, while the rest of the release goes on.
pub(super) fn relapse(plan: &Plan, progress: &Progress, seen: &Observation) -> Option<Cause> {
    let Seen::Known(views) = &seen.services else {
        return None;
    };
    plan.services.iter().find_map(|(name, service)| {
        let view = views.get(name)?;
        let (ours, _) = progress
            .rollout(name, Side::New)
            .filter(|_| progress.rollout_ended(name, Side::New).is_some())?;
        let fails = seen
            .evidence
            .get(name)
            .and_then(Seen::known)
            .map(|evidence| suspicion(name, ours, evidence));
        if let Some(Suspicion::Certain(cause)) = fails {
            return Some(cause);
        }
        let replaced = &view.primary != ours && service.change != Change::Retire;
        replaced.then(|| match view.primary == service.before.rollout {
            true => Cause::CloudRolledBack {
                service: name.clone(),
                detail: view.messages.iter().take(1).cloned().collect(),
            },
            false => Cause::Superseded {
                service: name.clone(),
                runs: view.primary_definition.clone(),
            },
        })
    })
}

pub(super) fn checks(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    if let Some(cause) = relapse(plan, progress, seen) {
        return Decision::turn_back(cause);
    }
    let (mut passed, mut findings, mut waiting) = (0, Vec::new(), None);
    for check in &plan.checks {
        let failures = progress
            .check(&check.name)
            .map_or(0, |state| state.failures);
        // One look is one attempt, however often it is decided upon.
        let counted = |progress: &Progress| {
            progress
                .check(&check.name)
                .is_some_and(|last| last.at >= seen.at)
        };
        match seen.checks.get(&check.name).filter(|_| !counted(progress)) {
            Some(Seen::Known(CheckResult::Passed(_))) => passed += 1,
            Some(Seen::Known(CheckResult::Failed(what))) => {
                let (name, seen) = (check.name.clone(), what.clone());
                if failures + 1 >= check.attempts {
                    return Decision::turn_back(Cause::CheckFailed { name, seen });
                }
                findings.push(Finding::CheckFailed { name, seen });
            }
            Some(Seen::Unseen(failure)) => {
                let (name, seen) = (check.name.clone(), failure.to_string());
                if failures + 1 >= check.attempts {
                    return Decision::turn_back(Cause::CheckFailed { name, seen });
                }
                findings.push(Finding::CheckFailed { name, seen });
            }
            None => {
                let last = progress.check(&check.name);
                let until = last.map_or(now, |state| after(state.at, check.interval));
                let seen = last.map_or_else(String::new, |state| state.seen.clone());
                waiting = Some((
                    until,
                    Reason::Checking {
                        name: check.name.clone(),
                        seen,
                    },
                ));
            }
        }
    }
    if !findings.is_empty() {
        return Decision::Find(findings);
    }
    match waiting {
        Some((until, reason)) => Decision::Wait(until.min(after(now, plan.policy.poll)), reason),
        None if passed == plan.checks.len() => Decision::Find(vec![Finding::ChecksPassed]),
        None => Decision::Wait(now, Reason::FirstLook),
    }
}

/// Services that leave are scaled to zero, after everything else is live.
pub(super) fn retire(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    if let Some(cause) = relapse(plan, progress, seen) {
        return Decision::turn_back(cause);
    }
    let (mut acts, mut findings, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for name in plan.retired().filter(|name| !progress.retired(name)) {
        let act = Act::RollOut {
            service: name.clone(),
            side: Side::New,
        };
        let view = seen.services.known().and_then(|all| all.get(name));
        match progress.standing(&act, now) {
            Standing::Ready => acts.push(act),
            // Scaling to zero twice is scaling to zero once.
            Standing::InDoubt(_) => acts.push(act),
            Standing::GaveUp(failure) => {
                return Decision::turn_back(Cause::ActFailed {
                    act: act.clone(),
                    failure: failure.clone(),
                });
            }
            Standing::Later(..) | Standing::Done(..) => match view {
                Some(view) if view.desired == 0 && view.running + view.pending == 0 => {
                    findings.push(Finding::Retired {
                        service: name.clone(),
                    });
                }
                Some(_) | None => open.push(name.clone()),
            },
        }
    }
    match (acts.is_empty(), findings.is_empty()) {
        (false, _) => Decision::Act(acts),
        (true, false) => Decision::Find(findings),
        (true, true) => Decision::poll(plan, now, Reason::Retiring { services: open }),
    }
}

/// Watches the finished release, then proves every service once more.
pub(super) fn bake(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    let Some(began) = progress.bake_began() else {
        return Decision::Find(vec![Finding::BakeBegan]);
    };
    if let Some(cause) = relapse(plan, progress, seen) {
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
    gather(
        plan,
        now,
        open.into_iter()
            .map(|service| match prove(plan, progress, seen, now, service) {
                Step::Wait(reason) if fails_for_good(seen, service) => {
                    Step::Find(vec![turned(reason_cause(service, reason))])
                }
                step => step,
            }),
    )
}

/// During the final proof a rollout that is Failed will not complete any more.
fn fails_for_good(seen: &Observation, service: &ServicePlan) -> bool {
    let view = seen
        .services
        .known()
        .and_then(|all| all.get(&service.locator.name));
    view.is_some_and(|view| view.primary_state == PrimaryState::Failed)
}

fn reason_cause(service: &ServicePlan, reason: Reason) -> Cause {
    let witness = crate::verdict::Witness {
        kind: WitnessKind::Rollout,
        testimony: Testimony::Contradicts(reason.to_string()),
    };
    Cause::NotProven {
        component: Component::Service(service.locator.name.clone()),
        witness,
    }
}
