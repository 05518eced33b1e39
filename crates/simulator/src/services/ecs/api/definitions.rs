//! RegisterTaskDefinition, DescribeTaskDefinition, DeregisterTaskDefinition, ListTaskDefinitions.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::{self, invalid, refused};
use super::register;
use crate::services::ecs::TaskDefinition;
use crate::services::ecs::state::Family;
use crate::wire::{page, seconds};
use crate::{ApiError, World};

/// Not idempotent: every call makes a revision; there is no client token (A1 [MODEL]).
pub(super) fn register(world: &mut World, body: &Value) -> Result<Value, ApiError> {
    let definition = register::register(world, body)?;
    let tags = world.tags_json(&definition.arn);
    Ok(json!({ "taskDefinition": definition_json(world, &definition), "tags": tags }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeTaskDefinition {
    task_definition: String,
    include: Option<Vec<String>>,
}

pub(super) fn describe(world: &World, request: &DescribeTaskDefinition) -> Result<Value, ApiError> {
    let unable = || refused("Unable to describe task definition.");
    let definition = lookup::definition(world, &request.task_definition).ok_or_else(unable)?;
    let mut reply = json!({ "taskDefinition": definition_json(world, &definition) });
    if request.include.iter().flatten().any(|part| part == "TAGS") {
        reply["tags"] = world.tags_json(&definition.arn);
    }
    Ok(reply)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeregisterTaskDefinition {
    task_definition: String,
}

/// INACTIVE: running services keep it and can scale, but nothing new may use it (F3 [MODEL]).
pub(super) fn deregister(
    world: &mut World,
    request: &DeregisterTaskDefinition,
) -> Result<Value, ApiError> {
    if !request.task_definition.contains(':') {
        return Err(invalid("revision is required"));
    }
    let unable = || refused("The specified task definition does not exist.");
    let definition = lookup::definition(world, &request.task_definition).ok_or_else(unable)?;
    let now_ms = world.now_ms;
    if let Some(family) = world.ecs.families.get_mut(&definition.family) {
        family.inactive.entry(definition.revision).or_insert(now_ms);
    }
    Ok(json!({ "taskDefinition": definition_json(world, &definition) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTaskDefinitions {
    family_prefix: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// By family and revision, ascending unless `sort` is DESC. `familyPrefix` is the full family name here [MODEL].
pub(super) fn list(world: &World, request: &ListTaskDefinitions) -> Result<Value, ApiError> {
    let wanted: fn(&Family, &u32) -> bool = match request.status.as_deref() {
        None | Some("ACTIVE") => |family, revision| !family.inactive.contains_key(revision),
        Some("INACTIVE") => |family, revision| {
            family.inactive.contains_key(revision) && !family.deleting.contains_key(revision)
        },
        Some("DELETE_IN_PROGRESS") => |family, revision| family.deleting.contains_key(revision),
        Some(other) => return Err(invalid(format!("status {other} is not valid."))),
    };
    match request.sort.as_deref() {
        None | Some("ASC" | "DESC") => {}
        Some(other) => return Err(invalid(format!("sort {other} is not valid."))),
    }
    let families = world.ecs.families.iter();
    let named = families.filter(|(name, _)| {
        request
            .family_prefix
            .as_ref()
            .is_none_or(|wanted| wanted == *name)
    });
    let mut arns: Vec<String> = named
        .flat_map(|(_, family)| {
            family
                .revisions
                .iter()
                .filter(move |(revision, _)| wanted(family, revision))
        })
        .map(|(_, definition)| definition.arn.clone())
        .collect();
    if request.sort.as_deref() == Some("DESC") {
        arns.reverse();
    }
    let (arns, next) = page(
        &arns,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(super::list_tasks::paged("taskDefinitionArns", arns, next))
}

pub(super) fn definition_json(world: &World, definition: &Arc<TaskDefinition>) -> Value {
    let mut document = definition.document.clone();
    let family = world.ecs.families.get(&definition.family);
    let inactive = family.and_then(|family| family.inactive.get(&definition.revision));
    let deleting = family.and_then(|family| family.deleting.get(&definition.revision));
    document["status"] = json!(match (inactive, deleting) {
        (_, Some(_)) => "DELETE_IN_PROGRESS",
        (Some(_), None) => "INACTIVE",
        (None, None) => "ACTIVE",
    });
    if let Some(at_ms) = deleting {
        document["deleteRequestedAt"] = seconds(*at_ms);
    }
    if let Some(at_ms) = inactive {
        document["deregisteredAt"] = seconds(*at_ms);
    }
    document
}
