//! Bringing services back to what they ran before, whatever state the deployment, ECS or somebody else left them in.

use std::time::Duration;

use jiff::Timestamp;

use crate::ServiceName;
use crate::decide::{Decision, Suspicion, service_proof, suspicion};
use crate::journal::{Act, Finding, Side};
use crate::observation::{Observation, PrimaryState, RolloutStatus, Seen, ServiceView};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Testimony, WitnessKind};

/// How long after a lost reply the old state must be seen before it counts as "no effect": reads may be stale.
const STALE_WITHIN: Duration = Duration::from_secs(15);

enum Step {
    Act(Act),
    Find(Finding),
    Wait(Timestamp, Reason),
}

/// One step for every service of a wave that is not back yet.
pub(super) fn return_all(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    names: &[ServiceName],
) -> Decision {
    let (mut acts, mut findings, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for service in names.iter().filter_map(|name| plan.services.get(name)) {
        match return_one(plan, progress, seen, now, service) {
            Step::Act(act) => acts.push(act),
            Step::Find(finding) => findings.push(finding),
            Step::Wait(until, reason) => waits.push((until, reason)),
        }
    }
    if !findings.is_empty() {
        return Decision::Find(findings);
    }
    if !acts.is_empty() {
        return Decision::Act(acts);
    }
    let until = waits.iter().map(|(until, _)| *until).min().unwrap_or(now);
    let returning: Vec<ServiceName> = names.to_vec();
    let special = waits
        .into_iter()
        .map(|(_, reason)| reason)
        .find(|r| !matches!(r, Reason::Returning { .. }));
    Decision::Wait(
        until,
        special.unwrap_or(Reason::Returning {
            services: returning,
        }),
    )
}

fn return_one(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
) -> Step {
    let name = &service.locator.name;
    let poll = after(now, plan.policy.poll);
    let wait = || {
        Step::Wait(
            poll,
            Reason::Returning {
                services: vec![name.clone()],
            },
        )
    };
    let view = match &seen.services {
        Seen::Known(all) => match all.get(name) {
            Some(view) => view,
            None => return Step::Wait(now, Reason::FirstLook),
        },
        Seen::Unseen(failure) => {
            let reason = Reason::Unseen {
                what: name.to_string(),
                failure: failure.clone(),
            };
            return overdue(progress, now, service, &failure.to_string())
                .unwrap_or(Step::Wait(poll, reason));
        }
    };
    if let Some((_, since)) = progress.rollout(name, Side::Old) {
        return returning(plan, progress, seen, now, service, view, since);
    }
    if !progress.may_have_done(&Act::RollOut {
        service: name.clone(),
        side: Side::New,
    }) {
        return at_home(plan, progress, seen, now, service, view).unwrap_or_else(wait);
    }
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::New,
    };
    match progress.rollout(name, Side::New) {
        None => in_doubt(plan, progress, now, service, view, act),
        Some(_) => undo(plan, progress, seen, now, service, view),
    }
}

/// The reply to our UpdateService was lost: look what it did.
fn in_doubt(
    plan: &Plan,
    progress: &Progress,
    now: Timestamp,
    service: &ServicePlan,
    view: &ServiceView,
    act: Act,
) -> Step {
    let name = service.locator.name.clone();
    let ours = progress.definition(&Component::Service(name.clone()));
    if view.primary == service.before.rollout {
        return match progress.standing(&act, now) {
            Standing::InDoubt(since) if now <= after(since, STALE_WITHIN) => {
                Step::Wait(after(now, plan.policy.poll), Reason::Looking { act })
            }
            Standing::InDoubt(_)
            | Standing::Ready
            | Standing::Later(..)
            | Standing::Done(..)
            | Standing::GaveUp(_) => Step::Find(Finding::NoEffect { act }),
        };
    }
    if Some(&view.primary_definition) == ours {
        return Step::Find(Finding::Adopted {
            service: name,
            side: Side::New,
            rollout: view.primary.clone(),
        });
    }
    left_alone(service, view)
}

fn left_alone(service: &ServicePlan, view: &ServiceView) -> Step {
    Step::Find(Finding::LeftAlone {
        service: service.locator.name.clone(),
        runs: view.primary_definition.clone(),
    })
}

/// Our rollout began. What undoes it depends on how far it came.
fn undo(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
    view: &ServiceView,
) -> Step {
    let name = &service.locator.name;
    let wait = || {
        Step::Wait(
            after(now, plan.policy.poll),
            Reason::Returning {
                services: vec![name.clone()],
            },
        )
    };
    let back_home = view.primary_definition == service.before.definition
        && (progress.definition(&Component::Service(name.clone()))
            != Some(&service.before.definition)
            || view.primary == service.before.rollout);
    let status = match view.followed.as_ref().map(|followed| &followed.status) {
        // A service that leaves has no rollout of ours to undo, only its desired count.
        None | Some(_) if service.change == Change::Retire => &RolloutStatus::Succeeded,
        Some(status) => status,
        None => {
            return if back_home {
                settle_home(plan, progress, seen, now, service, view)
            } else {
                roll_back(progress, now, service)
            };
        }
    };
    match status {
        RolloutStatus::Pending | RolloutStatus::InProgress | RolloutStatus::Other(_) => {
            // ECS would return to the old definition with the new number of tasks.
            if service.before.returns_to() == 0 {
                return roll_back(progress, now, service);
            }
            let act = Act::TurnBack {
                service: name.clone(),
            };
            match progress.standing(&act, now) {
                Standing::Ready => Step::Act(act),
                Standing::Later(until, failure) => Step::Wait(
                    until,
                    Reason::Again {
                        act: act.clone(),
                        failure: failure.clone(),
                    },
                ),
                // Asked for, but the record does not show it: a lost reply, or a read that lags. Ask once more.
                Standing::InDoubt(since) if now > after(since, STALE_WITHIN) => Step::Act(act),
                Standing::InDoubt(_) => {
                    Step::Wait(after(now, plan.policy.poll), Reason::Looking { act })
                }
                Standing::Done(since, _) if now > after(since, Duration::from_secs(60)) => {
                    roll_back(progress, now, service)
                }
                Standing::Done(..) => wait(),
                Standing::GaveUp(_) => roll_back(progress, now, service),
            }
        }
        RolloutStatus::RollbackRequested | RolloutStatus::RollingBack => {
            overdue(progress, now, service, "ECS is still rolling it back").unwrap_or_else(wait)
        }
        RolloutStatus::RolledBack | RolloutStatus::NotVisible if back_home => {
            settle_home(plan, progress, seen, now, service, view)
        }
        RolloutStatus::Stopping | RolloutStatus::Stopped if back_home => {
            settle_home(plan, progress, seen, now, service, view)
        }
        RolloutStatus::Stopping => wait(),
        RolloutStatus::RolledBack
        | RolloutStatus::Succeeded
        | RolloutStatus::Stopped
        | RolloutStatus::RollbackFailed
        | RolloutStatus::NotVisible => {
            let ours = progress.definition(&Component::Service(name.clone()));
            let foreign = service.change != Change::Retire
                && !back_home
                && Some(&view.primary_definition) != ours;
            if foreign {
                left_alone(service, view)
            } else {
                roll_back(progress, now, service)
            }
        }
    }
}

fn roll_back(progress: &Progress, now: Timestamp, service: &ServicePlan) -> Step {
    let name = service.locator.name.clone();
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::Old,
    };
    match progress.standing(&act, now) {
        Standing::Ready => Step::Act(act),
        Standing::Later(until, failure) => Step::Wait(
            until,
            Reason::Again {
                act: act.clone(),
                failure: failure.clone(),
            },
        ),
        // The old definition again, without force: where the lost call took effect this changes nothing.
        Standing::InDoubt(since) if now > after(since, STALE_WITHIN) => Step::Act(act),
        Standing::InDoubt(since) => Step::Wait(after(since, STALE_WITHIN), Reason::Looking { act }),
        Standing::Done(..) => Step::Wait(now, Reason::FirstLook),
        Standing::GaveUp(failure) => Step::Find(Finding::CannotReturn {
            service: name,
            why: failure.to_string(),
        }),
    }
}

/// Our way back goes on.
fn returning(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
    view: &ServiceView,
    since: Timestamp,
) -> Step {
    let name = &service.locator.name;
    if service.before.returns_to() == 0 {
        return if view.desired == 0 && view.running + view.pending == 0 {
            Step::Find(Finding::RolloutEnded {
                service: name.clone(),
                side: Side::Old,
            })
        } else {
            Step::Wait(
                after(now, plan.policy.poll),
                Reason::Returning {
                    services: vec![name.clone()],
                },
            )
        };
    }
    if view.primary_definition != service.before.definition {
        let stale = now <= after(since, STALE_WITHIN);
        return if stale {
            Step::Wait(
                after(now, plan.policy.poll),
                Reason::Returning {
                    services: vec![name.clone()],
                },
            )
        } else {
            left_alone(service, view)
        };
    }
    settle_home(plan, progress, seen, now, service, view)
}

/// The old definition is the newest rollout again: wait for its end, then for the witnesses.
fn settle_home(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
    view: &ServiceView,
) -> Step {
    let name = &service.locator.name;
    if let Some(step) = at_home(plan, progress, seen, now, service, view) {
        return step;
    }
    if let Some(Seen::Known(evidence)) = seen.evidence.get(name) {
        if let Suspicion::Certain(cause) = suspicion(name, &view.primary, evidence) {
            return Step::Find(Finding::CannotReturn {
                service: name.clone(),
                why: cause.to_string(),
            });
        }
    }
    if view.primary_state == PrimaryState::Failed {
        let why = view
            .messages
            .first()
            .cloned()
            .unwrap_or_else(|| "its rollout failed".to_owned());
        return Step::Find(Finding::CannotReturn {
            service: name.clone(),
            why,
        });
    }
    let last = view
        .messages
        .first()
        .map_or("it is still rolling out", String::as_str);
    overdue(progress, now, service, last).unwrap_or_else(|| {
        Step::Wait(
            after(now, plan.policy.poll),
            Reason::Returning {
                services: vec![name.clone()],
            },
        )
    })
}

/// The service runs what it ran before: prove it. Nothing while its rollout or the proof is not complete.
fn at_home(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
    view: &ServiceView,
) -> Option<Step> {
    if view.primary_definition != service.before.definition {
        return Some(left_alone(service, view));
    }
    if view.primary_state != PrimaryState::Completed {
        return None;
    }
    let Some(proof) = service_proof(plan, progress, seen, service, Side::Old) else {
        return Some(Step::Wait(now, Reason::FirstLook));
    };
    if proof.holds() || idle(&proof) {
        return Some(Step::Find(Finding::Proven {
            side: Side::Old,
            proof,
        }));
    }
    let missing = proof.missing().map(ToString::to_string).unwrap_or_default();
    if let Some(step) = overdue(progress, now, service, &missing) {
        return Some(step);
    }
    Some(Step::Wait(
        after(now, plan.policy.poll),
        Reason::Proving {
            component: proof.component,
            missing,
        },
    ))
}

/// A service that autoscaling took to zero meanwhile has nothing to prove.
fn idle(proof: &Proof) -> bool {
    proof.witnesses.iter().any(|w| {
        w.kind == WitnessKind::Tasks
            && matches!(&w.testimony, Testimony::Silent(what) if what.starts_with("0 desired"))
    })
}

fn overdue(progress: &Progress, now: Timestamp, service: &ServicePlan, last: &str) -> Option<Step> {
    let name = &service.locator.name;
    let turned = progress.turned_back().map(|(_, at)| at)?;
    let since = progress
        .rollout(name, Side::Old)
        .map_or(turned, |(_, at)| at.max(turned));
    (now > after(since, service.timeout)).then(|| {
        let why = format!(
            "it took longer than {} s; {last}",
            service.timeout.as_secs()
        );
        Step::Find(Finding::CannotReturn {
            service: name.clone(),
            why,
        })
    })
}

/// What runs now, component by component, for a human.
pub(super) fn left(plan: &Plan, progress: &Progress) -> Vec<String> {
    let old = plan
        .before
        .as_ref()
        .map_or("the previous release", |before| before.version.as_str());
    let new = plan.release.version.as_str();
    let mut lines: Vec<String> = plan
        .services
        .iter()
        .map(|(name, service)| {
            let component = Component::Service(name.clone());
            let touched = progress.may_have_done(&Act::RollOut {
                service: name.clone(),
                side: Side::New,
            });
            let state = match (service.change, touched) {
                _ if progress.left_alone().contains_key(name) => {
                    let runs = progress
                        .left_alone()
                        .get(name)
                        .map_or("", |runs| runs.short());
                    format!("runs somebody else's {runs}")
                }
                _ if progress.cannot_return().contains_key(name) => {
                    format!("could not return to {old}")
                }
                _ if progress.proven(Side::Old, &component) => format!("runs {old}, proven"),
                (Change::Unchanged, _) => "was not changed".to_owned(),
                (_, false) => format!("was not touched and runs {old}"),
                _ if progress.proven(Side::New, &component) => format!("runs {new}, proven"),
                (_, true) => format!("was on its way to {new}"),
            };
            format!("{name} {state}")
        })
        .collect();
    if plan.publishes().is_some() {
        let pointed = progress.may_have_done(&Act::Point { side: Side::New });
        let returned = progress.proven(Side::Old, &Component::Frontend);
        lines.push(format!(
            "frontend is on {}",
            if pointed && !returned { new } else { old }
        ));
    }
    lines.extend(super::schema_words(progress));
    lines
}
