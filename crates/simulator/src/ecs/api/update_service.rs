//! UpdateService: what changes, and whether that starts a deployment (A1 [MODEL]).

use serde::Deserialize;
use serde_json::{Value, json};

use super::configuration::{DeploymentConfiguration, LoadBalancer, load_balancers};
use super::lookup::{self, invalid};
use super::task_sets;
use crate::agenda::ServiceKey;
use crate::ecs::Controller;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateService {
    cluster: Option<String>,
    service: String,
    desired_count: Option<u32>,
    task_definition: Option<String>,
    force_new_deployment: Option<bool>,
    deployment_configuration: Option<DeploymentConfiguration>,
    load_balancers: Option<Vec<LoadBalancer>>,
    health_check_grace_period_seconds: Option<u64>,
    network_configuration: Option<Value>,
    platform_version: Option<Value>,
    service_registries: Option<Value>,
    availability_zone_rebalancing: Option<Value>,
    capacity_provider_strategy: Option<Value>,
    #[serde(rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: Option<Value>,
    enable_execute_command: Option<Value>,
    placement_constraints: Option<Value>,
    placement_strategy: Option<Value>,
    propagate_tags: Option<Value>,
}

/// Accepted also while a deployment runs: that one is superseded (A1 [DOC]). Without an effective change none is made [MEM].
pub(super) fn update(world: &mut World, request: UpdateService) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let key = lookup::active_service(world, &cluster, &request.service)?;
    if world
        .ecs
        .service(&key)
        .is_some_and(|service| service.controller == Controller::CodeDeploy)
    {
        request.refuse_what_codedeploy_moves()?;
    }
    let wanted = match &request.task_definition {
        Some(name) => Some(lookup::active_definition(world, name)?),
        None => None,
    };
    let balancers = match &request.load_balancers {
        Some(input) => Some(load_balancers(world, input)?),
        None => None,
    };
    let Some(mut service) = world.ecs.service(&key).cloned() else {
        return Ok(json!({}));
    };
    if let Some(configuration) = &request.deployment_configuration {
        configuration.apply(&mut service)?;
        if service.controller == Controller::CodeDeploy {
            task_sets::fit_for_task_sets(&service)?;
        }
    }
    if let Some(seconds) = request.health_check_grace_period_seconds {
        service.grace_ms = seconds * 1_000;
    }
    let mut triggers = request.force_new_deployment == Some(true);
    if let Some(balancers) = balancers {
        triggers |= service.load_balancers != balancers;
        service.load_balancers = balancers;
    }
    for (name, value, starts) in request.settings() {
        let changes = service.settings.get(name) != Some(&value);
        triggers |= starts && changes;
        service.settings.insert(name.to_owned(), value);
    }
    let definition = wanted.unwrap_or_else(|| service.definition.clone());
    triggers |= definition.arn != service.definition.arn;
    world.ecs.services.insert(key.clone(), service);
    apply(world, &key, &request);
    if triggers {
        world.deploy(&key, definition);
    }
    Ok(json!({ "service": world.service_json(&key, true) }))
}

fn apply(world: &mut World, key: &ServiceKey, request: &UpdateService) {
    if let Some(count) = request.desired_count {
        world.set_desired(key, count);
    }
    if request.deployment_configuration.is_some() {
        world.move_floor(key);
        world.request_next_pass(key);
    }
}

impl UpdateService {
    /// Controller CODE_DEPLOY takes only desiredCount, deploymentConfiguration, grace period, placement and tag options (E [MODEL]).
    /// The texts for task definition, force and network are [OBS], the others follow them [INF].
    fn refuse_what_codedeploy_moves(&self) -> Result<(), ApiError> {
        let force = self.force_new_deployment == Some(true);
        let given = [
            (self.task_definition.is_some(), "update task definition"),
            (force, "force a new deployment"),
            (
                self.network_configuration.is_some(),
                "update network parameters",
            ),
            (self.platform_version.is_some(), "update platform version"),
            (self.load_balancers.is_some(), "update load balancers"),
            (
                self.service_registries.is_some(),
                "update service registries",
            ),
            (
                self.capacity_provider_strategy.is_some(),
                "update capacity provider strategy",
            ),
        ];
        let Some((_, what)) = given.into_iter().find(|(given, _)| *given) else {
            return Ok(());
        };
        let cannot = if force && what.starts_with("force") {
            "Cannot"
        } else {
            "Unable to"
        };
        Err(invalid(format!(
            "{cannot} {what} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
        )))
    }

    /// Members that are answered as they came, and whether a change of them starts a deployment.
    fn settings(&self) -> impl Iterator<Item = (&'static str, Value, bool)> {
        let members = [
            (
                "networkConfiguration",
                self.network_configuration.clone(),
                true,
            ),
            ("platformVersion", self.platform_version.clone(), true),
            ("serviceRegistries", self.service_registries.clone(), true),
            (
                "availabilityZoneRebalancing",
                self.availability_zone_rebalancing.clone(),
                false,
            ),
            (
                "capacityProviderStrategy",
                self.capacity_provider_strategy.clone(),
                false,
            ),
            (
                "enableECSManagedTags",
                self.enable_ecs_managed_tags.clone(),
                false,
            ),
            (
                "enableExecuteCommand",
                self.enable_execute_command.clone(),
                false,
            ),
            (
                "placementConstraints",
                self.placement_constraints.clone(),
                false,
            ),
            ("placementStrategy", self.placement_strategy.clone(), false),
            ("propagateTags", self.propagate_tags.clone(), false),
        ];
        members
            .into_iter()
            .filter_map(|(name, value, starts)| Some((name, value?, starts)))
    }
}
