//! GetParameterHistory.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{missing, name_of};
use super::list::modified_by;
use super::read::value;
use super::state::{Parameter, Version};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ssm::Ssm;
use crate::wire::{page, seconds, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetParameterHistory {
    name: String,
    with_decryption: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Oldest first.
pub(super) fn get(here: &Here<'_, Ssm>, request: &GetParameterHistory) -> Result<Value, ApiError> {
    let parameter = here.own.known(name_of(&request.name));
    let parameter = parameter.ok_or_else(missing)?;
    let versions: Vec<Value> = parameter
        .versions
        .iter()
        .map(|version| version_json(here, parameter, version, request.with_decryption))
        .collect();
    let (versions, next) = page(
        &versions,
        request.max_results,
        request.next_token.as_deref(),
        50,
    )?;
    Ok(with_token(
        json!({ "Parameters": versions }),
        "NextToken",
        next,
    ))
}

fn version_json(
    here: &Here<'_, Ssm>,
    parameter: &Parameter,
    version: &Version,
    decrypted: Option<bool>,
) -> Value {
    let mut described = json!({
        "Name": parameter.name,
        "Type": parameter.kind.name(),
        "LastModifiedDate": seconds(version.at_ms),
        "LastModifiedUser": modified_by(here),
        "Value": value(parameter, version, decrypted),
        "Version": version.number,
        "Labels": version.labels,
        "Tier": version.tier.name(),
        "Policies": [],
        "DataType": version.data_type,
    });
    let texts = [
        ("Description", &version.description),
        ("KeyId", &version.key_id),
        ("AllowedPattern", &version.allowed_pattern),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            described[name] = json!(text);
        }
    }
    described
}
