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
use crate::traffic::Shift;
use crate::verdict::Component;
use crate::{RolloutHandle, ServiceName};

pub(super) fn follow(facts: &Forward<'_>, rollout: &RolloutHandle, since: Timestamp) -> Step {
    let (service, now) = (facts.service, facts.now);
    let name = &service.locator.name;
    let late = facts.is_late(None, since);
    let (view, followed) = match view_of(facts.seen, name) {
        Ok(view) => match &view.followed {
            Some(followed) => (view, followed),
            None if late => {
                let said = "the cloud does not show its rollout".to_owned();
                return Step::turn_back(facts.timed_out(None, Grounds::said([said])));
            }
            None => return Step::Wait(now, Reason::FirstLook),
        },
        Err(blind) if late => {
            return Step::turn_back(facts.timed_out(None, Grounds::said([blind.words()])));
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
            return going_on(facts, view, followed, since, evidence);
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
    followed: &RolloutView,
    since: Timestamp,
    evidence: Option<&Evidence>,
) -> Step {
    let rollout = &followed.handle;
    let name = &facts.service.locator.name;
    let doubt = evidence.map_or(Suspicion::None, |evidence| {
        suspicion(name, rollout, view.desired, evidence)
    });
    // That it waits for somebody, and that it goes on, is found whatever else is the matter with it.
    if let Some(found) = hold_changed(facts, followed) {
        return found;
    }
    let late = facts.is_late(followed.shift.as_ref(), since);
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
            Step::turn_back(facts.timed_out(followed.shift.as_ref(), grounds))
        }
        // Tasks failed, and others came up: that it serves is for the witnesses to say.
        Suspicion::Suspicious(doubt) => {
            serving().unwrap_or_else(|| Step::poll(facts.plan, facts.now, suspicious(name, doubt)))
        }
        Suspicion::None => serving().unwrap_or_else(|| facts.shifting(followed)),
    }
}

/// A rollout that waits for somebody is no slow one. That it waits, and that it goes on, is found once.
fn hold_changed(facts: &Forward<'_>, followed: &RolloutView) -> Option<Step> {
    let service = facts.service.locator.name.clone();
    let held = followed.shift.as_ref();
    let held = held.and_then(|shift| Some((shift, shift.hold.clone()?)));
    match (held, facts.progress.is_held(&service)) {
        (Some((shift, hold)), false) => Some(Step::found(Finding::Held {
            service,
            stage: shift.stage.clone(),
            hold,
        })),
        (None, true) => Some(Step::found(Finding::WentOn { service })),
        (Some(_), true) | (None, false) => None,
    }
}

impl Forward<'_> {
    /// It goes on, and where it stands.
    fn shifting(&self, followed: &RolloutView) -> Step {
        let Some(shift) = &followed.shift else {
            return self.rolling_out();
        };
        let (service, stage) = (self.service.locator.name.clone(), shift.stage.clone());
        let reason = match shift.hold {
            Some(_) => Reason::Held { service, stage },
            None => Reason::Shifting {
                service,
                stage,
                percent: shift.percent,
            },
        };
        Step::poll(self.plan, self.now, reason)
    }

    /// Whether a rollout that stands there takes longer than it may. Time in which it waited for somebody does not count.
    fn is_late(&self, shift: Option<&Shift>, since: Timestamp) -> bool {
        let held = self.progress.held_for(&self.service.locator.name, self.now);
        overdue(self.now, since, self.service.limit(shift) + held)
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
