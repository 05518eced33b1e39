//! UpdateService: what changes, and whether that starts a deployment (A1 [MODEL]).

use serde::Deserialize;
use serde_json::{Value, json};

use super::advanced;
use super::capacity::{self, Item};
use super::configuration::{DeploymentConfiguration, LoadBalancer, load_balancers};
use super::lookup::invalid;
use super::service_json::Tags;
use super::settings::Settings;
use super::{launched, lookup, settings, task_sets};
use crate::base::agenda::ServiceKey;
use crate::services::ecs::Controller;
use crate::services::ecs::cluster::LaunchType;
use crate::wire::input;
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
    capacity_provider_strategy: Option<Vec<Item>>,
}

/// Accepted also while a deployment runs: that one is superseded (A1 [DOC]). Without an effective change none is made [MEM].
pub(super) fn update(world: &mut World, body: &Value) -> Result<Value, ApiError> {
    let (rest, given) = settings::split(body);
    let request: UpdateService = input(&rest)?;
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let key = lookup::active_service(world, &cluster, &request.service)?;
    if world
        .ecs
        .service(&key)
        .is_some_and(|service| service.controller == Controller::CodeDeploy)
    {
        request.refuse_what_codedeploy_moves(&given)?;
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
    if let Some(count) = request.desired_count {
        settings::desired_count(world, count)?;
    }
    let mut triggers = request.force_new_deployment == Some(true);
    if let Some(balancers) = balancers {
        triggers |= service.load_balancers != balancers;
        service.load_balancers = balancers;
    }
    if let Some(items) = &request.capacity_provider_strategy {
        // It takes force to reach tasks (A1 [MODEL]).
        service.strategy = capacity::of_request(world, &cluster, Some(items), None)?;
        service.launched = LaunchType::Fargate;
    }
    if request.load_balancers.is_some() || request.deployment_configuration.is_some() {
        advanced::check(world, &service)?;
    }
    let definition = wanted.unwrap_or_else(|| service.definition.clone());
    settings::check(&given, &definition, "updated")?;
    if request.task_definition.is_some() {
        let network = given.get("networkConfiguration");
        let network = network.or_else(|| service.settings.get("networkConfiguration"));
        launched::fits(&definition, service.launched)?;
        launched::network(&definition, network)?;
    }
    if request.load_balancers.is_some() {
        launched::balanced(&definition, &service.load_balancers)?;
    }
    triggers |= settings::change(&mut service, given);
    triggers |= definition.arn != service.definition.arn;
    world.ecs.services.insert(key.clone(), service);
    apply(world, &key, &request);
    if triggers {
        world.deploy(&key, definition);
    }
    Ok(json!({ "service": world.service_json(&key, Tags::Shown) }))
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
    fn refuse_what_codedeploy_moves(&self, given: &Settings) -> Result<(), ApiError> {
        let force = self.force_new_deployment == Some(true);
        let moved = [
            (self.task_definition.is_some(), "update task definition"),
            (force, "force a new deployment"),
            (
                given.contains_key("networkConfiguration"),
                "update network parameters",
            ),
            (
                given.contains_key("platformVersion"),
                "update platform version",
            ),
            (self.load_balancers.is_some(), "update load balancers"),
            (
                given.contains_key("serviceRegistries"),
                "update service registries",
            ),
            (
                self.capacity_provider_strategy.is_some(),
                "update capacity provider strategy",
            ),
        ];
        let Some((_, what)) = moved.into_iter().find(|(moved, _)| *moved) else {
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
}
