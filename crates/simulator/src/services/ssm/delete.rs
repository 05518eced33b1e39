//! DeleteParameter and DeleteParameters: at once, with all versions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{missing, name_of};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteParameter {
    name: String,
}

pub(super) fn delete(world: &mut World, request: &DeleteParameter) -> Result<Value, ApiError> {
    match remove(world, &request.name) {
        true => Ok(json!({})),
        false => Err(missing()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteParameters {
    names: Vec<String>,
}

pub(super) fn delete_many(
    world: &mut World,
    request: &DeleteParameters,
) -> Result<Value, ApiError> {
    let (deleted, unknown): (Vec<&String>, Vec<&String>) =
        request.names.iter().partition(|name| remove(world, name));
    Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": unknown }))
}

fn remove(world: &mut World, name: &str) -> bool {
    let name = name_of(name);
    let was_there = world.ssm.parameters.remove(name).is_some();
    if was_there {
        world.ssm.gone.insert(name.to_owned());
    }
    was_there
}
