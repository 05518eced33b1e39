//! The scheduler of services with controller CODE_DEPLOY: each task set is kept at its computed desired count (E). What CodeDeploy
//! asks for is here too; when it asks is `codedeploy`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::service_event::Happening;
use super::{
    Deployment, Digests, Rollout, ServiceLoadBalancer, ServiceStatus, TaskDefinition, TaskSet,
    TaskSetStatus, TaskStatus,
};
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::base::timings::FIRST_PASS;

/// What a task set is made from.
pub(crate) struct NewTaskSet {
    pub(crate) definition: Arc<TaskDefinition>,
    pub(crate) status: TaskSetStatus,
    pub(crate) balancer: ServiceLoadBalancer,
    pub(crate) external_id: Option<String>,
    pub(crate) settings: BTreeMap<String, Value>,
}

impl World {
    /// Makes a task set; answers its digits.
    pub(crate) fn create_task_set(&mut self, key: &ServiceKey, new: NewTaskSet) -> String {
        let digits = self.draw_digits();
        let first_pass_ms = self.now_ms + FIRST_PASS.draw(self.weather, &mut self.random);
        let mut deployment =
            Deployment::new(digits.clone(), new.definition, String::new(), self.now_ms);
        // No circuit breaker, no service deployment: nothing of a rolling deployment applies (E [MODEL]).
        deployment.rollout = Rollout::Completed;
        deployment.task_set = Some(TaskSet {
            status: new.status,
            balancer: new.balancer,
            external_id: new.external_id,
            settings: new.settings,
        });
        if let Some(service) = self.ecs.service_mut(key) {
            service.deployments.push(deployment);
            service.unsteady = true;
            service.events.resolve();
        }
        self.request_pass(key, first_pass_ms);
        digits
    }

    /// UpdateServicePrimaryTaskSet: what the set has "will transition to the service" [MODEL].
    pub(crate) fn promote_task_set(&mut self, key: &ServiceKey, digits: &str) {
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let Some(place) = service
            .deployments
            .iter()
            .position(|deployment| deployment.digits == digits)
        else {
            return;
        };
        for deployment in &mut service.deployments {
            let is_it = deployment.digits == digits;
            let Some(set) = &mut deployment.task_set else {
                continue;
            };
            let status = match (is_it, set.status) {
                (true, _) => TaskSetStatus::Primary,
                (false, TaskSetStatus::Draining) => TaskSetStatus::Draining,
                (false, TaskSetStatus::Primary | TaskSetStatus::Active) => TaskSetStatus::Active,
            };
            if set.status != status {
                set.status = status;
                deployment.updated_ms = now_ms;
            }
        }
        let promoted = service.deployments.remove(place);
        service.definition = Arc::clone(&promoted.definition);
        if let Some(set) = &promoted.task_set {
            service.load_balancers = vec![set.balancer.clone()];
            service.settings.extend(set.settings.clone());
        }
        service.deployments.insert(0, promoted);
    }

    /// DeleteTaskSet: DRAINING at scale 0 until its tasks are gone [OBS].
    pub(crate) fn drain_task_set(&mut self, key: &ServiceKey, digits: &str) {
        let now_ms = self.now_ms;
        let Some(deployment) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.deployment_mut(digits))
        else {
            return;
        };
        deployment.updated_ms = now_ms;
        if let Some(set) = &mut deployment.task_set {
            set.status = TaskSetStatus::Draining;
        }
        // The service may have been scaled meanwhile: whoever stays has to reach the bound by itself.
        self.move_floor(key);
        self.request_next_pass(key);
    }

    /// STEADY_STATE: running equals computed, nothing pending, all healthy [MODEL, TaskSet.stabilityStatus].
    pub(crate) fn task_set_is_steady(&self, key: &ServiceKey, digits: &str) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let Some(wanted) = wanted_of(service, digits) else {
            return false;
        };
        let live = self.live_of(key, digits);
        live.len() == wanted && live.iter().all(|task| task.healthy)
    }

    /// One pass: unhealthy tasks are replaced, surplus ones stopped, missing ones started, set by set.
    pub(super) fn keep_task_sets(&mut self, key: &ServiceKey) {
        self.replace_failing(key);
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let digits: Vec<String> = service
            .deployments
            .iter()
            .map(|deployment| deployment.digits.clone())
            .collect();
        for digits in &digits {
            self.keep_task_set(key, digits);
        }
        self.forget_empty_sets(key);
        self.tell_if_steady(key);
    }

    fn replace_failing(&mut self, key: &ServiceKey) {
        for failing in self.failing(key) {
            let digits = failing.digits.clone();
            let Some(service) = self.ecs.service(key) else {
                return;
            };
            let wanted = wanted_of(service, &digits).unwrap_or(0);
            let has = self.live_of(key, &digits).len();
            // A replacement starts first when the set is not over its count already (A5 [DOC]).
            if has <= wanted {
                let tasks = self.start_tasks(key, &digits, 1);
                if !tasks.is_empty() {
                    self.announce(key, Happening::Started { tasks, replaced: 1 });
                }
            }
            self.give_up(key, failing);
        }
    }

    fn keep_task_set(&mut self, key: &ServiceKey, digits: &str) {
        let live = self.live_of(key, digits);
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let Some(wanted) = wanted_of(service, digits) else {
            return;
        };
        let Some(deployment) = service.deployment(digits) else {
            return;
        };
        let held_up = deployment.back_off.until_ms > self.now_ms;
        let mut lacking = wanted.saturating_sub(live.len());
        if matches!(deployment.digests, Digests::Pending { .. }) {
            // The first task resolves the digests; the others wait for it (A10).
            lacking = lacking.min(1_usize.saturating_sub(live.len()));
        }
        let surplus = live.len().saturating_sub(wanted);
        if surplus > 0 {
            let mut victims = live;
            victims.reverse();
            victims.sort_by_key(|task| task.healthy);
            victims.truncate(surplus);
            self.stop_all(key, victims);
        }
        if lacking > 0 && !held_up {
            self.start_and_tell(key, digits, lacking);
        }
    }

    fn forget_empty_sets(&mut self, key: &ServiceKey) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let draining = service.deployments.iter().filter(|deployment| {
            let status = deployment.task_set.as_ref().map(|set| set.status);
            status == Some(TaskSetStatus::Draining)
        });
        let gone: Vec<String> = draining
            .filter(|deployment| {
                let mut tasks = self.ecs.tasks_of(service);
                tasks.all(|task| {
                    task.deployment() != Some(&deployment.digits)
                        || task.status == TaskStatus::Stopped
                })
            })
            .map(|deployment| deployment.digits.clone())
            .collect();
        if let Some(service) = self.ecs.service_mut(key) {
            service
                .deployments
                .retain(|deployment| !gone.contains(&deployment.digits));
        }
    }

    fn tell_if_steady(&mut self, key: &ServiceKey) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        if service.status != ServiceStatus::Active {
            let none_left = service
                .deployments
                .iter()
                .all(|deployment| self.live_of(key, &deployment.digits).is_empty());
            return self.finish_deletion(key, none_left);
        }
        let all = service
            .deployments
            .iter()
            .all(|deployment| self.task_set_is_steady(key, &deployment.digits));
        if all && service.unsteady {
            self.steady(key);
        }
    }

    fn finish_deletion(&mut self, key: &ServiceKey, none_left: bool) {
        if let Some(service) = self.ecs.service_mut(key).filter(|_| none_left) {
            service.status = ServiceStatus::Inactive;
            service.deployments.clear();
        }
    }
}

fn wanted_of(service: &super::Service, digits: &str) -> Option<usize> {
    let set = service.deployment(digits)?.task_set.as_ref()?;
    let desired = match service.status {
        ServiceStatus::Active => service.desired,
        ServiceStatus::Draining | ServiceStatus::Inactive => 0,
    };
    usize::try_from(set.computed_desired(desired)).ok()
}
