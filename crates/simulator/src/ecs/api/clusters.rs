//! CreateCluster, DescribeClusters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::{invalid, within};
use crate::ecs::arn::last_part;
use crate::ecs::{ServiceStatus, TaskStatus};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateCluster {
    cluster_name: Option<String>,
}

/// Idempotent: an existing cluster is answered as it is [MODEL].
pub(super) fn create(world: &mut World, request: &CreateCluster) -> Result<Value, ApiError> {
    let name = request.cluster_name.as_deref().unwrap_or("default");
    if name.is_empty() || name.len() > 255 {
        return Err(invalid("Cluster name is invalid."));
    }
    if !world.ecs.clusters.iter().any(|known| known == name) {
        world.ecs.clusters.push(name.to_owned());
    }
    Ok(json!({ "cluster": cluster_json(world, name) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeClusters {
    clusters: Option<Vec<String>>,
    #[serde(rename = "include")]
    _include: Option<Vec<String>>,
}

pub(super) fn describe(world: &World, request: &DescribeClusters) -> Result<Value, ApiError> {
    let default = ["default".to_owned()];
    let wanted = request.clusters.as_deref().unwrap_or(&default);
    within("Clusters", wanted, 100)?;
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for name_or_arn in wanted {
        let name = last_part(name_or_arn);
        if world.ecs.clusters.iter().any(|known| known == name) {
            clusters.push(cluster_json(world, name));
        } else {
            let arn = world.ecs_arn(&format!("cluster/{name}"));
            failures.push(json!({ "arn": arn, "reason": "MISSING" }));
        }
    }
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

fn cluster_json(world: &World, name: &str) -> Value {
    let tasks = || world.ecs.tasks.values().filter(|task| task.cluster == name);
    let services = world
        .ecs
        .services
        .values()
        .filter(|service| service.cluster == name);
    json!({
        "clusterArn": world.ecs_arn(&format!("cluster/{name}")),
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": tasks().filter(|task| task.status == TaskStatus::Running).count(),
        "pendingTasksCount": tasks().filter(|task| task.status < TaskStatus::Running).count(),
        "activeServicesCount": services.filter(|service| service.status == ServiceStatus::Active).count(),
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [],
    })
}
