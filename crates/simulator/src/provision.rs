//! From a blueprint to a world in which everything has been live for a day.

use serde_json::{Value, json};

use crate::agenda::{Event, ServiceKey};
use crate::ecs::{self, ContainerHealth, Digests, Rollout, TaskStatus};
use crate::elb::TargetState;
use crate::runtime::Database;
use crate::timings::{EVENT_WINDOW_MS, SETTLE_FIRST};
use crate::{ApiError, Blueprint, ClusterState, Millis, ServiceBlueprint, ServiceHistory, World};

/// How long ago the live release was deployed.
const LIVE_FOR_MS: Millis = 24 * 3_600_000;

/// A blueprint that no account could look like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionError {
    /// Two things of one kind have one name.
    #[error("{0} `{1}` is there twice")]
    Duplicate(&'static str, String),
    /// A name that nothing has.
    #[error("there is no {0} `{1}`")]
    Unknown(&'static str, String),
    /// A value that cannot be.
    #[error("{0}")]
    Invalid(String),
    /// AWS would refuse it.
    #[error("{what}: {error}")]
    Refused {
        /// What was to be made.
        what: String,
        /// What AWS would say.
        error: ApiError,
    },
    /// A steady service whose task cannot run.
    #[error("service `{service}` cannot be steady: no image for task definition `{task_definition}`")]
    CannotRun {
        /// serviceName.
        service: String,
        /// `family:revision`.
        task_definition: String,
    },
}

impl World {
    /// Makes everything the blueprint describes. Services with the history `Steady` are steady at once.
    pub fn provision(&mut self, blueprint: &Blueprint) -> Result<(), ProvisionError> {
        if blueprint.cluster_state == ClusterState::Active {
            self.ecs.clusters.push(blueprint.cluster.clone());
        }
        let now_ms = self.now_ms;
        let live_since_ms = now_ms.saturating_sub(LIVE_FOR_MS);
        for repository in &blueprint.repositories {
            self.ecr.add_repository(repository, live_since_ms);
        }
        for group in &blueprint.log_groups {
            self.logs.add_group(group, live_since_ms);
        }
        for bucket in &blueprint.buckets {
            self.s3.add_bucket(bucket, live_since_ms);
        }
        for distribution in &blueprint.distributions {
            self.cloudfront.add_distribution(distribution, live_since_ms);
        }
        for group in &blueprint.target_groups {
            self.provision_target_group(group)?;
        }
        for balancer in &blueprint.load_balancers {
            self.provision_load_balancer(balancer)?;
        }
        for database in &blueprint.databases {
            let known = self.databases.insert(database.migration_family.clone(), Database::at(&database.revision));
            if known.is_some() {
                return Err(ProvisionError::Duplicate("database", database.migration_family.clone()));
            }
        }
        self.now_ms = live_since_ms;
        let result = self.provision_ecs(blueprint);
        self.now_ms = now_ms;
        result?;
        self.settle_provisioned(now_ms);
        Ok(())
    }

    fn provision_ecs(&mut self, blueprint: &Blueprint) -> Result<(), ProvisionError> {
        for definition in &blueprint.task_definitions {
            self.provision_definition(definition)?;
        }
        for service in &blueprint.services {
            self.provision_service(&blueprint.cluster, service)?;
        }
        Ok(())
    }

    fn provision_definition(&mut self, input: &Value) -> Result<String, ProvisionError> {
        let family = input.get("family").and_then(Value::as_str).unwrap_or("?");
        let refused = |error| ProvisionError::Refused { what: format!("task definition `{family}`"), error };
        ecs::define(self, input).map(|definition| definition.name()).map_err(refused)
    }

    fn provision_service(&mut self, cluster: &str, blueprint: &ServiceBlueprint) -> Result<(), ProvisionError> {
        if blueprint.history == ServiceHistory::Missing {
            return Ok(());
        }
        let definition = self.provision_definition(&blueprint.task_definition)?;
        let input = self.create_input(cluster, blueprint, &definition)?;
        let refused = |error| ProvisionError::Refused { what: format!("service `{}`", blueprint.name), error };
        ecs::call(self, "CreateService", &input).map_err(refused)?;
        let key = ServiceKey::new(cluster, &blueprint.name);
        match blueprint.history {
            ServiceHistory::Steady => self.make_steady(&key, &blueprint.name, &definition),
            ServiceHistory::NeverCompleted => {
                self.make_stalled(&key);
                Ok(())
            }
            ServiceHistory::Missing => Ok(()),
        }
    }

    fn create_input(&self, cluster: &str, blueprint: &ServiceBlueprint, definition: &str) -> Result<Value, ProvisionError> {
        let balancers: Vec<Value> = match &blueprint.target_group {
            None => Vec::new(),
            Some(target) => {
                let missing = || ProvisionError::Unknown("target group", target.name.clone());
                let group = self.elb.groups.get(target.name.as_str()).ok_or_else(missing)?;
                vec![json!({
                    "targetGroupArn": group.arn,
                    "containerName": target.container_name,
                    "containerPort": target.container_port,
                })]
            }
        };
        Ok(json!({
            "cluster": cluster,
            "serviceName": blueprint.name,
            "taskDefinition": definition,
            "desiredCount": blueprint.desired_count,
            "launchType": "FARGATE",
            "loadBalancers": balancers,
            "healthCheckGracePeriodSeconds": blueprint.health_check_grace_period_seconds,
            "deploymentConfiguration": {
                "minimumHealthyPercent": blueprint.minimum_healthy_percent,
                "maximumPercent": blueprint.maximum_percent,
                "deploymentCircuitBreaker": {
                    "enable": blueprint.circuit_breaker,
                    "rollback": blueprint.circuit_breaker_rollback,
                },
            },
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": ["subnet-5b1a7a11", "subnet-5b1a7a12"],
                    "securityGroups": ["sg-5b1a7a11"],
                    "assignPublicIp": "DISABLED",
                }
            },
        }))
    }

    /// All desired tasks run and are healthy, the first deployment is COMPLETED and its record SUCCESSFUL.
    fn make_steady(&mut self, key: &ServiceKey, name: &str, definition: &str) -> Result<(), ProvisionError> {
        let created_ms = self.now_ms;
        let cannot_run =
            || ProvisionError::CannotRun { service: name.to_owned(), task_definition: definition.to_owned() };
        let Some(service) = self.ecs.service_mut(key) else { return Err(cannot_run()) };
        service.pass_ms = None;
        let (revision, count) = (service.definition.clone(), service.wanted());
        let Some(digits) = service.primary().map(|primary| primary.digits.clone()) else { return Err(cannot_run()) };
        let digests = self.resolve(&revision, &Default::default()).map_err(|_| cannot_run())?;
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

    fn complete_provisioned(&mut self, key: &ServiceKey, digests: std::collections::BTreeMap<String, String>) {
        let now_ms = self.now_ms;
        if let Some(primary) = self.ecs.service_mut(key).and_then(|service| service.primary_mut()) {
            primary.was_running = true;
            primary.digests = Digests::Known(digests);
        }
        self.close_first_record(key, now_ms);
        self.complete_now(key);
    }

    fn run_steady(
        &mut self,
        serial: u64,
        created_ms: Millis,
        digests: &std::collections::BTreeMap<String, String>,
    ) {
        let Some(task) = self.ecs.task_mut(serial) else { return };
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
        self.register_steady(serial);
    }

    /// Time goes on from now: nothing of the past is left to happen, and the steady state will be told again.
    fn settle_provisioned(&mut self, now_ms: Millis) {
        let pending: Vec<(Millis, Event)> = std::iter::from_fn(|| self.agenda.next_due(now_ms)).collect();
        drop(pending);
        let keys: Vec<ServiceKey> = self.ecs.services.keys().cloned().collect();
        for key in keys {
            let Some(service) = self.ecs.service_mut(&key) else { continue };
            let steady = service.primary().is_some_and(|primary| primary.rollout == Rollout::Completed);
            service.steady_ms = steady.then_some(now_ms);
            if steady {
                self.agenda.add(now_ms + EVENT_WINDOW_MS, Event::Steady(key.clone()));
            }
            self.watch_floor(&key);
        }
    }

    fn register_steady(&mut self, serial: u64) {
        ecs::register_targets(self, serial);
        let Some(task) = self.ecs.task(serial) else { return };
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
