//! Targets come and go: registered by ECS or by hand, draining, gone.

use std::sync::Arc;

use super::observed::Observed;
use super::target::{Answers, Target};
use super::{Reach, TargetState};
use crate::Millis;
use crate::base::agenda::{Due, TaskSerial};
use crate::base::here::Here;
use crate::base::timings::{DRAIN, FIRST_CHECK};
use crate::services::elb::Elb;

/// What arrives at a target group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    /// Whose address it is, if ECS registers it.
    pub(crate) task: Option<TaskSerial>,
    pub(crate) ip: &'a str,
    pub(crate) port: u16,
    pub(crate) answers: Answers,
}

impl Here<'_, Elb> {
    /// Whether an address is a target that does not drain.
    pub(crate) fn is_registered(&self, group_name: &str, ip: &str, port: u16) -> bool {
        self.own.groups.get(group_name).is_some_and(|group| {
            let mut targets = group.targets.iter();
            targets.any(|it| it.ip == ip && it.port == port && it.state != TargetState::Draining)
        })
    }

    /// Registers an address, and plans its health. `reach` says who answers there.
    pub(crate) fn add_target(&mut self, group_name: &Arc<str>, arrival: Arrival<'_>, reach: Reach) {
        let Arrival {
            task,
            ip,
            port,
            answers,
        } = arrival;
        let first_ms = FIRST_CHECK.draw(self.weather, self.random);
        let in_use = self.own.in_use(group_name);
        let serial = self.own.last_target + 1;
        let Some(group) = self.own.groups.get_mut(group_name) else {
            return;
        };
        self.own.last_target = serial;
        let state = if in_use {
            TargetState::Initial
        } else {
            TargetState::Unused
        };
        // What is registered again while it drains is a new target.
        group.targets.retain(|it| it.ip != ip || it.port != port);
        group.targets.push(Target {
            serial,
            ip: ip.to_owned(),
            port,
            task,
            registered_ms: self.now_ms,
            first_check_ms: self.now_ms + first_ms.min(group.interval_seconds * 1_000),
            state,
            next: None,
            answers,
            slow_until_ms: None,
            credit: 0,
            observed: Observed::default(),
            in_flight: 0,
        });
        self.plan_turn(group_name, serial, reach);
    }

    /// A task's target starts draining; answers how long that takes.
    ///
    /// At most the deregistration delay; earlier when no request is in flight, though DescribeTargetHealth says `draining` until the
    /// delay has passed (D [DOC]). Nothing is ever in flight to a scripted task; one that runs for real is waited for
    /// ([`Target::is_answering`]).
    pub(crate) fn drain_target(&mut self, group_name: &Arc<str>, task: TaskSerial) -> Millis {
        let drain_ms = DRAIN.draw(self.weather, self.random);
        let Some(group) = self.own.groups.get(group_name) else {
            return 0;
        };
        let limit_ms = group.deregistration_delay_ms();
        if let Some(serial) = self
            .own
            .target(group_name, task)
            .map(|target| target.serial)
        {
            self.start_draining(group_name, serial);
        }
        drain_ms.min(limit_ms)
    }

    /// The target gets no new requests and is gone after the deregistration delay. A target of a group that nothing uses has
    /// nothing to drain [INF].
    pub(crate) fn start_draining(&mut self, group_name: &Arc<str>, serial: u64) {
        let Some(group) = self.own.groups.get_mut(group_name) else {
            return;
        };
        let gone_ms = self.now_ms + group.deregistration_delay_ms();
        let targets = &mut group.targets;
        let Some(index) = targets.iter().position(|target| target.serial == serial) else {
            return;
        };
        let Some(target) = targets
            .get_mut(index)
            .filter(|it| it.state != TargetState::Unused)
        else {
            targets.remove(index);
            return;
        };
        target.state = TargetState::Draining;
        target.next = Some((gone_ms, TargetState::Unused));
        self.agenda
            .add(gone_ms, Due::Target(Arc::clone(group_name), serial));
    }

    /// The task is about to end: its target belongs to nobody any more, and is gone unless it still drains.
    pub(crate) fn remove_target(&mut self, group_name: &Arc<str>, task: TaskSerial) {
        let now_ms = self.now_ms;
        if let Some(group) = self.own.groups.get_mut(group_name) {
            group.targets.retain_mut(|target| {
                if target.task != Some(task) {
                    return true;
                }
                target.task = None;
                let drains = target.state == TargetState::Draining;
                drains && target.next.is_some_and(|(gone_ms, _)| gone_ms > now_ms)
            });
        }
    }
}
