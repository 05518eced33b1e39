//! UpdateCluster, UpdateClusterSettings, PutClusterCapacityProviders.

use serde::Deserialize;
use serde_json::{Value, json};

use super::capacity::{self, Item};
use super::cluster_json::cluster_json;
use super::clusters::{Setting, settings};
use super::lookup;
use crate::services::ecs::cluster::{CapacityProvider, ClusterDetails};
use crate::services::ecs::{Service, ServiceStatus};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateCluster {
    cluster: String,
    settings: Option<Vec<Setting>>,
    configuration: Option<Value>,
    service_connect_defaults: Option<Value>,
}

pub(super) fn update(world: &mut World, request: UpdateCluster) -> Result<Value, ApiError> {
    let name = lookup::cluster(world, Some(&request.cluster))?;
    let new = match &request.settings {
        Some(input) => Some(settings(input)?),
        None => None,
    };
    let details = details(world, &name);
    if let Some(new) = new {
        details.settings = new;
    }
    if let Some(configuration) = request.configuration {
        details.configuration = Some(configuration);
    }
    if let Some(defaults) = request.service_connect_defaults {
        details.service_connect = Some(defaults);
    }
    Ok(answer(world, &name))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateClusterSettings {
    cluster: String,
    settings: Vec<Setting>,
}

pub(super) fn update_settings(
    world: &mut World,
    request: &UpdateClusterSettings,
) -> Result<Value, ApiError> {
    let name = lookup::cluster(world, Some(&request.cluster))?;
    details(world, &name).settings = settings(&request.settings)?;
    Ok(answer(world, &name))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutClusterCapacityProviders {
    cluster: String,
    capacity_providers: Vec<String>,
    default_capacity_provider_strategy: Vec<Item>,
}

/// Replaces both lists. A provider that a service uses cannot be taken away [MODEL].
pub(super) fn put_capacity_providers(
    world: &mut World,
    request: &PutClusterCapacityProviders,
) -> Result<Value, ApiError> {
    let name = lookup::cluster(world, Some(&request.cluster))?;
    let providers = capacity::providers(&request.capacity_providers)?;
    let default_strategy =
        capacity::strategy(&request.default_capacity_provider_strategy, &providers)?;
    let uses_another = |service: &Service| {
        let mut used = service.strategy.iter().map(|item| item.provider);
        service.cluster == name
            && service.status != ServiceStatus::Inactive
            && used.any(|provider: CapacityProvider| !providers.contains(&provider))
    };
    if world.ecs.services.values().any(uses_another) {
        return Err(ApiError::client(
            "ResourceInUseException",
            "The specified capacity provider is in use and cannot be removed.",
        ));
    }
    let details = details(world, &name);
    details.capacity_providers = providers;
    details.default_strategy = default_strategy;
    Ok(answer(world, &name))
}

fn details<'a>(world: &'a mut World, name: &str) -> &'a mut ClusterDetails {
    world
        .ecs
        .cluster_details
        .entry(name.to_owned())
        .or_default()
}

fn answer(world: &World, name: &str) -> Value {
    let parts = ["SETTINGS", "TAGS", "CONFIGURATIONS", "ATTACHMENTS"];
    json!({ "cluster": cluster_json(world, name, &parts) })
}
