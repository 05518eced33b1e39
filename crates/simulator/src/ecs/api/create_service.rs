//! CreateService.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::configuration::{DeploymentConfiguration, LoadBalancer, load_balancers};
use super::lookup::{self, invalid};
use super::task_sets;
use crate::agenda::ServiceKey;
use crate::ecs::alarms::AlarmSettings;
use crate::ecs::event::Events;
use crate::ecs::service::{BreakerSettings, Threshold};
use crate::ecs::state::Tag;
use crate::ecs::{Controller, Service, ServiceStatus};
use crate::floor::Floor;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateService {
    cluster: Option<String>,
    service_name: String,
    task_definition: String,
    desired_count: Option<u32>,
    client_token: Option<String>,
    load_balancers: Option<Vec<LoadBalancer>>,
    deployment_configuration: Option<DeploymentConfiguration>,
    deployment_controller: Option<Value>,
    scheduling_strategy: Option<String>,
    launch_type: Option<String>,
    health_check_grace_period_seconds: Option<u64>,
    tags: Option<Vec<Tag>>,
    network_configuration: Option<Value>,
    platform_version: Option<Value>,
    availability_zone_rebalancing: Option<Value>,
    capacity_provider_strategy: Option<Value>,
    #[serde(rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: Option<Value>,
    enable_execute_command: Option<Value>,
    placement_constraints: Option<Value>,
    placement_strategy: Option<Value>,
    propagate_tags: Option<Value>,
    service_registries: Option<Value>,
}

/// Makes the service and its first deployment (A1 [DOC]).
pub(super) fn create(world: &mut World, request: CreateService) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let key = ServiceKey::new(&cluster, &request.service_name);
    if let Some(existing) = world
        .ecs
        .service(&key)
        .filter(|service| service.status != ServiceStatus::Inactive)
    {
        let same = request.client_token.is_some() && existing.client_token == request.client_token;
        if same {
            return Ok(json!({ "service": world.service_json(&key, true) }));
        }
        return Err(invalid("Creation of service was not idempotent."));
    }
    let definition = lookup::active_definition(world, &request.task_definition)?;
    refuse_unmodelled(&request)?;
    let controller = controller_of(request.deployment_controller.as_ref())?;
    let balancers = load_balancers(world, request.load_balancers.as_deref().unwrap_or_default())?;
    for balancer in &balancers {
        let known = definition
            .containers
            .iter()
            .any(|container| container.name == balancer.container_name);
        if !known {
            return Err(invalid(format!(
                "The container {} does not exist in the task definition.",
                balancer.container_name
            )));
        }
    }
    let arn = world.ecs_arn(&format!("service/{cluster}/{}", request.service_name));
    let mut service = Service {
        name: request.service_name.clone(),
        arn: arn.clone(),
        cluster,
        status: ServiceStatus::Active,
        created_ms: world.now_ms,
        desired: request.desired_count.unwrap_or(0),
        minimum_healthy_percent: 100,
        maximum_percent: 200,
        breaker: BreakerSettings {
            enable: false,
            rollback: false,
            reset_on_healthy_task: true,
            threshold: Threshold::BoundedPercent(50),
        },
        alarms: AlarmSettings::default(),
        bake_minutes: None,
        early: None,
        grace_ms: request.health_check_grace_period_seconds.unwrap_or(0) * 1_000,
        load_balancers: balancers,
        settings: settings(&request),
        definition: definition.clone(),
        deployments: Vec::new(),
        records: Vec::new(),
        revisions: BTreeMap::new(),
        events: Events::default(),
        tasks: Vec::new(),
        pass_ms: None,
        unsteady: true,
        steady_ms: None,
        floor: Floor::default(),
        client_token: request.client_token.clone(),
        controller,
    };
    if let Some(configuration) = &request.deployment_configuration {
        configuration.apply(&mut service)?;
    }
    if controller == Controller::CodeDeploy {
        task_sets::fit_for_task_sets(&service)?;
    }
    world.ecs.services.insert(key.clone(), service);
    if let Some(tags) = request.tags {
        world.ecs.tags.insert(arn, tags);
    }
    match controller {
        Controller::Ecs => world.deploy(&key, definition),
        Controller::CodeDeploy => world.first_task_set(&key),
    }
    Ok(json!({ "service": world.service_json(&key, true) }))
}

/// `deploymentController`, ECS unless given [MODEL].
fn controller_of(controller: Option<&Value>) -> Result<Controller, ApiError> {
    match controller.and_then(|controller| controller.get("type")?.as_str()) {
        None | Some("ECS") => Ok(Controller::Ecs),
        Some("CODE_DEPLOY") => Ok(Controller::CodeDeploy),
        Some(kind) => Err(invalid(format!(
            "the simulator does not know the deployment controller {kind}"
        ))),
    }
}

fn refuse_unmodelled(request: &CreateService) -> Result<(), ApiError> {
    if request.network_configuration.is_none() {
        return Err(invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ));
    }
    if request
        .scheduling_strategy
        .as_deref()
        .is_some_and(|strategy| strategy != "REPLICA")
    {
        return Err(invalid(
            "the simulator does not know a scheduling strategy other than REPLICA",
        ));
    }
    if request
        .launch_type
        .as_deref()
        .is_some_and(|kind| kind != "FARGATE")
    {
        return Err(invalid(
            "the simulator does not know a launch type other than FARGATE",
        ));
    }
    Ok(())
}

/// Members that are answered as they came.
fn settings(request: &CreateService) -> BTreeMap<String, Value> {
    let members = [
        (
            "networkConfiguration",
            request.network_configuration.clone(),
        ),
        (
            "platformVersion",
            request
                .platform_version
                .clone()
                .or_else(|| Some(json!("LATEST"))),
        ),
        (
            "availabilityZoneRebalancing",
            request.availability_zone_rebalancing.clone(),
        ),
        (
            "capacityProviderStrategy",
            request.capacity_provider_strategy.clone(),
        ),
        (
            "enableECSManagedTags",
            request
                .enable_ecs_managed_tags
                .clone()
                .or(Some(Value::Bool(false))),
        ),
        (
            "enableExecuteCommand",
            request
                .enable_execute_command
                .clone()
                .or(Some(Value::Bool(false))),
        ),
        (
            "placementConstraints",
            request
                .placement_constraints
                .clone()
                .or_else(|| Some(json!([]))),
        ),
        (
            "placementStrategy",
            request
                .placement_strategy
                .clone()
                .or_else(|| Some(json!([]))),
        ),
        (
            "propagateTags",
            request
                .propagate_tags
                .clone()
                .or_else(|| Some(json!("NONE"))),
        ),
        (
            "serviceRegistries",
            request
                .service_registries
                .clone()
                .or_else(|| Some(json!([]))),
        ),
    ];
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
