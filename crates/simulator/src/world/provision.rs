//! From a blueprint to a world in which everything has been live for a day.

mod code_deploy;
mod schedules;
mod steady;

use serde_json::{Value, json};

use crate::base::agenda::ServiceKey;
use crate::base::arn::global_arn;
use crate::base::here::here;
use crate::front::{Service, ask};
use crate::services::{ecs, rds};
use crate::world::scripted::Database;
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
    #[error(
        "service `{service}` cannot be steady: no image for task definition `{task_definition}`"
    )]
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
            let details = ecs::ClusterDetails::from_console();
            self.ecs
                .cluster_details
                .insert(blueprint.cluster.clone(), details);
        }
        for cluster in &blueprint.further_clusters {
            if self.ecs.clusters.contains(cluster) {
                return Err(ProvisionError::Duplicate("cluster", cluster.clone()));
            }
            self.ecs.clusters.push(cluster.clone());
            let details = ecs::ClusterDetails::from_console();
            self.ecs.cluster_details.insert(cluster.clone(), details);
        }
        self.secrets_unlisted = true;
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
            self.cloudfront
                .add_distribution(distribution, live_since_ms);
        }
        for group in &blueprint.target_groups {
            here!(self.elb).provision_target_group(group)?;
        }
        for balancer in &blueprint.load_balancers {
            here!(self.elb).provision_load_balancer(balancer)?;
        }
        for balancer in &blueprint.network_load_balancers {
            here!(self.elb).provision_network_load_balancer(balancer)?;
        }
        for id in &blueprint.db_instances {
            rds::provision(&mut here!(self.rds), id, live_since_ms)?;
        }
        for database in &blueprint.databases {
            let known = self.databases.insert(
                database.migration_family.clone(),
                Database {
                    tool: database.tool.clone(),
                    ..Database::at(&database.revision)
                },
            );
            if known.is_some() {
                return Err(ProvisionError::Duplicate(
                    "database",
                    database.migration_family.clone(),
                ));
            }
        }
        self.now_ms = live_since_ms;
        let result = self.provision_ecs(blueprint);
        self.now_ms = now_ms;
        result?;
        self.settle_provisioned(now_ms);
        for schedule in &blueprint.schedules {
            self.provision_schedule(schedule)?;
        }
        Ok(())
    }

    fn provision_ecs(&mut self, blueprint: &Blueprint) -> Result<(), ProvisionError> {
        for definition in &blueprint.task_definitions {
            self.provision_definition(definition)?;
        }
        for service in &blueprint.services {
            let cluster = service.cluster.as_deref().unwrap_or(&blueprint.cluster);
            self.provision_service(cluster, service)?;
        }
        Ok(())
    }

    fn provision_definition(&mut self, input: &Value) -> Result<String, ProvisionError> {
        let family = input.get("family").and_then(Value::as_str).unwrap_or("?");
        let refused = |error| ProvisionError::Refused {
            what: format!("task definition `{family}`"),
            error,
        };
        ecs::define(self, input)
            .map(|definition| definition.name())
            .map_err(refused)
    }

    fn provision_service(
        &mut self,
        cluster: &str,
        blueprint: &ServiceBlueprint,
    ) -> Result<(), ProvisionError> {
        let key = ServiceKey::new(cluster, &blueprint.name);
        self.apps.insert(key.clone(), blueprint.app.clone());
        if blueprint.history == ServiceHistory::Missing {
            return Ok(());
        }
        let definition = self.provision_definition(&blueprint.task_definition)?;
        let input = self.create_input(cluster, blueprint, &definition)?;
        let refused = |error| ProvisionError::Refused {
            what: format!("service `{}`", blueprint.name),
            error,
        };
        ask(self, Service::Ecs, "CreateService", &input).map_err(refused)?;
        match blueprint.history {
            ServiceHistory::Steady => {
                self.make_steady(&key, &blueprint.name, &definition)?;
                self.configure_traffic(cluster, &key, blueprint)
            }
            ServiceHistory::NeverCompleted => {
                self.make_stalled(&key);
                Ok(())
            }
            ServiceHistory::Missing => Ok(()),
        }
    }

    /// What is configured afterwards holds for the deployments to come (A1 [MODEL]).
    fn configure_traffic(
        &mut self,
        cluster: &str,
        key: &ServiceKey,
        blueprint: &ServiceBlueprint,
    ) -> Result<(), ProvisionError> {
        let Some(traffic) = &blueprint.traffic else {
            return Ok(());
        };
        if let Some(wanted) = &traffic.code_deploy {
            return self.provision_group(cluster, blueprint, wanted);
        }
        let input = json!({
            "cluster": cluster,
            "service": blueprint.name,
            "deploymentConfiguration": traffic.configuration,
        });
        let refused = |error| ProvisionError::Refused {
            what: format!("traffic of service `{}`", blueprint.name),
            error,
        };
        ask(self, Service::Ecs, "UpdateService", &input).map_err(refused)?;
        // Nothing of the past is left to happen.
        if let Some(service) = self.ecs.service_mut(key) {
            service.pass_ms = None;
        }
        Ok(())
    }

    fn create_input(
        &self,
        cluster: &str,
        blueprint: &ServiceBlueprint,
        definition: &str,
    ) -> Result<Value, ProvisionError> {
        let arn = |name: &str| {
            let missing = || ProvisionError::Unknown("target group", name.to_owned());
            let group = self.elb.groups.get(name).ok_or_else(missing)?;
            Ok::<_, ProvisionError>(group.arn.clone())
        };
        let targets = blueprint.target_group.iter();
        let targets = targets.chain(&blueprint.further_target_groups);
        let balancers = targets.map(|target| {
            Ok(json!({
                "targetGroupArn": arn(&target.name)?,
                "containerName": target.container_name,
                "containerPort": target.container_port,
            }))
        });
        let mut balancers = balancers.collect::<Result<Vec<Value>, ProvisionError>>()?;
        let traffic = blueprint.traffic.as_ref();
        let moved = traffic.is_some_and(|traffic| traffic.code_deploy.is_some());
        let alternate = traffic.filter(|_| !moved);
        let alternate = alternate.and_then(|traffic| traffic.alternate.as_ref());
        if let (Some(alternate), Some(first)) = (alternate, &blueprint.target_group)
            && let Some(balancer) = balancers.first_mut()
        {
            let unruled = || ProvisionError::Unknown("rule to", first.name.clone());
            balancer["advancedConfiguration"] = json!({
                "alternateTargetGroupArn": arn(alternate)?,
                "productionListenerRule": self.elb.rule_to(&first.name).ok_or_else(unruled)?,
                "roleArn": global_arn("iam", &self.region, &self.account, "role/ecsInfrastructureRole"),
            });
        }
        let mut input = json!({
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
        });
        if moved {
            input["deploymentController"] = json!({ "type": "CODE_DEPLOY" });
            // There is none (E [MODEL]).
            input["deploymentConfiguration"]["deploymentCircuitBreaker"] = Value::Null;
        }
        if let Some(provider) = &blueprint.capacity_provider {
            input["launchType"] = Value::Null;
            input["capacityProviderStrategy"] =
                json!([{ "capacityProvider": provider, "weight": 1 }]);
        }
        Ok(input)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Blueprint, Weather, World};

    fn refusal(change: serde_json::Value) -> String {
        let mut blueprint =
            json!({ "account": "123456789012", "region": "sa-east-1", "cluster": "main" });
        for (name, value) in change.as_object().expect("members") {
            blueprint[name] = value.clone();
        }
        let blueprint: Blueprint = serde_json::from_value(blueprint).expect("a blueprint");
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            1,
            Weather::Calm,
            1_800_000_000_000,
        );
        world
            .provision(&blueprint)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn impossible_accounts() {
        let group = json!({ "name": "web", "port": 80, "health_check_path": "/" });
        let rule = json!({ "path": "*", "target_group": "nobody" });
        let listener = json!({ "port": 443, "target_group": "db" });
        let definition = json!({ "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution", "containerDefinitions": [
            { "name": "web", "image": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/web:v1", "memory": 64 }] });
        let service = json!({ "name": "web", "task_definition": definition, "desired_count": 1,
            "minimum_healthy_percent": 100, "maximum_percent": 200, "circuit_breaker": true,
            "circuit_breaker_rollback": true });
        for (change, expected) in [
            (
                json!({ "target_groups": [group, group] }),
                "target group `web` is there twice",
            ),
            (
                json!({ "target_groups": [{ "name": "db", "port": 80, "protocol": "TCP" }],
                    "network_load_balancers": [{ "name": "wire", "listeners": [listener, listener] }] }),
                "listener `443` is there twice",
            ),
            (
                json!({ "load_balancers": [{ "name": "front", "hosts": [], "rules": [rule] }] }),
                "there is no target group `nobody`",
            ),
            (
                json!({ "db_instances": ["shop", "Shop"] }),
                "DB instance `Shop` is there twice",
            ),
            (
                json!({ "db_instances": ["1shop"] }),
                "DB instance `1shop`: InvalidParameterValue: The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.",
            ),
            (
                json!({ "task_definitions": [{ "family": "f", "containerDefinitions": [] }] }),
                "task definition `f`: ClientException: Container list cannot be empty.",
            ),
            (
                json!({ "services": [service] }),
                "service `web` cannot be steady: no image for task definition `web:1`",
            ),
        ] {
            assert_eq!(refusal(change), expected);
        }
    }
}
