//! TagResource, ListTagsForResource, and tags in other replies.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::invalid;
use crate::ecs::state::Tag;
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
    let own = world.ecs.tags.entry(request.resource_arn).or_default();
    own.retain(|tag| request.tags.iter().all(|new| new.key != tag.key));
    own.extend(request.tags);
    if own.len() > 50 {
        return Err(invalid("Tags can not have more than 50 elements."));
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
        json!(self.ecs.tags.get(arn).map_or(&[][..], Vec::as_slice))
    }
}

fn exists(world: &World, arn: &str) -> Result<(), ApiError> {
    let ecs = &world.ecs;
    let definition = || {
        ecs.families
            .values()
            .flat_map(|family| family.revisions.values())
            .any(|one| one.arn == arn)
    };
    let service = || ecs.services.values().any(|service| service.arn == arn);
    let task = || ecs.tasks.values().any(|task| task.arn == arn);
    let cluster = || {
        ecs.clusters
            .iter()
            .any(|name| world.ecs_arn(&format!("cluster/{name}")) == arn)
    };
    if service() || task() || cluster() || definition() {
        return Ok(());
    }
    Err(invalid("The specified resource was not found."))
}
