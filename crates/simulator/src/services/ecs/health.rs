//! When a task counts as healthy (A3), and what follows when that changes. Container checks are computed, not played.

use super::definition::HealthCheck;
use super::{ContainerHealth, TaskStatus};
use crate::base::agenda::{Due, TaskSerial};
use crate::base::timings::COUNTS_AFTER_RUNNING_MS;
use crate::services::elb::{Answers, TargetState};
use crate::{Millis, World};

/// The next turn of a container's health. The first check comes one interval after the start; failures in the start period
/// do not count, and one success makes it HEALTHY (A3 [MODEL]).
fn next_turn(
    check: HealthCheck,
    started_ms: Millis,
    health: ContainerHealth,
    answers: Answers,
    now_ms: Millis,
) -> Option<(Millis, ContainerHealth)> {
    let interval_ms = check.interval_ms.max(1);
    let check_at_or_after = |at_ms: Millis| {
        let number = at_ms
            .saturating_sub(started_ms)
            .div_ceil(interval_ms)
            .max(1);
        started_ms + number * interval_ms
    };
    let unhealthy_from = |first_failure_ms: Millis| {
        first_failure_ms + u64::from(check.retries.saturating_sub(1)) * interval_ms
    };
    let good = || {
        let at_ms = check_at_or_after(answers.ready_ms?.max(now_ms + 1));
        answers.good_at(at_ms).then_some(at_ms)
    };
    match health {
        ContainerHealth::Unknown => {
            let counted_from_ms = (started_ms + check.start_period_ms).max(now_ms + 1);
            let bad_ms = unhealthy_from(check_at_or_after(counted_from_ms));
            match good() {
                Some(good_ms) if good_ms <= bad_ms => Some((good_ms, ContainerHealth::Healthy)),
                Some(_) | None => Some((bad_ms, ContainerHealth::Unhealthy)),
            }
        }
        ContainerHealth::Healthy => {
            let first_failure_ms = check_at_or_after(answers.bad_from_ms?.max(now_ms + 1));
            Some((unhealthy_from(first_failure_ms), ContainerHealth::Unhealthy))
        }
        ContainerHealth::Unhealthy => good().map(|good_ms| (good_ms, ContainerHealth::Healthy)),
    }
}

impl World {
    /// Plans the next turn of a task's container health.
    pub(crate) fn plan_container_turn(&mut self, serial: TaskSerial) {
        let now_ms = self.now_ms;
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        let (Some(check), Some(started_ms)) =
            (task.definition.health_check().copied(), task.times.started)
        else {
            return;
        };
        task.next_health = next_turn(check, started_ms, task.health, task.answers(), now_ms);
        if let Some((at_ms, _)) = task.next_health {
            self.agenda.add(at_ms, Due::Check(serial));
        }
    }

    /// Looks again whether a task counts as healthy.
    pub(crate) fn reconsider_health(&mut self, serial: TaskSerial) {
        let counts = self.counts_as_healthy(serial);
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        let before = std::mem::replace(&mut task.healthy, counts);
        let failed_by_itself = before && !counts && !task.told_to_stop;
        task.was_healthy |= counts;
        let Some(key) = task.service().map(|(key, _)| key.clone()) else {
            return;
        };
        if counts && !before {
            self.task_became_healthy(serial);
        }
        if failed_by_itself {
            self.excuse_floor(&key);
        }
        self.watch_floor(&key);
        self.request_next_pass(&key);
    }

    /// The table of A3 [MODEL].
    fn counts_as_healthy(&self, serial: TaskSerial) -> bool {
        let Some(task) = self.ecs.task(serial) else {
            return false;
        };
        if task.status != TaskStatus::Running || task.told_to_stop {
            return false;
        }
        let balanced = task
            .service()
            .and_then(|(key, _)| self.ecs.service(key))
            .is_some_and(|service| !service.load_balancers.is_empty());
        let checked = task.definition.health_check().is_some();
        let container_healthy = task.health == ContainerHealth::Healthy;
        let targets_healthy = task.registered.iter().all(|group| {
            self.elb
                .target(group, serial)
                .is_some_and(|target| target.state == TargetState::Healthy)
        });
        match (balanced, checked) {
            (false, false) => task
                .times
                .started
                .is_some_and(|started_ms| self.now_ms >= started_ms + COUNTS_AFTER_RUNNING_MS),
            (false, true) => container_healthy,
            (true, false) => targets_healthy,
            (true, true) => container_healthy && targets_healthy,
        }
    }
}

/// A container's health turns, if it is still the turn that was planned.
pub(crate) fn container_turned(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let Some((at_ms, health)) = task.next_health else {
        return;
    };
    if at_ms != now_ms || task.status != TaskStatus::Running {
        return;
    }
    task.health = health;
    world.plan_container_turn(serial);
    world.reconsider_health(serial);
}

/// A task without any health check has been RUNNING for 40 s.
pub(crate) fn counts_now(world: &mut World, serial: TaskSerial) {
    world.reconsider_health(serial);
}
