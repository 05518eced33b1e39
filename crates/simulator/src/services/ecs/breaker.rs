//! Failures of a deployment's tasks: what the circuit breaker counts, when it trips, and how starts back off (A9, A10, B1, B2).

use super::service_event::Happening;
use super::{Cause, Digests, Rollout, begin_rollback};
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::base::timings::{
    BACK_OFF_FIRST, BACK_OFF_LIMIT_MS, BACK_OFF_SECOND, BREAKER_LAG, CRASH_LOOP_PERIOD,
    UNCHECKED_EXIT_COUNTS,
};
use crate::{Millis, World};

/// Three failed attempts at establishing image digests fail a deployment with a breaker (A10 [DOC]).
const DIGEST_ATTEMPTS: u32 = 3;

impl World {
    /// A service's task went from PENDING to STOPPED (A9, B2 stage 1).
    pub(crate) fn service_task_never_ran(&mut self, serial: TaskSerial, reason: String) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let Some((key, digits)) = task
            .service()
            .map(|(key, digits)| (key.clone(), digits.to_owned()))
        else {
            return;
        };
        let resolving = task
            .definition
            .containers
            .iter()
            .any(|container| container.digest_is_needed());
        self.start_failed(&key, &digits, resolving, reason);
    }

    /// A start of a deployment's task failed, whether or not there was a task.
    pub(crate) fn start_failed(
        &mut self,
        key: &ServiceKey,
        digits: &str,
        resolving: bool,
        reason: String,
    ) {
        self.announce(key, Happening::CannotPlace { reason });
        self.back_off(key, digits);
        self.owe(key, digits);
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let breaker_on = service.breaker.enable;
        let Some(deployment) = service.deployment_mut(digits) else {
            return;
        };
        if !deployment.was_running {
            self.count_failure(key, digits);
        }
        let mut trip = false;
        if let Some(deployment) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.deployment_mut(digits))
            && let Digests::Pending { failed } = &mut deployment.digests
            && resolving
        {
            *failed += 1;
            if *failed >= DIGEST_ATTEMPTS {
                deployment.digests = Digests::GivenUp;
                trip = breaker_on;
            }
        }
        if trip {
            self.plan_trip(key, digits);
        }
        self.request_next_pass(key);
    }

    /// A service's task ended by itself after RUNNING.
    ///
    /// Counted when it was never healthy and the service has a load balancer or a container check; in neither list of B2, so
    /// [INF]: without either it loops uncounted, as in 2021 [OBS].
    pub(crate) fn service_task_exited(&mut self, serial: TaskSerial) {
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        task.healthy = false;
        let never_healthy = !task.was_healthy;
        let checked = task.definition.health_check().is_some();
        let started_ms = task.times.created;
        let Some((key, digits)) = task
            .service()
            .map(|(key, digits)| (key.clone(), digits.to_owned()))
        else {
            return;
        };
        self.excuse_floor(&key);
        self.watch_floor(&key);
        let period_ms = CRASH_LOOP_PERIOD.draw(self.weather, &mut self.random);
        let Some(service) = self.ecs.service_mut(&key) else {
            return;
        };
        let counted = never_healthy
            && (checked || !service.load_balancers.is_empty() || UNCHECKED_EXIT_COUNTS);
        service.unsteady = true;
        if let Some(deployment) = service.deployment_mut(&digits).filter(|_| never_healthy) {
            // Not a back-off: crash loops restart every ~50 s (A9 [OBS]).
            deployment.back_off.until_ms = deployment.back_off.until_ms.max(started_ms + period_ms);
        }
        self.owe(&key, &digits);
        if counted {
            self.count_failure(&key, &digits);
        }
        self.request_next_pass(&key);
    }

    /// A task reached a healthy state: the failure count goes to 0 unless that is turned off (B2 [DOC]).
    pub(crate) fn task_became_healthy(&mut self, serial: TaskSerial) {
        let Some((key, digits)) = self
            .ecs
            .task(serial)
            .and_then(|task| task.service())
            .map(|(key, digits)| (key.clone(), digits.to_owned()))
        else {
            return;
        };
        let Some(service) = self.ecs.service_mut(&key) else {
            return;
        };
        let resets = service.breaker.reset_on_healthy_task;
        if let Some(deployment) = service.deployment_mut(&digits)
            && resets
            && deployment.rollout == Rollout::InProgress
        {
            deployment.failures = 0;
        }
    }

    /// One more failure of the PRIMARY deployment; the breaker trips when the count equals its threshold (B1 [DOC]).
    pub(crate) fn count_failure(&mut self, key: &ServiceKey, digits: &str) {
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let threshold = service.breaker.threshold.at(service.desired);
        let breaker_on = service.breaker.enable;
        let Some(primary) = service.primary_mut() else {
            return;
        };
        if primary.digits != digits || primary.rollout != Rollout::InProgress {
            return;
        }
        primary.failures += 1;
        let failures = primary.failures;
        if let Some(record) = service.current_record_mut()
            && record.rollback.is_none()
        {
            record.failures = failures;
        }
        if breaker_on && failures >= threshold {
            self.plan_trip(key, digits);
        }
    }

    /// The breaker trips a little later (L: up to ~45 s [OBS]).
    fn plan_trip(&mut self, key: &ServiceKey, digits: &str) {
        let trip_ms = self.now_ms + BREAKER_LAG.draw(self.weather, &mut self.random);
        let Some(deployment) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.deployment_mut(digits))
        else {
            return;
        };
        if deployment.rollout == Rollout::InProgress && deployment.trip_ms.is_none() {
            deployment.trip_ms = Some(trip_ms);
            self.request_pass(key, trip_ms);
        }
    }

    /// Trips the breaker of the PRIMARY deployment if it is time. `true`: it tripped.
    pub(crate) fn trip_if_due(&mut self, key: &ServiceKey) -> bool {
        let now_ms = self.now_ms;
        let Some(primary) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.primary_mut())
        else {
            return false;
        };
        if primary.rollout != Rollout::InProgress
            || primary.trip_ms.is_none_or(|trip_ms| now_ms < trip_ms)
        {
            return false;
        }
        begin_rollback(self, key, Cause::Breaker);
        true
    }

    /// Starts pause after a task that never ran: 32 s, then minutes, at most 27 (A9 [DOC, OBS]).
    fn back_off(&mut self, key: &ServiceKey, digits: &str) {
        let first_ms = BACK_OFF_FIRST.draw(self.weather, &mut self.random);
        let second_ms = BACK_OFF_SECOND.draw(self.weather, &mut self.random);
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        service.unsteady = true;
        let Some(deployment) = service.deployment_mut(digits) else {
            return;
        };
        let back_off = &mut deployment.back_off;
        if back_off.until_ms > now_ms {
            // Another task of the same start failed at this instant: one pause for all.
            return;
        }
        let pause_ms: Millis = match back_off.times {
            0 => first_ms,
            1 => second_ms,
            _ => (back_off.last_ms * 2).min(BACK_OFF_LIMIT_MS),
        };
        back_off.times += 1;
        back_off.last_ms = pause_ms;
        back_off.until_ms = now_ms + pause_ms;
        let hopeless = back_off.times == 3;
        if hopeless {
            self.announce(key, Happening::CannotStart);
        }
    }
}
