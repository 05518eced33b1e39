//! CreateCluster, DescribeClusters, ListClusters, DeleteCluster.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::capacity::{self, Item};
use super::list_tasks::{page_size, paged};
use super::lookup::{invalid, within};
use super::{cluster_json::cluster_json, lookup};
use crate::services::ecs::arn::last_part;
use crate::services::ecs::cluster::ClusterDetails;
use crate::services::ecs::state::Tag;
use crate::services::ecs::{ServiceStatus, TaskStatus};
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateCluster {
    cluster_name: Option<String>,
    tags: Option<Vec<Tag>>,
    settings: Option<Vec<Setting>>,
    configuration: Option<Value>,
    capacity_providers: Option<Vec<String>>,
    default_capacity_provider_strategy: Option<Vec<Item>>,
    service_connect_defaults: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    name: String,
    value: String,
}

/// Idempotent: an existing cluster is answered as it is [MODEL].
pub(super) fn create(world: &mut World, request: CreateCluster) -> Result<Value, ApiError> {
    let name = request.cluster_name.as_deref().unwrap_or("default");
    if !lookup::is_name(name) {
        return Err(invalid("Invalid cluster name."));
    }
    let tags = lookup::tags(request.tags.as_deref())?;
    let providers = capacity::providers(request.capacity_providers.as_deref().unwrap_or_default())?;
    let items = request.default_capacity_provider_strategy;
    let details = ClusterDetails {
        settings: settings(request.settings.as_deref().unwrap_or_default())?,
        configuration: request.configuration,
        service_connect: request.service_connect_defaults,
        default_strategy: capacity::strategy(items.as_deref().unwrap_or_default(), &providers)?,
        capacity_providers: providers,
    };
    if !world.ecs.clusters.iter().any(|known| known == name) {
        let arn = world.ecs_arn(&format!("cluster/{name}"));
        world.ecs.clusters.push(name.to_owned());
        world.ecs.cluster_details.insert(name.to_owned(), details);
        world.ecs.tags.insert(arn, tags.to_vec());
    }
    Ok(json!({ "cluster": cluster_json(world, name, EVERYTHING) }))
}

const EVERYTHING: &[&str] = &["SETTINGS", "TAGS", "CONFIGURATIONS"];

/// `settings[]`: containerInsights is the only one [MODEL].
pub(super) fn settings(input: &[Setting]) -> Result<BTreeMap<String, String>, ApiError> {
    let mut settings = BTreeMap::from([("containerInsights".to_owned(), "disabled".to_owned())]);
    for setting in input {
        let known = setting.name == "containerInsights"
            && ["enabled", "disabled", "enhanced"].contains(&setting.value.as_str());
        if !known {
            return Err(invalid(format!(
                "Invalid cluster setting: {} {}",
                setting.name, setting.value
            )));
        }
        settings.insert(setting.name.clone(), setting.value.clone());
    }
    Ok(settings)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeClusters {
    clusters: Option<Vec<String>>,
    include: Option<Vec<String>>,
}

/// At most 100; an unknown one is a failure inside a 200, a deleted one is INACTIVE for a while [DOC].
pub(super) fn describe(world: &World, request: &DescribeClusters) -> Result<Value, ApiError> {
    let default = ["default".to_owned()];
    let wanted = request.clusters.as_deref().unwrap_or(&default);
    within("Clusters", wanted, 100)?;
    let include: Vec<&str> = request
        .include
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for name_or_arn in wanted {
        let name = last_part(name_or_arn);
        if world.ecs.cluster_details.contains_key(name) {
            clusters.push(cluster_json(world, name, &include));
        } else {
            let arn = world.ecs_arn(&format!("cluster/{name}"));
            failures.push(json!({ "arn": arn, "reason": "MISSING" }));
        }
    }
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListClusters {
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(super) fn list(world: &World, request: &ListClusters) -> Result<Value, ApiError> {
    page_size(request.max_results)?;
    let clusters = world.ecs.clusters.iter();
    let arns: Vec<String> = clusters
        .map(|name| world.ecs_arn(&format!("cluster/{name}")))
        .collect();
    let (arns, next) = page(
        &arns,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(paged("clusterArns", arns, next))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteCluster {
    cluster: String,
}

/// Only an empty cluster goes [MODEL]; it stays describable as INACTIVE.
pub(super) fn delete(world: &mut World, request: &DeleteCluster) -> Result<Value, ApiError> {
    let name = lookup::cluster(world, Some(&request.cluster))?;
    let mut services = world.ecs.services.values();
    if services.any(|service| service.cluster == name && service.status != ServiceStatus::Inactive)
    {
        return Err(ApiError::client(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        ));
    }
    let mut tasks = world.ecs.tasks.values();
    if tasks.any(|task| task.cluster == name && task.status != TaskStatus::Stopped) {
        return Err(ApiError::client(
            "ClusterContainsTasksException",
            "The Cluster cannot be deleted while Tasks are active.",
        ));
    }
    world.ecs.clusters.retain(|known| *known != name);
    Ok(json!({ "cluster": cluster_json(world, &name, EVERYTHING) }))
}
