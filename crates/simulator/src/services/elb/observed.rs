//! Targets that are reached for real: their checks are made one by one, by whoever can reach them, and what was seen turns their
//! health. Nothing is planned for them.

use std::net::SocketAddr;
use std::sync::Arc;

use super::health::slow_start;
use super::reach::{GroupName, Reach, check_reach, is_unchecked};
use super::{TargetGroup, TargetState};
use crate::base::agenda::TaskSerial;
use crate::{Millis, World};

/// What is known of a target from its checks. No part of a saved world: who answered then is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// When the next check is due; the first one where the target says.
    next_ms: Option<Millis>,
    under_way: Option<Millis>,
    /// Successes, and failures, in a row.
    good: u32,
    bad: u32,
}

/// A check that is to be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HealthCheck {
    pub(crate) group: GroupName,
    pub(crate) target: u64,
    pub(crate) address: SocketAddr,
    /// What the header Host says.
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) timeout_ms: Millis,
    /// When it was due.
    at_ms: Millis,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// An answer with this status.
    Status(u16),
    /// No answer in time.
    Nothing,
    /// No connection, or no HTTP: "The load balancer received an error while establishing a connection to the target or the
    /// target response was malformed" ([DOC] Target health reason codes, Target.FailedHealthChecks).
    Failed,
}

/// How long a check is waited for that nobody reports, beside its timeout.
const LOST_MS: Millis = 60_000;

impl World {
    /// The checks that are due. Each is given once, and its outcome is to be told to [`World::checked`].
    pub(crate) fn due_checks(&mut self) -> Vec<HealthCheck> {
        let mut due = Vec::new();
        let mut refused = Vec::new();
        for (name, group) in &self.elb.groups {
            for target in group.targets.iter().filter(|it| !is_unchecked(it.state)) {
                let observed = target.observed;
                let at_ms = observed.next_ms.unwrap_or(target.first_check_ms);
                let waits = observed.under_way.is_some_and(|until| self.now_ms < until);
                if at_ms > self.now_ms || waits {
                    continue;
                }
                let address = match check_reach(self, group, target) {
                    Reach::Scripted => continue,
                    Reach::At(address) => address,
                    Reach::Closed => {
                        refused.push((Arc::clone(name), target.serial));
                        continue;
                    }
                };
                due.push(HealthCheck {
                    group: Arc::clone(name),
                    target: target.serial,
                    address,
                    host: format!("{}:{}", target.ip, group.check_port_of(target)),
                    path: group.health_check_path.clone(),
                    timeout_ms: group.timeout_seconds * 1_000,
                    at_ms,
                });
            }
        }
        for check in &due {
            self.note_check(&check.group, check.target, check.timeout_ms + LOST_MS);
        }
        for (group, target) in refused {
            self.note_check(&group, target, 0);
            self.observe(&group, target, Seen::Failed);
        }
        due
    }

    /// What came of a check.
    pub(crate) fn checked(&mut self, check: &HealthCheck, seen: Seen) {
        self.observe(&check.group, check.target, seen);
    }

    /// From when it was due, the next one is due after the interval; those that were missed are left out.
    fn note_check(&mut self, group: &str, target: u64, lasting_ms: Millis) {
        let now_ms = self.now_ms;
        let interval_ms = self.elb.groups.get(group);
        let interval_ms = interval_ms.map_or(1_000, |it| it.interval_seconds.max(1) * 1_000);
        if let Some(target) = self.elb.numbered_mut(group, target) {
            let at_ms = target.observed.next_ms.unwrap_or(target.first_check_ms);
            let missed = now_ms.saturating_sub(at_ms) / interval_ms;
            target.observed.next_ms = Some(at_ms + (missed + 1) * interval_ms);
            target.observed.under_way = Some(now_ms.saturating_add(lasting_ms));
        }
    }

    fn observe(&mut self, group: &GroupName, serial: u64, seen: Seen) {
        if let Some(task) = self.turn_observed(group, serial, seen) {
            self.reconsider_health(task);
        }
    }

    /// The same thresholds as in `health::next_turn`: one success for a new target (D [DOC]), HealthyThresholdCount for one that was
    /// unhealthy, UnhealthyThresholdCount failures in a row (D [MODEL]). Answers whose target turned.
    fn turn_observed(&mut self, name: &GroupName, serial: u64, seen: Seen) -> Option<TaskSerial> {
        let now_ms = self.now_ms;
        let group = self.elb.groups.get_mut(name)?;
        let failed = failure(group, seen);
        let (healthy, unhealthy) = (group.healthy_threshold, group.unhealthy_threshold);
        let target = group.targets.iter_mut().find(|it| it.serial == serial)?;
        if is_unchecked(target.state) {
            return None;
        }
        let observed = &mut target.observed;
        observed.under_way = None;
        (observed.good, observed.bad) = match failed {
            None => (observed.good.saturating_add(1), 0),
            Some(_) => (0, observed.bad.saturating_add(1)),
        };
        let (good, bad) = (observed.good, observed.bad);
        let state = match (target.state, failed) {
            (TargetState::Initial, None) => TargetState::Healthy,
            (state, None) if state.is_unhealthy() && good >= healthy => TargetState::Healthy,
            (state, Some(failed)) if state.is_unhealthy() || bad >= unhealthy => failed,
            (state, _) => state,
        };
        let before = std::mem::replace(&mut target.state, state);
        target.next = None;
        let (task, turned) = (target.task, before != state);
        if turned {
            let slow_until_ms = slow_start(group, state, now_ms);
            if let Some(target) = self.elb.numbered_mut(name, serial) {
                target.slow_until_ms = slow_until_ms;
            }
        }
        task.filter(|_| turned)
    }
}

fn failure(group: &TargetGroup, seen: Seen) -> Option<TargetState> {
    match seen {
        Seen::Status(status) if group.accepts(status) => None,
        Seen::Status(status) => Some(TargetState::UnhealthyCode(status)),
        Seen::Nothing => Some(TargetState::UnhealthyTimeout),
        Seen::Failed => Some(TargetState::UnhealthyFailed),
    }
}
