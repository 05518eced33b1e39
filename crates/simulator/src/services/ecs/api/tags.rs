//! TagResource, UntagResource, ListTagsForResource, and tags in other replies.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::{self, invalid};
use crate::services::ecs::ServiceStatus;
use crate::services::ecs::state::Tag;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

/// A tag with a known key gets the new value.
pub(super) fn tag(world: &mut World, request: TagResource) -> Result<Value, ApiError> {
    exists(world, &request.resource_arn)?;
    lookup::tags(Some(&request.tags))?;
    let known = world.ecs.tags.get(&request.resource_arn);
    let mut own = known.cloned().unwrap_or_default();
    own.retain(|tag| request.tags.iter().all(|new| new.key != tag.key));
    own.extend(request.tags);
    lookup::tags(Some(&own))?;
    world.ecs.tags.insert(request.resource_arn, own);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(world: &mut World, request: &UntagResource) -> Result<Value, ApiError> {
    exists(world, &request.resource_arn)?;
    if let Some(own) = world.ecs.tags.get_mut(&request.resource_arn) {
        own.retain(|tag| !request.tag_keys.contains(&tag.key));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

pub(super) fn list(world: &World, request: &ListTagsForResource) -> Result<Value, ApiError> {
    exists(world, &request.resource_arn)?;
    Ok(json!({ "tags": world.tags_json(&request.resource_arn) }))
}

impl World {
    /// `tags` of a reply.
    pub(super) fn tags_json(&self, arn: &str) -> Value {
        json!(self.tags_of(arn))
    }

    pub(super) fn tags_of(&self, arn: &str) -> &[Tag] {
        self.ecs.tags.get(arn).map_or(&[][..], Vec::as_slice)
    }
}

/// Clusters, services, tasks and task definitions have tags; what is INACTIVE does not take part any more.
fn exists(world: &World, arn: &str) -> Result<(), ApiError> {
    let ecs = &world.ecs;
    let definition = || {
        let mut all = ecs.families.values().flat_map(|one| one.revisions.values());
        all.any(|one| one.arn == arn)
    };
    let service = || {
        let mut all = ecs.services.values();
        all.any(|one| one.arn == arn && one.status != ServiceStatus::Inactive)
    };
    let task = || ecs.tasks.values().any(|task| task.arn == arn);
    let cluster = || {
        let mut all = ecs.clusters.iter();
        all.any(|name| world.ecs_arn(&format!("cluster/{name}")) == arn)
    };
    if service() || task() || cluster() || definition() {
        return Ok(());
    }
    Err(invalid("The specified resource was not found."))
}
