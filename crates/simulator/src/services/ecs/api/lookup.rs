//! From the names and ARNs of a request to the things they name.

use std::sync::Arc;

use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::services::ecs::arn::last_part;
use crate::services::ecs::state::Tag;
use crate::services::ecs::{ServiceStatus, TaskDefinition};
use crate::{ApiError, World};

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

pub(super) fn refused(message: impl Into<String>) -> ApiError {
    ApiError::client("ClientException", message)
}

/// The name of an existing cluster; without one, `default` is meant [MODEL].
pub(super) fn cluster(world: &World, name_or_arn: Option<&str>) -> Result<String, ApiError> {
    let name = last_part(name_or_arn.unwrap_or("default"));
    if world.ecs.clusters.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(ApiError::client(
        "ClusterNotFoundException",
        "Cluster not found.",
    ))
}

/// An existing service, whatever its status.
pub(super) fn service(world: &World, cluster: &str, name_or_arn: &str) -> Option<ServiceKey> {
    let key = ServiceKey::new(cluster, last_part(name_or_arn));
    world.ecs.service(&key).is_some().then_some(key)
}

/// A service that is ACTIVE.
pub(super) fn active_service(
    world: &World,
    cluster: &str,
    name_or_arn: &str,
) -> Result<ServiceKey, ApiError> {
    let missing = || ApiError::client("ServiceNotFoundException", "Service not found.");
    let key = service(world, cluster, name_or_arn).ok_or_else(missing)?;
    let status = world.ecs.service(&key).map(|service| service.status);
    if status == Some(ServiceStatus::Active) {
        return Ok(key);
    }
    Err(ApiError::client(
        "ServiceNotActiveException",
        "Service was not ACTIVE.",
    ))
}

/// `family`, `family:revision` or an ARN; the latest ACTIVE revision when there is none.
pub(super) fn definition(world: &World, name_or_arn: &str) -> Option<Arc<TaskDefinition>> {
    let name = last_part(name_or_arn);
    let found = match name.split_once(':') {
        Some((family, revision)) => world.ecs.definition(family, revision.parse().ok()?),
        None => world.ecs.latest_definition(name),
    };
    found.cloned()
}

/// A task definition that may be deployed or run (F1 [OBS]).
pub(crate) fn active_definition(
    world: &World,
    name_or_arn: &str,
) -> Result<Arc<TaskDefinition>, ApiError> {
    let definition =
        definition(world, name_or_arn).ok_or_else(|| refused("TaskDefinition not found."))?;
    if world.ecs.is_active(&definition) {
        return Ok(definition);
    }
    Err(refused("TaskDefinition is inactive"))
}

/// A task of the cluster by id or ARN.
pub(super) fn task(world: &World, cluster: &str, id_or_arn: &str) -> Option<TaskSerial> {
    let id = last_part(id_or_arn);
    let mut tasks = world
        .ecs
        .tasks
        .values()
        .filter(|task| task.cluster == cluster);
    tasks.find(|task| task.id == id).map(|task| task.serial)
}

/// At most 255 letters, digits, hyphens and underscores: names of clusters and services (F3 [MODEL]).
pub(super) fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '-' || one == '_')
}

/// At most 50 tags, keys of 1 to 128 and values of at most 256 characters, nothing of `aws:` (F3 [MODEL]).
pub(super) fn tags(tags: Option<&[Tag]>) -> Result<&[Tag], ApiError> {
    let tags = tags.unwrap_or_default();
    if tags.len() > 50 {
        return Err(invalid("Tags can not have more than 50 elements."));
    }
    for tag in tags {
        let fits = (1..=128).contains(&tag.key.chars().count()) && tag.value.chars().count() <= 256;
        if !fits || tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(format!(
                "The tag key or value is invalid: {}",
                tag.key
            )));
        }
    }
    Ok(tags)
}

/// Refuses a list that is empty or longer than the API takes (F3).
pub(super) fn within<T>(name: &str, items: &[T], most: usize) -> Result<(), ApiError> {
    if items.is_empty() {
        return Err(invalid(format!("{name} cannot be empty.")));
    }
    if items.len() > most {
        return Err(invalid(format!(
            "{name} cannot have more than {most} elements."
        )));
    }
    Ok(())
}
