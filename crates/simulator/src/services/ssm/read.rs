//! GetParameter and GetParameters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::selector::{Selected, select};
use super::state::{Parameter, ParameterType, Version};
use crate::wire::seconds;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetParameter {
    name: String,
    with_decryption: Option<bool>,
}

pub(super) fn get(world: &World, request: &GetParameter) -> Result<Value, ApiError> {
    let selected = select(world, &request.name)?;
    Ok(json!({ "Parameter": shown(world, selected, request.with_decryption) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetParameters {
    names: Vec<String>,
    with_decryption: Option<bool>,
}

/// At most ten; what cannot be found is listed, not refused [MODEL].
pub(super) fn get_many(world: &World, request: &GetParameters) -> Result<Value, ApiError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in &request.names {
        match select(world, name) {
            Ok(selected) => found.push(shown(world, selected, request.with_decryption)),
            Err(_) => missing.push(name),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": missing }))
}

pub(super) fn shown(world: &World, selected: Selected<'_>, decrypted: Option<bool>) -> Value {
    let Selected {
        parameter, version, ..
    } = selected;
    let mut shown = json!({
        "Name": parameter.name,
        "Type": parameter.kind.name(),
        "Value": value(parameter, version, decrypted),
        "Version": version.number,
        "LastModifiedDate": seconds(version.at_ms),
        "ARN": arn(world, &parameter.name),
        "DataType": version.data_type,
    });
    if !selected.selector.is_empty() {
        shown["Selector"] = json!(selected.selector);
    }
    shown
}

/// Without decryption, a SecureString is an opaque text.
pub(super) fn value(parameter: &Parameter, version: &Version, decrypted: Option<bool>) -> String {
    match parameter.kind {
        ParameterType::SecureString if decrypted != Some(true) => {
            format!("AQICAHisimulatedciphertext{:08}==", version.number)
        }
        ParameterType::String | ParameterType::StringList | ParameterType::SecureString => {
            version.value.reveal().to_owned()
        }
    }
}

pub(super) fn arn(world: &World, name: &str) -> String {
    let slash = if name.starts_with('/') { "" } else { "/" };
    format!(
        "arn:aws:ssm:{}:{}:parameter{slash}{name}",
        world.region, world.account
    )
}
