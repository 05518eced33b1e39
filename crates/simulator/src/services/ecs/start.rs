//! Starting tasks: how many a service lacks and may have, and how a task comes to be (A4, A9, A10).

use serde_json::{Value, json};

use super::cluster::{CapacityProvider, LaunchType, next_provider};
use super::ending::start_failure_text;
use super::service_event::{Happening, NO_INSTANCE};
use super::task::{ContainerState, Times};
use super::{
    Behaviour, ContainerHealth, Digests, Owner, Rollout, ServiceStatus, StartFailure, Task,
    TaskStatus,
};
use crate::World;
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::base::timings::{PROVISIONING, THROTTLED_START};

/// What a new task is made from.
pub(crate) struct NewTask {
    pub(crate) definition: std::sync::Arc<super::TaskDefinition>,
    pub(crate) cluster: String,
    pub(crate) owner: Owner,
    pub(crate) behaviour: Behaviour,
    pub(crate) started_by: Option<String>,
    pub(crate) group: String,
    pub(crate) overrides: Value,
    /// The container that does what it is for.
    pub(crate) app: String,
    pub(crate) provider: Option<CapacityProvider>,
}

impl World {
    /// `min(desired - |primary live|, upper - |live|)`, and then tasks still owed to older deployments.
    pub(super) fn start_missing(&mut self, key: &ServiceKey) {
        let Some(view) = self.view(key) else { return };
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let Some(primary) = service.primary() else {
            return;
        };
        if service.status != ServiceStatus::Active {
            return;
        }
        let lacking = view.desired.saturating_sub(view.primary().count());
        let mut count = lacking.min(view.room());
        if matches!(primary.digests, Digests::Pending { .. }) {
            // The first task resolves the digests; the others wait for it (A10).
            count = count.min(1_usize.saturating_sub(view.primary().count()));
        }
        // FAILED "doesn't launch any new tasks" [DOC]; a back-off holds starts up (A9).
        if primary.rollout != Rollout::Failed
            && primary.back_off.until_ms <= self.now_ms
            && count > 0
        {
            let digits = primary.digits.clone();
            self.start_and_tell(key, &digits, count);
        }
        self.start_owed(key);
    }

    /// Tasks of older deployments that were lost while they serve.
    pub(super) fn start_owed(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let older = service.deployments.iter_mut().skip(1);
        let owing: Vec<(String, Rollout, u32)> = older
            .filter(|deployment| deployment.owed > 0 && deployment.back_off.until_ms <= now_ms)
            .map(|deployment| {
                (
                    deployment.digits.clone(),
                    deployment.rollout,
                    std::mem::take(&mut deployment.owed),
                )
            })
            .collect();
        for (digits, rollout, owed) in owing {
            let Some(view) = self.view(key) else { return };
            let count = usize::try_from(owed).unwrap_or(0).min(view.room());
            if rollout == Rollout::Completed && count > 0 {
                self.start_and_tell(key, &digits, count);
            }
        }
    }

    pub(super) fn start_and_tell(&mut self, key: &ServiceKey, digits: &str, count: usize) {
        let tasks = self.start_tasks(key, digits, count);
        if !tasks.is_empty() {
            self.announce(key, Happening::Started { tasks, replaced: 0 });
        }
    }

    /// Starts tasks of a deployment; answers their ids. Without capacity there are none, and each counts as a failure.
    pub(super) fn start_tasks(
        &mut self,
        key: &ServiceKey,
        digits: &str,
        count: usize,
    ) -> Vec<String> {
        self.start_at_rate(key, digits, count, true)
    }

    fn start_at_rate(
        &mut self,
        key: &ServiceKey,
        digits: &str,
        count: usize,
        limited: bool,
    ) -> Vec<String> {
        let Some(service) = self.ecs.service_mut(key) else {
            return Vec::new();
        };
        service.unsteady = true;
        let (name, cluster) = (service.name.clone(), service.cluster.clone());
        let Some(definition) = service
            .deployment(digits)
            .map(|deployment| deployment.definition.clone())
        else {
            return Vec::new();
        };
        if service.launched == LaunchType::Ec2 {
            self.start_failed(key, digits, false, NO_INSTANCE.to_owned());
            return Vec::new();
        }
        let app = self.app_of_service(key, &definition);
        let behaviour = Behaviour::of_service_task(self, (key, &name), &definition, &app);
        if behaviour.failure == Some(StartFailure::Throttled) {
            // Nothing was tried: it does not count as a failure [INF].
            self.no_task_is_made(&name, &definition);
            self.announce(key, Happening::Throttled);
            let again_ms = self.now_ms + THROTTLED_START.draw(self.weather, &mut self.random);
            self.request_pass(key, again_ms);
            return Vec::new();
        }
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            if let Some(failure) = behaviour
                .failure
                .clone()
                .filter(StartFailure::makes_no_task)
            {
                let reason = start_failure_text(failure, &definition);
                self.no_task_is_made(&name, &definition);
                self.start_failed(key, digits, false, reason);
                continue;
            }
            let provider = self.provider_of_next(key, digits);
            let now_ms = self.now_ms;
            if limited && !self.ecs.launches.take(provider, now_ms) {
                // Fargate launches no more in this moment (F2 [DOC]).
                self.request_pass(key, now_ms + 1_000);
                break;
            }
            let serial = self.new_task(NewTask {
                provider,
                definition: definition.clone(),
                cluster: cluster.clone(),
                owner: Owner::Service {
                    key: key.clone(),
                    digits: digits.to_owned(),
                },
                behaviour: behaviour.clone(),
                app: app.clone(),
                started_by: Some(format!("ecs-svc/{digits}")),
                group: format!("service:{name}"),
                overrides: json!({ "containerOverrides": [], "inferenceAcceleratorOverrides": [] }),
            });
            if let Some(service) = self.ecs.service_mut(key) {
                service.tasks.push(serial);
            }
            ids.extend(self.ecs.task(serial).map(|task| task.id.clone()));
        }
        ids
    }

    /// The container of a service's tasks that does what they are for: the one that is named for it, the load balancer's, or what the
    /// definition shows.
    fn app_of_service(&self, key: &ServiceKey, definition: &super::TaskDefinition) -> String {
        let service = self.ecs.service(key);
        let named = self
            .apps
            .get(key)
            .and_then(|program| program.container.as_deref());
        let balancers = service.map_or(&[][..], |service| &service.load_balancers);
        let balanced = balancers
            .first()
            .map(|balancer| balancer.container_name.as_str());
        let mut known = [named, balanced].into_iter().flatten();
        let known = known.find_map(|name| definition.container(name));
        let app = known.or_else(|| definition.app());
        app.map(|app| app.name.clone()).unwrap_or_default()
    }

    /// Where the next task of a deployment goes; counted over the deployment's own tasks.
    fn provider_of_next(&self, key: &ServiceKey, digits: &str) -> Option<CapacityProvider> {
        let service = self.ecs.service(key)?;
        let strategy = &service.deployment(digits)?.strategy;
        let live = |provider| {
            let tasks = self.ecs.tasks_of(service).filter(|task| task.is_live());
            tasks
                .filter(|task| task.deployment() == Some(digits) && task.provider == Some(provider))
                .count()
        };
        next_provider(strategy, live)
    }

    /// Tasks of a service that have always been there.
    pub(crate) fn start_steady(
        &mut self,
        key: &ServiceKey,
        digits: &str,
        count: usize,
    ) -> Vec<TaskSerial> {
        self.start_at_rate(key, digits, count, false);
        self.ecs
            .service(key)
            .map(|service| service.tasks.clone())
            .unwrap_or_default()
    }

    /// A new task in PROVISIONING.
    pub(crate) fn new_task(&mut self, new: NewTask) -> TaskSerial {
        self.ecs.last_serial += 1;
        let serial = self.ecs.last_serial;
        let id = self.draw_hex();
        let containers = new
            .definition
            .containers
            .iter()
            .map(|container| ContainerState {
                name: container.name.clone(),
                id: String::new(),
                image: container.image.clone(),
                digest: None,
                exit_code: None,
                ends: None,
                reason: None,
            });
        let mut containers: Vec<ContainerState> = containers.collect();
        for container in &mut containers {
            container.id = self.draw_uuid();
        }
        let task = Task {
            serial,
            arn: self.ecs_arn(&format!("task/{}/{id}", new.cluster)),
            id,
            cluster: new.cluster,
            definition: new.definition,
            owner: new.owner,
            status: TaskStatus::Provisioning,
            version: 0,
            told_to_stop: false,
            times: Times {
                created: self.now_ms,
                ..Times::default()
            },
            stop_code: None,
            stopped_reason: None,
            app: new.app,
            containers,
            ip: address(serial),
            health: ContainerHealth::Unknown,
            next_health: None,
            healthy: false,
            was_healthy: false,
            behaviour: new.behaviour,
            step_ms: None,
            exit_ms: None,
            started_by: new.started_by,
            group: new.group,
            overrides: new.overrides,
            protected_until_ms: None,
            provider: new.provider,
            registered: Vec::new(),
            reached: std::collections::BTreeMap::new(),
        };
        self.ecs.tasks.insert(serial, task);
        self.enter(serial, TaskStatus::Provisioning, PROVISIONING);
        serial
    }
}

/// A private address per task, in 10.0.0.0/8.
fn address(serial: TaskSerial) -> String {
    let host = serial % 250 + 4;
    let subnet = serial / 250;
    format!("10.{}.{}.{host}", subnet / 256 % 256, subnet % 256)
}
