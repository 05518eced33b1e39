//! Targets and the tasks behind them: where a target really is, what its task hears of it, and what ELB's API has changed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::World;
use crate::base::agenda::TaskSerial;
use crate::base::here::here;
use crate::services::ecs::{Ecs, Task};
use crate::services::elb::{
    Answers, Arrival, Change, DueChecks, HealthCheck, Reach, Seen, Target, TargetGroup,
    WeightedGroup,
};
use crate::world::containers::Containers;

/// The tasks of a world, and whether somebody runs them.
#[derive(Clone, Copy)]
struct Tasks<'w> {
    ecs: &'w Ecs,
    containers: &'w Containers,
}

impl Tasks<'_> {
    /// Who answers at this address. A loopback address, which only a target that was registered by hand has, is this machine's own.
    fn reach(self, ip: &str, port: u16) -> Reach {
        if let Some(address) = loopback(ip) {
            return Reach::At(SocketAddr::new(address, port));
        }
        let task = self.ecs.tasks.values().rev().find(|task| task.ip == ip);
        task.map_or(Reach::Scripted, |task| self.in_task(task, port))
    }

    /// Who answers a group's target, at one of its ports: of one that ECS registered, its task.
    fn reach_of(self, target: &Target, port: u16) -> Reach {
        match target.task {
            Some(task) => self.of_task(task, port),
            None => self.reach(&target.ip, port),
        }
    }

    fn of_task(self, task: TaskSerial, port: u16) -> Reach {
        // It may have been forgotten.
        let task = self.ecs.task(task);
        task.map_or(Reach::Scripted, |task| self.in_task(task, port))
    }

    fn in_task(self, task: &Task, port: u16) -> Reach {
        let is_scripted = task.reached.is_empty() && !self.containers.run_for_real();
        match task.reached.get(&port) {
            _ if is_scripted => Reach::Scripted,
            Some(address) => Reach::At(*address),
            None => Reach::Closed,
        }
    }
}

impl World {
    fn running(&self) -> Tasks<'_> {
        Tasks {
            ecs: &self.ecs,
            containers: &self.containers,
        }
    }

    /// Who answers at this address.
    pub(crate) fn reach(&self, ip: &str, port: u16) -> Reach {
        self.running().reach(ip, port)
    }

    fn reach_of_numbered(&self, group: &str, serial: u64) -> Reach {
        let target = self.elb.numbered(group, serial);
        target.map_or(Reach::Scripted, |target| {
            self.running().reach_of(target, target.port)
        })
    }

    /// Registers a task's address and plans its health.
    pub(crate) fn register_target(
        &mut self,
        group: &Arc<str>,
        task: TaskSerial,
        ip: &str,
        port: u16,
        answers: Answers,
    ) {
        let reach = self.running().of_task(task, port);
        let arrival = Arrival {
            task: Some(task),
            ip,
            port,
            answers,
        };
        here!(self.elb).add_target(group, arrival, reach);
    }

    /// Registers an address by hand. Who answers there is known now: a task that has it, or nobody.
    fn register_address(&mut self, group: &Arc<str>, ip: &str, port: u16) {
        let task = self.ecs.tasks.values().rev().find(|task| task.ip == ip);
        let arrival = Arrival {
            task: None,
            ip,
            port,
            answers: task.map_or(Answers::NEVER, Task::answers),
        };
        let reach = self.reach(ip, port);
        let mut elb = here!(self.elb);
        if !elb.is_registered(group, ip, port) {
            elb.add_target(group, arrival, reach);
        }
    }

    /// What ELB has changed of targets comes to them, and to their tasks.
    pub(crate) fn carry_targets(&mut self) {
        for change in std::mem::take(&mut self.elb.outbox) {
            let task = match change {
                Change::Registered { group, ip, port } => {
                    self.register_address(&group, &ip, port);
                    None
                }
                Change::Deregistered {
                    group,
                    target,
                    task,
                } => {
                    here!(self.elb).start_draining(&group, target);
                    task
                }
                Change::Restarted {
                    group,
                    target,
                    task,
                } => {
                    let reach = self.reach_of_numbered(&group, target);
                    here!(self.elb).restart_checks(&group, target, reach);
                    task
                }
                Change::Rechecked { group, target } => {
                    let reach = self.reach_of_numbered(&group, target);
                    here!(self.elb).plan_turn(&group, target, reach);
                    None
                }
            };
            if let Some(task) = task {
                self.reconsider_health(task);
            }
        }
    }

    /// Changes where a listener or rule forwards to. `false` when there is no such ARN or it does not forward.
    pub(crate) fn set_forward_weights(&mut self, arn: &str, groups: Vec<WeightedGroup>) -> bool {
        let is_set = here!(self.elb).set_forward_weights(arn, groups);
        self.carry_targets();
        is_set
    }

    /// A target's health turns.
    pub(crate) fn target_turned(&mut self, group: &Arc<str>, target: u64) {
        let reach = self.reach_of_numbered(group, target);
        if let Some(task) = here!(self.elb).turned(group, target, reach) {
            self.reconsider_health(task);
        }
    }

    /// The checks that are due. Each is given once, and its outcome is to be told to [`World::checked`].
    pub(crate) fn due_checks(&mut self) -> Vec<HealthCheck> {
        let tasks = Tasks {
            ecs: &self.ecs,
            containers: &self.containers,
        };
        let reach = |group: &TargetGroup, target: &Target| {
            tasks.reach_of(target, group.check_port_of(target))
        };
        let DueChecks { due, refused } = here!(self.elb).due_checks(reach);
        for (group, target) in refused {
            if let Some(task) = here!(self.elb).refused(&group, target) {
                self.reconsider_health(task);
            }
        }
        due
    }

    /// What came of a check.
    pub(crate) fn checked(&mut self, check: &HealthCheck, seen: Seen) {
        if let Some(task) = here!(self.elb).observe(&check.group, check.target, seen) {
            self.reconsider_health(task);
        }
    }

    /// Whether a task that leaves still answers requests that its targets had got before: the load balancer waits for them, until
    /// the deregistration delay has elapsed ([DOC] Target group attributes, deregistration delay).
    pub(crate) fn is_answering(&self, task: TaskSerial) -> bool {
        let groups = self.ecs.task(task).map_or(&[][..], |it| &it.registered);
        let mut targets = groups.iter().filter_map(|it| self.elb.target(it, task));
        targets.any(Target::is_answering)
    }
}

/// An address that is this machine's own.
fn loopback(ip: &str) -> Option<IpAddr> {
    ip.parse().ok().filter(IpAddr::is_loopback)
}
