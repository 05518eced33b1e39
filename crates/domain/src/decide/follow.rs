//! Following our rollout by its handle, to its end or to the moment where it is certain that it fails.

use jiff::Timestamp;

use super::failing::{Doubt, Suspicion, suspicion};
use super::look::{VISIBLE_WITHIN, overdue, view_of};
use super::serving::serves;
use super::step::Step;
use super::succession::successor;
use super::wave::Forward;
use crate::journal::{Cause, Finding, Grounds, Side};
use crate::observation::{Evidence, RolloutStatus, RolloutView, Seen, ServiceView, StopCause};
use crate::progress::after;
use crate::reason::Reason;
use crate::verdict::Component;
use crate::{RolloutHandle, ServiceName};

pub(super) fn follow(facts: &Forward<'_>, rollout: &RolloutHandle, since: Timestamp) -> Step {
    let (service, now) = (facts.service, facts.now);
    let name = &service.locator.name;
    let late = overdue(now, since, service.timeout);
    let (view, followed) = match view_of(facts.seen, name) {
        Ok(view) => match &view.followed {
            Some(followed) => (view, followed),
            None if late => {
                let said = "the cloud does not show its rollout".to_owned();
                return Step::turn_back(facts.timed_out(Grounds::said([said])));
            }
            None => return Step::Wait(now, Reason::FirstLook),
        },
        Err(blind) if late => {
            return Step::turn_back(facts.timed_out(Grounds::said([blind.words()])));
        }
        Err(blind) => return blind.wait(facts.plan, now, name),
    };
    let ours = facts.progress.definition(&Component::Service(name.clone()));
    if let Some(rollout) = successor(view, (rollout, ours), &service.before) {
        return Step::found(Finding::Adopted {
            service: name.clone(),
            side: Side::New,
            rollout,
        });
    }
    if followed.handle != *rollout {
        // The look was made before this one was adopted, and followed the one before it.
        return Step::Wait(now, Reason::FirstLook);
    }
    let evidence = facts.seen.evidence.get(name).and_then(Seen::known);
    let cause = match &followed.status {
        RolloutStatus::Succeeded => {
            return Step::found(Finding::RolloutEnded {
                service: name.clone(),
                side: Side::New,
            });
        }
        RolloutStatus::Pending | RolloutStatus::InProgress | RolloutStatus::Other(_) => {
            return going_on(facts, view, rollout, since, evidence);
        }
        RolloutStatus::NotVisible if now <= after(since, VISIBLE_WITHIN) => {
            return facts.rolling_out();
        }
        RolloutStatus::RollbackRequested
        | RolloutStatus::RollingBack
        | RolloutStatus::RolledBack
        | RolloutStatus::RollbackFailed => rolled_back(name, rollout, view, followed, evidence),
        RolloutStatus::NotVisible if view.primary_definition == service.before.definition => {
            rolled_back(name, rollout, view, followed, evidence)
        }
        RolloutStatus::Stopping | RolloutStatus::Stopped => {
            stopped(facts, view, followed, rollout, evidence)
        }
        RolloutStatus::NotVisible => Cause::Superseded {
            service: name.clone(),
            runs: view.primary_definition.clone(),
        },
    };
    Step::turn_back(cause)
}

/// The cloud has not judged yet; the tasks' own words may be enough.
fn going_on(
    facts: &Forward<'_>,
    view: &ServiceView,
    rollout: &RolloutHandle,
    since: Timestamp,
    evidence: Option<&Evidence>,
) -> Step {
    let name = &facts.service.locator.name;
    let doubt = evidence.map_or(Suspicion::None, |evidence| {
        suspicion(name, rollout, view.desired, evidence)
    });
    let late = overdue(facts.now, since, facts.service.timeout);
    let ours = &view.primary == rollout;
    let serving = || {
        let (plan, progress, seen) = (facts.plan, facts.progress, facts.seen);
        let found = serves(plan, progress, seen, facts.service, view, Side::New);
        found.filter(|_| ours)
    };
    match doubt {
        Suspicion::Certain(cause) => Step::turn_back(cause),
        Suspicion::Suspicious(_) | Suspicion::None if late => {
            let said = view.messages.iter().take(2).cloned();
            let beside = evidence.map(Grounds::beside).unwrap_or_default();
            let grounds = Grounds {
                said: said.collect(),
                ..beside
            };
            Step::turn_back(facts.timed_out(grounds))
        }
        // Tasks failed, and others came up: that it serves is for the witnesses to say.
        Suspicion::Suspicious(doubt) => {
            serving().unwrap_or_else(|| Step::poll(facts.plan, facts.now, suspicious(name, doubt)))
        }
        Suspicion::None => serving().unwrap_or_else(|| facts.rolling_out()),
    }
}

fn suspicious(name: &ServiceName, doubt: Doubt) -> Reason {
    Reason::Suspicious {
        service: name.clone(),
        seen: doubt.why.to_string(),
        ended: doubt.ended,
        certain_at: doubt.certain_at,
    }
}

/// Why its tasks failed, as far as it is plain, and all that speaks for it: the cloud's own reason names no cause.
fn explained(
    name: &ServiceName,
    rollout: &RolloutHandle,
    view: &ServiceView,
    followed: &RolloutView,
    evidence: Option<&Evidence>,
) -> (Option<StopCause>, Grounds) {
    let said = followed.reason.iter().cloned().collect();
    let Some(evidence) = evidence else {
        return (None, Grounds::said(followed.reason.clone()));
    };
    let (why, grounds) = match suspicion(name, rollout, view.desired, evidence) {
        Suspicion::Certain(Cause::TasksFail { why, grounds, .. }) => (Some(why), grounds),
        Suspicion::Suspicious(doubt) => (Some(doubt.why), Grounds::beside(evidence)),
        Suspicion::Certain(_) | Suspicion::None => (None, Grounds::beside(evidence)),
    };
    (why, Grounds { said, ..grounds })
}

/// ECS took it back by itself.
fn rolled_back(
    name: &ServiceName,
    rollout: &RolloutHandle,
    view: &ServiceView,
    followed: &RolloutView,
    evidence: Option<&Evidence>,
) -> Cause {
    let (why, grounds) = explained(name, rollout, view, followed, evidence);
    Cause::CloudRolledBack {
        service: name.clone(),
        why,
        grounds,
    }
}

/// A stopped rollout was either replaced by somebody else's, or given up by a breaker that may not roll back.
fn stopped(
    facts: &Forward<'_>,
    view: &ServiceView,
    followed: &RolloutView,
    rollout: &RolloutHandle,
    evidence: Option<&Evidence>,
) -> Cause {
    let name = &facts.service.locator.name;
    let ours = facts.progress.definition(&Component::Service(name.clone()));
    if &view.primary != rollout || Some(&view.primary_definition) != ours {
        return Cause::Superseded {
            service: name.clone(),
            runs: view.primary_definition.clone(),
        };
    }
    if let Some(Suspicion::Certain(cause)) =
        evidence.map(|evidence| suspicion(name, rollout, view.desired, evidence))
    {
        return cause;
    }
    let (why, grounds) = explained(name, rollout, view, followed, evidence);
    Cause::CloudStopped {
        service: name.clone(),
        why,
        grounds,
    }
}
