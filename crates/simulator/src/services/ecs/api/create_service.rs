//! CreateService.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::capacity::{self, Item};
use super::configuration::{DeploymentConfiguration, LoadBalancer, load_balancers};
use super::lookup::{self, invalid};
use super::service_json::Tags;
use super::settings;
use super::task_sets;
use super::{advanced, launched};
use crate::base::agenda::ServiceKey;
use crate::services::ecs::alarms::AlarmSettings;
use crate::services::ecs::cluster::StrategyItem;
use crate::services::ecs::native::Strategy;
use crate::services::ecs::service::{BreakerSettings, Threshold};
use crate::services::ecs::service_event::Events;
use crate::services::ecs::state::Tag;
use crate::services::ecs::{Controller, Service, ServiceStatus};
use crate::wire::input;
use crate::world::floor::Floor;
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
    capacity_provider_strategy: Option<Vec<Item>>,
    role: Option<String>,
}

/// Makes the service and its first deployment (A1 [DOC]).
pub(super) fn create(world: &mut World, body: &Value) -> Result<Value, ApiError> {
    let (rest, given) = settings::split(body);
    let request: CreateService = input(&rest)?;
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let key = ServiceKey::new(&cluster, &request.service_name);
    if let Some(existing) = world
        .ecs
        .service(&key)
        .filter(|service| service.status != ServiceStatus::Inactive)
    {
        if is_the_same(existing, body) {
            return Ok(json!({ "service": world.service_json(&key, Tags::Shown) }));
        }
        return Err(invalid("Creation of service was not idempotent."));
    }
    let definition = lookup::active_definition(world, &request.task_definition)?;
    refuse_unmodelled(&request)?;
    settings::check(&given, &definition, "created")?;
    let tags = lookup::tags(request.tags.as_deref())?.to_vec();
    let strategy = strategy(world, &cluster, &request)?;
    let launched = launched::launch_type(&strategy, request.launch_type.as_deref())?;
    launched::fits(&definition, launched)?;
    launched::network(&definition, given.get("networkConfiguration"))?;
    let controller = controller_of(request.deployment_controller.as_ref())?;
    let balancers = load_balancers(world, request.load_balancers.as_deref().unwrap_or_default())?;
    launched::balanced(&definition, &balancers)?;
    let arn = world.ecs_arn(&format!("service/{cluster}/{}", request.service_name));
    let mut service = Service {
        name: request.service_name.clone(),
        arn: arn.clone(),
        cluster,
        status: ServiceStatus::Active,
        created_ms: world.now_ms,
        desired: settings::desired_count(world, request.desired_count.unwrap_or(0))?,
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
        traffic: Strategy::default(),
        early: None,
        grace_ms: request.health_check_grace_period_seconds.unwrap_or(0) * 1_000,
        load_balancers: balancers,
        strategy,
        launched,
        settings: settings::with_defaults(given),
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
        created_from: body.clone(),
        controller,
    };
    if let Some(configuration) = &request.deployment_configuration {
        configuration.apply(&mut service)?;
    }
    advanced::check(world, &service)?;
    if controller == Controller::CodeDeploy {
        task_sets::fit_for_task_sets(&service)?;
    }
    world.ecs.services.insert(key.clone(), service);
    world.ecs.tags.insert(arn, tags);
    match controller {
        Controller::Ecs => world.deploy(&key, definition),
        Controller::CodeDeploy => world.first_task_set(&key),
    }
    Ok(json!({ "service": world.service_json(&key, Tags::Shown) }))
}

/// The same service once more: the token decides, or else every parameter (F1 [OBS text], idempotency [INF]).
fn is_the_same(existing: &Service, body: &Value) -> bool {
    let token = body.get("clientToken").and_then(Value::as_str);
    let same_token = token.is_some() && existing.client_token.as_deref() == token;
    let of = |body: &Value| {
        let mut members = body.as_object().cloned().unwrap_or_default();
        members.remove("clientToken");
        members
    };
    let untouched = existing.deployments.len() <= 1 && existing.revisions.len() == 1;
    let same = of(body) == of(&existing.created_from);
    if token.is_some() && existing.client_token.is_some() {
        return same_token && same;
    }
    untouched && same
}

/// A launch type and a strategy exclude each other; with neither, the cluster's default strategy holds [MODEL].
fn strategy(
    world: &World,
    cluster: &str,
    request: &CreateService,
) -> Result<Vec<StrategyItem>, ApiError> {
    capacity::of_request(
        world,
        cluster,
        request.capacity_provider_strategy.as_deref(),
        request.launch_type.as_deref(),
    )
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
    if !lookup::is_name(&request.service_name) {
        return Err(invalid("Invalid service name."));
    }
    if request
        .client_token
        .as_ref()
        .is_some_and(|token| token.len() > 36)
    {
        return Err(invalid("The clientToken has at most 36 characters."));
    }
    if request.role.is_some() {
        return Err(invalid(
            "You cannot specify an IAM role for services that require a service linked role.",
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
    Ok(())
}
