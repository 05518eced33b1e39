//! A cluster as every reply shows it.

use serde_json::{Value, json};

use super::capacity::strategy_json;
use crate::World;
use crate::services::ecs::cluster::ClusterDetails;
use crate::services::ecs::{ServiceStatus, TaskStatus};

/// `cluster` of a reply. Settings, tags, statistics, configuration and attachments only when they are asked for [MODEL].
pub(super) fn cluster_json(world: &World, name: &str, include: &[&str]) -> Value {
    let arn = world.ecs_arn(&format!("cluster/{name}"));
    let default = ClusterDetails::default();
    let details = world.ecs.cluster_details.get(name).unwrap_or(&default);
    let is_active = world.ecs.clusters.iter().any(|known| known == name);
    let wants = |part: &str| include.contains(&part);
    let (running, pending) = task_counts(world, name);
    let active = service_count(world, name, ServiceStatus::Active);
    let providers = details.capacity_providers.iter();
    let mut members = json!({
        "clusterArn": arn,
        "clusterName": name,
        "status": if is_active { "ACTIVE" } else { "INACTIVE" },
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": running,
        "pendingTasksCount": pending,
        "activeServicesCount": active,
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": providers.map(|one| one.text()).collect::<Vec<_>>(),
        "defaultCapacityProviderStrategy": strategy_json(&details.default_strategy),
    });
    if let Some(defaults) = &details.service_connect {
        members["serviceConnectDefaults"] = defaults.clone();
    }
    if wants("SETTINGS") {
        let settings = details.settings.iter();
        members["settings"] = settings
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
    }
    if wants("TAGS") {
        members["tags"] = world.tags_json(&arn);
    }
    if wants("CONFIGURATIONS")
        && let Some(configuration) = &details.configuration
    {
        members["configuration"] = configuration.clone();
    }
    if wants("ATTACHMENTS") {
        members["attachments"] = json!([]);
        members["attachmentsStatus"] = json!("UPDATE_COMPLETE");
    }
    if wants("STATISTICS") {
        let draining = service_count(world, name, ServiceStatus::Draining);
        members["statistics"] = statistics(running, pending, active, draining);
    }
    members
}

/// Per launch type; everything here is Fargate [DOC names].
fn statistics(running: usize, pending: usize, active: usize, draining: usize) -> Value {
    let numbers = [
        ("runningEC2TasksCount", 0),
        ("runningFargateTasksCount", running),
        ("pendingEC2TasksCount", 0),
        ("pendingFargateTasksCount", pending),
        ("activeEC2ServiceCount", 0),
        ("activeFargateServiceCount", active),
        ("drainingEC2ServiceCount", 0),
        ("drainingFargateServiceCount", draining),
    ];
    let pairs = numbers
        .iter()
        .map(|(name, count)| json!({ "name": name, "value": count.to_string() }));
    pairs.collect()
}

fn task_counts(world: &World, name: &str) -> (usize, usize) {
    let tasks = || world.ecs.tasks.values().filter(|task| task.cluster == name);
    let running = tasks().filter(|task| task.status == TaskStatus::Running);
    let pending = tasks().filter(|task| task.status < TaskStatus::Running);
    (running.count(), pending.count())
}

fn service_count(world: &World, name: &str, status: ServiceStatus) -> usize {
    let services = world.ecs.services.values();
    services
        .filter(|service| service.cluster == name && service.status == status)
        .count()
}
