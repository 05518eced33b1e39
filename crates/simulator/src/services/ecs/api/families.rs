//! ListTaskDefinitionFamilies, DeleteTaskDefinitions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::definitions::definition_json;
use super::list_tasks::{page_size, paged};
use super::lookup::{self, invalid, within};
use crate::services::ecs::state::Family;
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTaskDefinitionFamilies {
    family_prefix: Option<String>,
    status: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// A family is ACTIVE while it has an ACTIVE revision; both kinds unless a status is given [MODEL].
pub(super) fn list(world: &World, request: &ListTaskDefinitionFamilies) -> Result<Value, ApiError> {
    page_size(request.max_results)?;
    let active = |family: &Family| {
        let mut revisions = family.revisions.keys();
        revisions.any(|revision| !family.inactive.contains_key(revision))
    };
    let wanted: fn(bool) -> bool = match request.status.as_deref() {
        None | Some("ALL") => |_| true,
        Some("ACTIVE") => |is_active| is_active,
        Some("INACTIVE") => |is_active| !is_active,
        Some(other) => return Err(invalid(format!("status {other} is not valid."))),
    };
    let prefix = request.family_prefix.as_deref().unwrap_or_default();
    let families = world.ecs.families.iter();
    let names: Vec<String> = families
        .filter(|(name, family)| name.starts_with(prefix) && wanted(active(family)))
        .map(|(name, _)| name.clone())
        .collect();
    let (names, next) = page(
        &names,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(paged("families", names, next))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteTaskDefinitions {
    task_definitions: Vec<String>,
}

/// At most 10, each of them INACTIVE before; then DELETE_IN_PROGRESS for good [MODEL]: nothing here ever lets go of one.
pub(super) fn delete(
    world: &mut World,
    request: &DeleteTaskDefinitions,
) -> Result<Value, ApiError> {
    within("taskDefinitions", &request.task_definitions, 10)?;
    let now_ms = world.now_ms;
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for name in &request.task_definitions {
        if !name.contains(':') {
            return Err(invalid("revision is required"));
        }
        let Some(definition) = lookup::definition(world, name) else {
            failures.push(json!({ "arn": name, "reason": "The specified task definition does not exist. Specify a valid account, family, revision and try again." }));
            continue;
        };
        if world.ecs.is_active(&definition) {
            let reason = "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";
            failures.push(json!({ "arn": definition.arn, "reason": reason }));
            continue;
        }
        if let Some(family) = world.ecs.families.get_mut(&definition.family) {
            family.deleting.entry(definition.revision).or_insert(now_ms);
        }
        gone.push(definition_json(world, &definition));
    }
    Ok(json!({ "taskDefinitions": gone, "failures": failures }))
}
