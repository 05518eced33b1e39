//! Following our rollout by its handle, to its end or to the moment where it is certain that it fails.

use std::time::Duration;

use jiff::Timestamp;

use super::failing::{Suspicion, explain, suspicion};
use super::succession::successor;
use super::wave::{Step, turned};
use crate::journal::{Cause, Finding, Side};
use crate::observation::{Evidence, Observation, RolloutStatus, RolloutView, Seen, ServiceView};
use crate::plan::ServicePlan;
use crate::progress::{Progress, after};
use crate::reason::Reason;
use crate::verdict::Component;
use crate::{RolloutHandle, ServiceName};

/// How long the record of an accepted rollout may stay invisible.
pub(crate) const VISIBLE_WITHIN: Duration = Duration::from_secs(120);

pub(super) fn follow(
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
    rollout: &RolloutHandle,
    since: Timestamp,
) -> Step {
    let name = &service.locator.name;
    let views = match &seen.services {
        Seen::Known(all) => all,
        Seen::Unseen(failure) => {
            let reason = Reason::Unseen {
                what: name.to_string(),
                failure: failure.clone(),
            };
            let last = [failure.to_string()];
            return overdue(service, now, since, &last).unwrap_or(Step::Wait(reason));
        }
    };
    let view = views.get(name);
    let Some((view, followed)) = view.and_then(|view| Some((view, view.followed.as_ref()?))) else {
        let last = ["the cloud does not show it".to_owned()];
        return overdue(service, now, since, &last).unwrap_or(Step::Later(now, Reason::FirstLook));
    };
    let ours = progress.definition(&Component::Service(name.clone()));
    if let Some(rollout) = successor(view, (rollout, ours), &service.before) {
        return Step::Find(vec![Finding::Adopted {
            service: name.clone(),
            side: Side::New,
            rollout,
        }]);
    }
    let evidence = seen.evidence.get(name).and_then(Seen::known);
    let cause = match &followed.status {
        RolloutStatus::Succeeded => {
            return Step::Find(vec![Finding::RolloutEnded {
                service: name.clone(),
                side: Side::New,
            }]);
        }
        RolloutStatus::Pending | RolloutStatus::InProgress | RolloutStatus::Other(_) => {
            return going_on(service, view, now, rollout, since, evidence);
        }
        RolloutStatus::NotVisible if now <= after(since, VISIBLE_WITHIN) => {
            return Step::Wait(rolling_out(name));
        }
        RolloutStatus::RollbackRequested
        | RolloutStatus::RollingBack
        | RolloutStatus::RolledBack
        | RolloutStatus::RollbackFailed => rolled_back(name, rollout, followed, evidence),
        RolloutStatus::NotVisible if view.primary_definition == service.before.definition => {
            rolled_back(name, rollout, followed, evidence)
        }
        RolloutStatus::Stopping | RolloutStatus::Stopped => {
            stopped(progress, view, followed, name, rollout, evidence)
        }
        RolloutStatus::NotVisible => Cause::Superseded {
            service: name.clone(),
            runs: view.primary_definition.clone(),
        },
    };
    Step::Find(vec![turned(cause)])
}

/// The cloud has not judged yet; the tasks' own words may be enough.
fn going_on(
    service: &ServicePlan,
    view: &ServiceView,
    now: Timestamp,
    rollout: &RolloutHandle,
    since: Timestamp,
    evidence: Option<&Evidence>,
) -> Step {
    let name = &service.locator.name;
    let doubt = evidence.map_or(Suspicion::None, |evidence| {
        suspicion(name, rollout, evidence)
    });
    let reason = match doubt {
        Suspicion::Certain(cause) => return Step::Find(vec![turned(cause)]),
        Suspicion::Suspicious(what) => Reason::Suspicious {
            service: name.clone(),
            seen: what,
        },
        Suspicion::None => rolling_out(name),
    };
    overdue(service, now, since, &view.messages).unwrap_or(Step::Wait(reason))
}

fn rolling_out(name: &ServiceName) -> Reason {
    Reason::RollingOut {
        services: vec![name.clone()],
    }
}

/// A rollout that takes longer than the plan allows turns the deployment back.
pub(super) fn overdue(
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
