//! When a deployment is complete and a service steady (A6 [DOC, OBS]).

use super::early::Progress;
use super::scheduler::View;
use super::service_event::Happening;
use super::{Cause, Controller, RecordStatus, Rollout, ServiceStatus, begin_rollback};
use crate::World;
use crate::base::agenda::{Due, ServiceKey};
use crate::base::timings::{EVENT_WINDOW_MS, SETTLE, SETTLE_FIRST, SETTLE_ROLLBACK};

impl World {
    /// Completes the PRIMARY deployment when it has all desired tasks healthy and no old ones are left, and that has settled.
    pub(super) fn complete_if_done(&mut self, key: &ServiceKey) {
        let Some(view) = self.view(key) else { return };
        let now_ms = self.now_ms;
        let done = self.progress(key, &view) == Progress::Done;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        if service.status != ServiceStatus::Active {
            return self.finish_draining(key, &view);
        }
        let unsteady = service.unsteady;
        let Some(primary) = service.primary_mut() else {
            return;
        };
        match (primary.rollout, done, primary.finish_ms) {
            (Rollout::InProgress, true, None) => self.settle(key),
            (Rollout::InProgress, true, Some(finish_ms)) if finish_ms <= now_ms => {
                self.complete_now(key)
            }
            (Rollout::InProgress, true, Some(_)) => {}
            (Rollout::Completed, true, _) if unsteady => self.steady(key),
            (Rollout::InProgress, false, _) => primary.finish_ms = None,
            (Rollout::Completed | Rollout::Failed, ..) => {}
        }
    }

    /// How long the happy state must last; from the moment the last old task was told to stop.
    fn settle(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let deferred = service.defers_cleanup();
        let Some(primary) = service.primary() else {
            return;
        };
        let rolling_back = primary.rolling_back;
        let stopped_old_ms = primary.stopped_old_ms.filter(|_| !deferred);
        let knob = match (primary.rolling_back, stopped_old_ms) {
            (true, _) => SETTLE_ROLLBACK,
            (false, Some(_)) => SETTLE,
            (false, None) => SETTLE_FIRST,
        };
        let from_ms = stopped_old_ms.unwrap_or(now_ms);
        // The happy state itself has to last for a moment: a crash loop must not be caught between two crashes.
        let lasts_ms = SETTLE_FIRST.draw(self.weather, &mut self.random);
        let settled_ms =
            (from_ms + knob.draw(self.weather, &mut self.random)).max(now_ms + lasts_ms);
        let bake_ms = if rolling_back { 0 } else { self.bake_ms(key) };
        if let Some(primary) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.primary_mut())
        {
            // The bake begins once, also when a task fails during it [INF]; IN_PROGRESS until it is over (B7 [DOC]).
            let baked_ms = *primary.bake_until_ms.get_or_insert(now_ms + bake_ms);
            let finish_ms = settled_ms.max(baked_ms);
            primary.finish_ms = Some(finish_ms);
            self.request_pass(key, finish_ms);
        }
    }

    /// The PRIMARY deployment is complete and the only one.
    pub(crate) fn complete_now(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        let all_there = self.ecs.service(key).is_some_and(|service| {
            let (running, pending) = self.ecs.counts(service, None);
            (running, pending) == (service.wanted(), 0)
        });
        // Old ones that still have tasks stay until those are gone: only an early success leaves any (A6 [INF]).
        let kept: Vec<bool> = self.occupied(key);
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let mut kept = kept.into_iter();
        service.deployments.retain(|_| kept.next().unwrap_or(false));
        let Some(primary) = service.primary_mut() else {
            return;
        };
        primary.rollout = Rollout::Completed;
        primary.reason = format!("ECS deployment {} completed.", primary.id());
        primary.updated_ms = now_ms;
        primary.finish_ms = None;
        primary.trip_ms = None;
        primary.rolling_back = false;
        let (digits, failures) = (primary.digits.clone(), primary.failures);
        if service.controller == Controller::CodeDeploy {
            // A task set completes nothing by itself, and nobody tells so.
            return self.steady(key);
        }
        let early = service.deployments.len() > 1 || !all_there;
        if let Some(record) = service.current_record_mut() {
            let end = match record.status {
                RecordStatus::RollbackInProgress => RecordStatus::RollbackSuccessful,
                RecordStatus::StopRequested => RecordStatus::Stopped,
                // ROLLBACK_REQUESTED may lose the race (B6).
                _ => RecordStatus::Successful,
            };
            if record.rollback.is_none() {
                record.failures = failures;
            }
            record.turn(end, now_ms);
            record.next_ms = None;
        }
        self.announce(key, Happening::Completed { digits });
        if early {
            self.freeze_counts(key);
            self.request_next_pass(key);
        } else {
            self.steady(key);
        }
    }

    pub(super) fn steady(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        service.unsteady = false;
        service.steady_ms = Some(now_ms);
        service.events.resolve();
        self.agenda
            .add(now_ms + EVENT_WINDOW_MS, Due::Steady(key.clone()));
        self.announce(key, Happening::Steady);
    }

    /// Which deployments are PRIMARY or still have live tasks.
    fn occupied(&self, key: &ServiceKey) -> Vec<bool> {
        let Some(service) = self.ecs.service(key) else {
            return Vec::new();
        };
        let live = |digits: &str| {
            let mut tasks = self.ecs.tasks_of(service);
            tasks.any(|task| task.is_live() && task.deployment() == Some(digits))
        };
        let places = service.deployments.iter().enumerate();
        places
            .map(|(place, deployment)| place == 0 || live(&deployment.digits))
            .collect()
    }

    /// A superseded deployment leaves the list when it has no task left; FAILED and COMPLETED ones stay until the end (B4).
    pub(super) fn drop_superseded(&mut self, key: &ServiceKey) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let completed = service
            .primary()
            .is_some_and(|primary| primary.rollout == Rollout::Completed);
        let gone: Vec<String> = service
            .deployments
            .iter()
            .skip(1)
            .filter(|deployment| completed || deployment.rollout == Rollout::InProgress)
            .filter(|deployment| self.ecs.counts(service, Some(&deployment.digits)) == (0, 0))
            .map(|deployment| deployment.digits.clone())
            .collect();
        if let Some(service) = self.ecs.service_mut(key) {
            service
                .deployments
                .retain(|deployment| !gone.contains(&deployment.digits));
        }
    }

    /// A service whose first deployment never completed: it has failed, and nothing runs.
    pub(crate) fn make_stalled(&mut self, key: &ServiceKey) {
        begin_rollback(self, key, Cause::Breaker);
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        service.pass_ms = None;
        if let Some(record) = service.current_record_mut()
            && record.status == RecordStatus::StopRequested
        {
            record.turn(RecordStatus::Stopped, now_ms);
            record.next_ms = None;
        }
    }

    /// A deleted service becomes INACTIVE when its tasks are gone.
    fn finish_draining(&mut self, key: &ServiceKey, view: &View) {
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        if view.live.is_empty() && service.status == ServiceStatus::Draining {
            service.status = ServiceStatus::Inactive;
            service.deployments.clear();
        }
    }
}
