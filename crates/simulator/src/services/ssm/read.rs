//! GetParameter and GetParameters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, name_of};
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
    is_path(name_of(&request.name))?;
    let selected = select(here.own, &request.name)?;
    Ok(json!({ "Parameter": shown(here, selected, request.with_decryption) }))
}

/// A name with levels begins with a slash, and none of them is empty (LocalStack's `test_hierarchical_parameter`, validated on AWS [OBS]; the
/// words [CODE]).
fn is_path(name: &str) -> Result<(), ApiError> {
    let is_one = name.starts_with('/') || !name.contains('/');
    match is_one && !name.contains("//") {
        true => Ok(()),
        false => Err(invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths \
             divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_",
        )),
    }
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
