//! Deployment configurations of compute platform ECS: the predefined ones and one's own, time-based.

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusals::{self, refuse};
use crate::services::codedeploy::config::{Config, PREDEFINED, Routing};
use crate::wire::instant;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateConfig {
    deployment_config_name: Option<String>,
    compute_platform: Option<String>,
    traffic_routing_config: Option<TrafficRouting>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TrafficRouting {
    r#type: String,
    time_based_canary: Option<Canary>,
    time_based_linear: Option<Linear>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Canary {
    canary_percentage: u32,
    canary_interval: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Linear {
    linear_percentage: u32,
    linear_interval: u32,
}

pub(super) fn create(world: &mut World, request: CreateConfig) -> Result<Value, ApiError> {
    let name = refusals::config_name(request.deployment_config_name.as_deref())?.to_owned();
    refusals::short(&name, "InvalidDeploymentConfigNameException")?;
    if name.starts_with("CodeDeployDefault.") {
        return Err(refuse(
            "InvalidDeploymentConfigNameException",
            "Names that begin with CodeDeployDefault. are reserved",
        ));
    }
    if request.compute_platform.as_deref() != Some("ECS") {
        return Err(refuse(
            "InvalidComputePlatformException",
            "the simulator does not know a compute platform other than ECS",
        ));
    }
    if world.codedeploy.configs.contains_key(&name) {
        return Err(refuse(
            "DeploymentConfigAlreadyExistsException",
            format!("Deployment configuration already exists : {name}"),
        ));
    }
    let routing = routing_of(request.traffic_routing_config)?;
    let id = world.draw_uuid();
    let config = Config {
        id: id.clone(),
        created_ms: world.now_ms,
        routing,
    };
    world.codedeploy.configs.insert(name, config);
    Ok(json!({ "deploymentConfigId": id }))
}

fn routing_of(config: Option<TrafficRouting>) -> Result<Routing, ApiError> {
    let wrong = |message: &str| refuse("InvalidTrafficRoutingConfigurationException", message);
    let Some(config) = config else {
        return Err(wrong("trafficRoutingConfig is missing"));
    };
    let routing = match (
        config.r#type.as_str(),
        config.time_based_canary,
        config.time_based_linear,
    ) {
        ("AllAtOnce", None, None) => Routing::AllAtOnce,
        ("TimeBasedCanary", Some(canary), None) => Routing::Canary {
            percent: canary.canary_percentage,
            minutes: canary.canary_interval,
        },
        ("TimeBasedLinear", None, Some(linear)) => Routing::Linear {
            percent: linear.linear_percentage,
            minutes: linear.linear_interval,
        },
        _ => return Err(wrong("the type and its parameters do not fit")),
    };
    match routing {
        Routing::AllAtOnce => Ok(routing),
        Routing::Canary { percent, minutes } | Routing::Linear { percent, minutes } => {
            if (1..=99).contains(&percent) && (1..=2_880).contains(&minutes) {
                return Ok(routing);
            }
            Err(wrong(
                "the percentage must be between 1 and 99 and the interval between 1 and 2880 minutes",
            ))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Named {
    deployment_config_name: Option<String>,
}

pub(super) fn get(world: &World, request: &Named) -> Result<Value, ApiError> {
    let name = refusals::config_name(request.deployment_config_name.as_deref())?;
    let routing = world
        .codedeploy
        .routing(name)
        .ok_or_else(|| refusals::config_missing(name))?;
    let own = world.codedeploy.configs.get(name);
    Ok(json!({
        "deploymentConfigInfo": {
            "deploymentConfigId": own.map(|config| config.id.clone()),
            "deploymentConfigName": name,
            "createTime": instant(own.map_or(0, |config| config.created_ms)),
            "computePlatform": "ECS",
            "trafficRoutingConfig": routing.json(),
        }
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    next_token: Option<String>,
}

pub(super) fn list(world: &World, request: &List) -> Result<Value, ApiError> {
    let predefined = PREDEFINED.iter().map(|(name, _)| (*name).to_owned());
    let own = world.codedeploy.configs.keys().cloned();
    let names: Vec<String> = predefined.chain(own).collect();
    let (names, next) = refusals::page(&names, request.next_token.as_deref())?;
    Ok(json!({ "deploymentConfigsList": names, "nextToken": next }))
}

/// Not while a group uses it, and never a predefined one [MODEL].
pub(super) fn delete(world: &mut World, request: &Named) -> Result<Value, ApiError> {
    let name = refusals::config_name(request.deployment_config_name.as_deref())?;
    if PREDEFINED.iter().any(|(known, _)| *known == name) {
        return Err(refuse(
            "InvalidOperationException",
            "Predefined deployment configurations cannot be deleted",
        ));
    }
    let groups = world
        .codedeploy
        .applications
        .values()
        .flat_map(|application| application.groups.values());
    if groups.into_iter().any(|group| group.config == name) {
        return Err(refuse(
            "DeploymentConfigInUseException",
            format!("The deployment configuration {name} is still in use"),
        ));
    }
    world.codedeploy.configs.remove(name);
    Ok(json!({}))
}
