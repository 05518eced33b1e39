//! Stopping tasks: which ones a service can spare, and how a task that is told to stop begins to (A4, C).

use std::collections::BTreeMap;

use super::scheduler::{Seen, View};
use super::service_event::Happening;
use super::task::StopCode;
use super::{Rollout, TaskStatus};
use crate::World;
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::base::timings::{DEACTIVATE, DEPROVISION, DEREGISTER};

impl World {
    /// Stops what the lower bound allows: first surplus tasks of the PRIMARY deployment, then old ones.
    pub(super) fn stop_spare(&mut self, key: &ServiceKey) {
        let Some(view) = self.view(key) else { return };
        let Some(primary) = self.ecs.service(key).and_then(|service| service.primary()) else {
            return;
        };
        let failed = primary.rollout == Rollout::Failed;
        let surplus = surplus(&view);
        let held = self.holds_source(key, &view);
        let old = if held || failed && view.desired > 0 {
            Vec::new()
        } else {
            spare_old(&view)
        };
        if old.iter().any(|task| !task.protected) {
            let now_ms = self.now_ms;
            if let Some(primary) = self
                .ecs
                .service_mut(key)
                .and_then(|service| service.primary_mut())
            {
                primary.stopped_old_ms = Some(now_ms);
                primary.finish_ms = None;
            }
        }
        self.stop_unprotected(key, surplus.into_iter().chain(old));
    }

    /// Stops tasks, except those that are protected.
    pub(super) fn stop_unprotected(
        &mut self,
        key: &ServiceKey,
        victims: impl Iterator<Item = Seen>,
    ) {
        let (protected, spare) = victims.partition(|task| task.protected);
        self.tell_protected(key, protected);
        self.stop_all(key, spare);
    }

    /// Protected tasks that would have had to go, by deployment (A8 [DOC]).
    fn tell_protected(&mut self, key: &ServiceKey, protected: Vec<Seen>) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for task in protected {
            let digits = self
                .ecs
                .task(task.serial)
                .and_then(|task| task.deployment());
            *counts
                .entry(digits.unwrap_or_default().to_owned())
                .or_default() += 1;
        }
        for (digits, count) in counts {
            self.announce(key, Happening::Protected { count, digits });
        }
    }

    pub(super) fn stop_all(&mut self, key: &ServiceKey, victims: impl IntoIterator<Item = Seen>) {
        let (mut running, mut pending) = (Vec::new(), 0);
        for victim in victims {
            let Some(task) = self.ecs.task(victim.serial) else {
                continue;
            };
            let (id, digits) = (task.id.clone(), task.deployment().unwrap_or_default());
            let reason = format!("Scaling activity initiated by (deployment ecs-svc/{digits})");
            if victim.running {
                running.push(id);
            } else {
                pending += 1;
            }
            self.stop_task(victim.serial, StopCode::ServiceSchedulerInitiated, reason);
        }
        if !running.is_empty() {
            self.announce(key, Happening::Stopped { tasks: running });
        }
        if pending > 0 {
            self.announce(key, Happening::StoppedPending { count: pending });
        }
    }

    /// Tells a task to stop. One that never ran goes at once; one with targets deregisters and drains first (C [DOC]).
    pub(crate) fn stop_task(&mut self, serial: TaskSerial, code: StopCode, reason: String) {
        let now_ms = self.now_ms;
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        if task.told_to_stop {
            return;
        }
        task.told_to_stop = true;
        task.healthy = false;
        task.stop_code = Some(code);
        task.stopped_reason = Some(reason);
        task.times.stopping = Some(now_ms);
        let (status, registered) = (task.status, !task.registered.is_empty());
        match status {
            TaskStatus::Running if registered => {
                self.enter(serial, TaskStatus::Deactivating, DEREGISTER)
            }
            TaskStatus::Running => self.enter(serial, TaskStatus::Deactivating, DEACTIVATE),
            TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => {
                self.enter(serial, TaskStatus::Deprovisioning, DEPROVISION);
            }
            TaskStatus::Deactivating
            | TaskStatus::Stopping
            | TaskStatus::Deprovisioning
            | TaskStatus::Stopped => {}
        }
    }
}

/// Tasks of the PRIMARY deployment beyond the desired count; those that are not healthy first, then the youngest.
fn surplus(view: &View) -> Vec<Seen> {
    let mut tasks: Vec<Seen> = view.primary().copied().collect();
    let count = tasks.len().saturating_sub(view.desired);
    tasks.reverse();
    tasks.sort_by_key(|task| (task.protected, task.healthy));
    tasks.truncate(count);
    tasks
}

/// `min(|old live|, |healthy| - lower)`, unhealthy ones first (A4).
///
/// Tasks of failed and superseded deployments that never became healthy carry nothing and go at once [INF]; so does
/// everything old as soon as the PRIMARY deployment alone has all desired tasks healthy.
fn spare_old(view: &View) -> Vec<Seen> {
    if view.primary_healthy() >= view.desired {
        return view.old().copied().collect();
    }
    let (mut spare, mut bound): (Vec<Seen>, Vec<Seen>) =
        view.old().partition(|task| !task.source && !task.healthy);
    bound.sort_by_key(|task| (task.protected, task.healthy));
    bound.truncate(view.healthy().saturating_sub(view.lower));
    spare.extend(bound);
    spare
}
