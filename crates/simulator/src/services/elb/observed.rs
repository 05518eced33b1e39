//! Targets that are reached for real: their checks are made one by one, by whoever can reach them, and what was seen turns their
//! health. Nothing is planned for them.

use std::net::SocketAddr;
use std::sync::Arc;

use super::health::slow_start;
use super::reach::{GroupName, Reach, is_unchecked};
use super::{BalancerKind, Target, TargetGroup, TargetState};
use crate::Millis;
use crate::base::agenda::TaskSerial;
use crate::base::here::Here;
use crate::services::elb::Elb;

/// What is known of a target from its checks. No part of a saved here: who answered then is gone.
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
    /// `None`: a connection is enough.
    pub(crate) path: Option<String>,
    pub(crate) timeout_ms: Millis,
    /// When it was due.
    at_ms: Millis,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A connection, and nothing else was asked for.
    Connected,
    /// An answer with this status.
    Status(u16),
    /// No answer in time.
    Nothing,
    /// No connection, or no HTTP: "The load balancer received an error while establishing a connection to the target or the
    /// target response was malformed" ([DOC] Target health reason codes, Target.FailedHealthChecks).
    Failed,
}

/// Checks whose time has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DueChecks {
    /// Those that are to be made.
    pub(crate) due: Vec<HealthCheck>,
    /// Groups and targets that refuse the connection.
    pub(crate) refused: Vec<(GroupName, u64)>,
}

/// How long a check is waited for that nobody reports, beside its timeout.
const LOST_MS: Millis = 60_000;

impl Here<'_, Elb> {
    /// The checks that are due. Each is given once, and its outcome is to be told to [`Here::observe`].
    pub(crate) fn due_checks(
        &mut self,
        reach: impl Fn(&TargetGroup, &Target) -> Reach,
    ) -> DueChecks {
        let mut found = DueChecks::default();
        for (name, group) in &self.own.groups {
            for target in group.targets.iter().filter(|it| !is_unchecked(it.state)) {
                let observed = target.observed;
                let at_ms = observed.next_ms.unwrap_or(target.first_check_ms);
                let waits = observed.under_way.is_some_and(|until| self.now_ms < until);
                if at_ms > self.now_ms || waits {
                    continue;
                }
                let address = match reach(group, target) {
                    Reach::Scripted => continue,
                    Reach::At(address) => address,
                    Reach::Closed => {
                        found.refused.push((Arc::clone(name), target.serial));
                        continue;
                    }
                };
                found.due.push(HealthCheck {
                    group: Arc::clone(name),
                    target: target.serial,
                    address,
                    host: format!("{}:{}", target.ip, group.check_port_of(target)),
                    path: (!group.checks_connections()).then(|| group.health_check_path.clone()),
                    timeout_ms: group.timeout_seconds * 1_000,
                    at_ms,
                });
            }
        }
        for check in &found.due {
            self.note_check(&check.group, check.target, check.timeout_ms + LOST_MS);
        }
        found
    }

    /// A check whose connection was refused at once. Answers whose target turned.
    pub(crate) fn refused(&mut self, group: &GroupName, target: u64) -> Option<TaskSerial> {
        self.note_check(group, target, 0);
        self.observe(group, target, Seen::Failed)
    }

    /// From when it was due, the next one is due after the interval; those that were missed are left out.
    fn note_check(&mut self, group: &str, target: u64, lasting_ms: Millis) {
        let now_ms = self.now_ms;
        let interval_ms = self.own.groups.get(group);
        let interval_ms = interval_ms.map_or(1_000, |it| it.interval_seconds.max(1) * 1_000);
        if let Some(target) = self.own.numbered_mut(group, target) {
            let at_ms = target.observed.next_ms.unwrap_or(target.first_check_ms);
            let missed = now_ms.saturating_sub(at_ms) / interval_ms;
            target.observed.next_ms = Some(at_ms + (missed + 1) * interval_ms);
            target.observed.under_way = Some(now_ms.saturating_add(lasting_ms));
        }
    }

    /// What came of a check. The same thresholds as in `health::next_turn`: one success for a new target (D [DOC]), HealthyThresholdCount for one that was
    /// unhealthy, UnhealthyThresholdCount failures in a row (D [MODEL]). Answers whose target turned.
    pub(crate) fn observe(
        &mut self,
        name: &GroupName,
        serial: u64,
        seen: Seen,
    ) -> Option<TaskSerial> {
        let now_ms = self.now_ms;
        let group = self.own.groups.get_mut(name)?;
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
            if let Some(target) = self.own.numbered_mut(name, serial) {
                target.slow_until_ms = slow_until_ms;
            }
        }
        task.filter(|_| turned)
    }
}

fn failure(group: &TargetGroup, seen: Seen) -> Option<TargetState> {
    match seen {
        Seen::Connected => None,
        Seen::Status(status) if group.accepts(status) => None,
        _ if group.kind() == BalancerKind::Network => Some(TargetState::UnhealthyFailed),
        Seen::Status(status) => Some(TargetState::UnhealthyCode(status)),
        Seen::Nothing => Some(TargetState::UnhealthyTimeout),
        Seen::Failed => Some(TargetState::UnhealthyFailed),
    }
}
