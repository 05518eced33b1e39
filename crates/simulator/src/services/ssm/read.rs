//! GetParameter and GetParameters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::selector::{Selected, select};
use super::state::{Parameter, ParameterType, Version};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::ssm::Ssm;
use crate::wire::seconds;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetParameter {
    name: String,
    with_decryption: Option<bool>,
}

pub(super) fn get(here: &Here<'_, Ssm>, request: &GetParameter) -> Result<Value, ApiError> {
    let selected = select(here.own, &request.name)?;
    Ok(json!({ "Parameter": shown(here, selected, request.with_decryption) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetParameters {
    names: Vec<String>,
    with_decryption: Option<bool>,
}

/// At most ten; what cannot be found is listed, not refused [MODEL].
pub(super) fn get_many(here: &Here<'_, Ssm>, request: &GetParameters) -> Result<Value, ApiError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in &request.names {
        match select(here.own, name) {
            Ok(selected) => found.push(shown(here, selected, request.with_decryption)),
            Err(_) => missing.push(name),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": missing }))
}

pub(super) fn shown(
    here: &Here<'_, Ssm>,
    selected: Selected<'_>,
    decrypted: Option<bool>,
) -> Value {
    let Selected {
        parameter,
        version,
        name,
        ..
    } = selected;
    let mut shown = json!({
        "Name": name,
        "Type": parameter.kind.name(),
        "Value": value(parameter, version, decrypted),
        "Version": version.number,
        "LastModifiedDate": seconds(version.at_ms),
        "ARN": arn(here, &parameter.name),
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

pub(super) fn arn(here: &Here<'_, Ssm>, name: &str) -> String {
    let slash = if name.starts_with('/') { "" } else { "/" };
    regional_arn(
        "ssm",
        here.region,
        here.account,
        format_args!("parameter{slash}{name}"),
    )
}
