//! Targets come and go: registered by ECS or by hand, draining, gone.

use std::sync::Arc;

use super::TargetState;
use super::observed::Observed;
use super::target::{Answers, Target};
use crate::base::agenda::{Due, TaskSerial};
use crate::base::timings::{DRAIN, FIRST_CHECK};
use crate::{Millis, World};

impl World {
    /// Registers a task's address and plans its health.
    pub(crate) fn register_target(
        &mut self,
        group_name: &Arc<str>,
        task: TaskSerial,
        ip: &str,
        port: u16,
        answers: Answers,
    ) {
        self.add_target(group_name, Some(task), ip, port, answers);
    }

    /// Registers an address by hand. Who answers there is known now: a task that has it, or nobody.
    pub(super) fn register_address(&mut self, group_name: &Arc<str>, ip: &str, port: u16) {
        let task = self.ecs.tasks.values().rev().find(|task| task.ip == ip);
        let answers = task.map_or(Answers::NEVER, crate::services::ecs::Task::answers);
        let known = self.elb.groups.get(group_name).is_some_and(|group| {
            let mut targets = group.targets.iter();
            targets.any(|it| it.ip == ip && it.port == port && it.state != TargetState::Draining)
        });
        if !known {
            self.add_target(group_name, None, ip, port, answers);
        }
    }

    fn add_target(
        &mut self,
        group_name: &Arc<str>,
        task: Option<TaskSerial>,
        ip: &str,
        port: u16,
        answers: Answers,
    ) {
        let first_ms = FIRST_CHECK.draw(self.weather, &mut self.random);
        let in_use = self.elb.in_use(group_name);
        let serial = self.elb.last_target + 1;
        let Some(group) = self.elb.groups.get_mut(group_name) else {
            return;
        };
        self.elb.last_target = serial;
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
        self.plan_turn(group_name, serial);
    }

    /// A task's target starts draining; answers how long that takes.
    ///
    /// At most the deregistration delay; earlier when no request is in flight, though DescribeTargetHealth says `draining` until the
    /// delay has passed (D [DOC]). Nothing is ever in flight to a scripted task; for one that runs for real see
    /// [`World::is_answering`].
    pub(crate) fn drain_target(&mut self, group_name: &Arc<str>, task: TaskSerial) -> Millis {
        let drain_ms = DRAIN.draw(self.weather, &mut self.random);
        let Some(group) = self.elb.groups.get(group_name) else {
            return 0;
        };
        let limit_ms = group.deregistration_delay_ms();
        if let Some(serial) = self
            .elb
            .target(group_name, task)
            .map(|target| target.serial)
        {
            self.start_draining(group_name, serial);
        }
        drain_ms.min(limit_ms)
    }

    /// The target gets no new requests and is gone after the deregistration delay. A target of a group that nothing uses has
    /// nothing to drain [INF].
    pub(super) fn start_draining(&mut self, group_name: &Arc<str>, serial: u64) {
        let Some(group) = self.elb.groups.get_mut(group_name) else {
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
        if let Some(group) = self.elb.groups.get_mut(group_name) {
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
