//! DeleteParameter and DeleteParameters: at once, with all versions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{missing, name_of};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ssm::Ssm;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteParameter {
    name: String,
}

pub(super) fn delete(
    here: &mut Here<'_, Ssm>,
    request: &DeleteParameter,
) -> Result<Value, ApiError> {
    match remove(here, &request.name) {
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
    here: &mut Here<'_, Ssm>,
    request: &DeleteParameters,
) -> Result<Value, ApiError> {
    let (deleted, unknown): (Vec<&String>, Vec<&String>) =
        request.names.iter().partition(|name| remove(here, name));
    Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": unknown }))
}

fn remove(here: &mut Here<'_, Ssm>, name: &str) -> bool {
    let Some(key) = here.own.key(name_of(name)).map(str::to_owned) else {
        return false;
    };
    here.own.parameters.remove(&key);
    here.own.gone.insert(key);
    true
}
