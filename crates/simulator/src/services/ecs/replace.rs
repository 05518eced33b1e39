//! Unhealthy tasks are replaced by tasks of the same revision (A5 [DOC, OBS]).

use super::service_event::Happening;
use super::task::StopCode;
use super::{ContainerHealth, Rollout, TaskStatus};
use crate::World;
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::services::elb::TargetState;

/// Which check a task fails.
pub(super) struct Failing {
    serial: TaskSerial,
    pub(super) digits: String,
    event: Happening,
    reason: String,
}

impl World {
    /// A replacement starts first where the upper bound allows it; otherwise one unhealthy task is stopped at a time (A5 [DOC]).
    pub(super) fn replace_unhealthy(&mut self, key: &ServiceKey) {
        let mut stopped_without_replacement = false;
        for failing in self.failing(key) {
            let Some(view) = self.view(key) else { return };
            let Some(service) = self.ecs.service(key) else {
                return;
            };
            let Some(deployment) = service.deployment(&failing.digits) else {
                continue;
            };
            let is_primary = service
                .primary()
                .is_some_and(|primary| primary.digits == failing.digits);
            let surplus = is_primary && view.primary().count() > view.desired;
            // Superseded and failed deployments are on their way out: nothing is started for them.
            let may_start = match deployment.rollout {
                Rollout::Completed => true,
                Rollout::InProgress => is_primary,
                Rollout::Failed => false,
            };
            let starts = may_start
                && !surplus
                && view.room() > 0
                && deployment.back_off.until_ms <= self.now_ms;
            if !starts && may_start && stopped_without_replacement {
                continue;
            }
            stopped_without_replacement |= !starts;
            if starts {
                let tasks = self.start_tasks(key, &failing.digits, 1);
                if !tasks.is_empty() {
                    self.announce(key, Happening::Started { tasks, replaced: 1 });
                }
            } else if may_start {
                self.owe(key, &failing.digits);
            }
            self.give_up(key, failing);
        }
    }

    /// A task of a deployment that is being replaced was lost, not stopped: an old one will take its place (A5 [DOC]).
    pub(crate) fn owe(&mut self, key: &ServiceKey, digits: &str) {
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let is_primary = service
            .primary()
            .is_some_and(|primary| primary.digits == digits);
        if let Some(deployment) = service.deployment_mut(digits).filter(|_| !is_primary) {
            deployment.owed += 1;
        }
    }

    /// The unhealthy task is told, stopped and counted.
    pub(super) fn give_up(&mut self, key: &ServiceKey, failing: Failing) {
        let Failing {
            serial,
            digits,
            event,
            reason,
        } = failing;
        let Some(id) = self.ecs.task(serial).map(|task| task.id.clone()) else {
            return;
        };
        self.excuse_floor(key);
        self.announce(key, event);
        self.stop_task(serial, StopCode::ServiceSchedulerInitiated, reason);
        self.announce(key, Happening::Stopped { tasks: vec![id] });
        if let Some(service) = self.ecs.service_mut(key) {
            service.unsteady = true;
        }
        self.count_failure(key, &digits);
    }

    /// Live tasks that fail a check outside their grace period (A3 [MODEL]: in it, unhealthy checks are ignored).
    pub(super) fn failing(&self, key: &ServiceKey) -> Vec<Failing> {
        let Some(service) = self.ecs.service(key) else {
            return Vec::new();
        };
        let live = self
            .ecs
            .tasks_of(service)
            .filter(|task| task.is_live() && task.status == TaskStatus::Running);
        let out_of_grace = live.filter(|task| {
            task.times
                .started
                .is_some_and(|started_ms| started_ms + service.grace_ms <= self.now_ms)
        });
        out_of_grace
            .filter_map(|task| self.failing_check(task))
            .collect()
    }

    fn failing_check(&self, task: &super::Task) -> Option<Failing> {
        let digits = task.deployment()?.to_owned();
        let serial = task.serial;
        if task.health == ContainerHealth::Unhealthy {
            let event = Happening::ContainerUnhealthy {
                task: task.id.clone(),
            };
            return Some(Failing {
                serial,
                digits,
                event,
                reason: "Task failed container health checks".to_owned(),
            });
        }
        let (group, target) = task.registered.iter().find_map(|name| {
            let target = self
                .elb
                .target(name, serial)
                .filter(|target| target.state.is_unhealthy())?;
            Some((self.elb.groups.get(name)?, target))
        })?;
        let event = Happening::TargetUnhealthy {
            task: task.id.clone(),
            port: target.port,
            group_arn: group.arn.clone(),
            reason: description(target.state),
        };
        let reason = format!(
            "Task failed ELB health checks in (target-group {})",
            group.arn
        );
        Some(Failing {
            serial,
            digits,
            event,
            reason,
        })
    }
}

fn description(state: TargetState) -> String {
    state
        .health()
        .description
        .unwrap_or_else(|| "Health checks failed".to_owned())
}
