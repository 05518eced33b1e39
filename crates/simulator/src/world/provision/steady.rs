//! Services that are steady without having been played: running tasks, healthy targets, a finished first deployment.

use std::collections::BTreeMap;

use super::ProvisionError;
use crate::base::agenda::{Due, ServiceKey};
use crate::base::timings::{EVENT_WINDOW_MS, SETTLE_FIRST};
use crate::services::ecs::{self, ContainerHealth, Digests, Rollout, TaskStatus};
use crate::services::elb::TargetState;
use crate::{Millis, World};

impl World {
    /// All desired tasks run and are healthy, the first deployment is COMPLETED and its record SUCCESSFUL.
    pub(super) fn make_steady(
        &mut self,
        key: &ServiceKey,
        name: &str,
        definition: &str,
    ) -> Result<(), ProvisionError> {
        let created_ms = self.now_ms;
        let cannot_run = || ProvisionError::CannotRun {
            service: name.to_owned(),
            task_definition: definition.to_owned(),
        };
        let Some(service) = self.ecs.service_mut(key) else {
            return Err(cannot_run());
        };
        service.pass_ms = None;
        let (revision, count) = (service.definition.clone(), service.wanted());
        let Some(digits) = service.primary().map(|primary| primary.digits.clone()) else {
            return Err(cannot_run());
        };
        let digests = self
            .resolve(&revision, &BTreeMap::new())
            .map_err(|_| cannot_run())?;
        let serials = self.start_steady(key, &digits, count);
        for serial in serials {
            self.run_steady(serial, created_ms, &digests);
        }
        let settled_ms = created_ms + 60_000 + SETTLE_FIRST.draw(self.weather, &mut self.random);
        self.now_ms = settled_ms;
        self.complete_provisioned(key, digests);
        self.now_ms = created_ms;
        Ok(())
    }

    fn complete_provisioned(&mut self, key: &ServiceKey, digests: BTreeMap<String, String>) {
        let now_ms = self.now_ms;
        if let Some(primary) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.primary_mut())
        {
            primary.was_running = true;
            primary.digests = Digests::Known(digests);
        }
        self.close_first_record(key, now_ms);
        self.complete_now(key);
    }

    fn run_steady(&mut self, serial: u64, created_ms: Millis, digests: &BTreeMap<String, String>) {
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        let started_ms = created_ms + 20_000;
        task.status = TaskStatus::Running;
        task.step_ms = None;
        task.times.created = created_ms;
        task.times.pull_started = Some(created_ms + 12_000);
        task.times.pull_stopped = Some(started_ms);
        task.times.started = Some(started_ms);
        task.health = ContainerHealth::Healthy;
        task.healthy = true;
        task.was_healthy = true;
        for container in &mut task.containers {
            container.digest = digests.get(&container.name).cloned();
        }
        ecs::start_in_order(self, serial, created_ms + 12_000);
        self.register_steady(serial);
    }

    /// Time goes on from now: nothing of the past is left to happen, and the steady state will be told again.
    pub(super) fn settle_provisioned(&mut self, now_ms: Millis) {
        let pending: Vec<(Millis, Due)> =
            std::iter::from_fn(|| self.agenda.next_due(now_ms)).collect();
        drop(pending);
        self.events.told.clear();
        let keys: Vec<ServiceKey> = self.ecs.services.keys().cloned().collect();
        for key in keys {
            let Some(service) = self.ecs.service_mut(&key) else {
                continue;
            };
            let steady = service
                .primary()
                .is_some_and(|primary| primary.rollout == Rollout::Completed);
            service.steady_ms = steady.then_some(now_ms);
            if steady {
                self.agenda
                    .add(now_ms + EVENT_WINDOW_MS, Due::Steady(key.clone()));
            }
            self.watch_floor(&key);
        }
    }

    fn register_steady(&mut self, serial: u64) {
        ecs::register_targets(self, serial);
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        for group in task.registered.clone() {
            if let Some(target) = self.elb.target_mut(&group, serial)
                && target.state == TargetState::Initial
            {
                target.state = TargetState::Healthy;
                target.next = None;
            }
        }
    }
}
