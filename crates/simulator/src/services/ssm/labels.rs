//! LabelParameterVersion and UnlabelParameterVersion: a label is on one version at most [MODEL].

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::existing_mut;
use super::selector::version_missing;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ssm::Ssm;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct LabelParameterVersion {
    name: String,
    parameter_version: Option<u64>,
    labels: Vec<String>,
}

/// Of the latest version unless one is named; impossible labels are listed, not refused.
pub(super) fn label(
    here: &mut Here<'_, Ssm>,
    request: &LabelParameterVersion,
) -> Result<Value, ApiError> {
    let parameter = existing_mut(here, &request.name)?;
    let latest = parameter.latest().map_or(0, |version| version.number);
    let number = request.parameter_version.unwrap_or(latest);
    let (good, bad): (Vec<&String>, Vec<&String>) =
        request.labels.iter().partition(|label| is_label(label));
    let known = parameter
        .versions
        .iter()
        .find(|version| version.number == number)
        .ok_or_else(|| version_missing(&request.name, &number.to_string()))?;
    let new = good.iter().filter(|label| !known.labels.contains(**label));
    if known.labels.len() + new.count() > 10 {
        return Err(ApiError::client(
            "ParameterVersionLabelLimitExceeded",
            "A parameter version can have a maximum of ten labels.",
        ));
    }
    for version in &mut parameter.versions {
        version.labels.retain(|label| !good.contains(&label));
        if version.number == number {
            version.labels.extend(good.iter().copied().cloned());
        }
    }
    Ok(json!({ "InvalidLabels": bad, "ParameterVersion": number }))
}

fn is_label(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=100).contains(&label.len())
        && label.bytes().all(is_allowed)
        && !label.starts_with(|first: char| first.is_ascii_digit())
        && !["aws", "ssm"]
            .iter()
            .any(|prefix| lower.starts_with(prefix))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UnlabelParameterVersion {
    name: String,
    parameter_version: u64,
    labels: Vec<String>,
}

pub(super) fn unlabel(
    here: &mut Here<'_, Ssm>,
    request: &UnlabelParameterVersion,
) -> Result<Value, ApiError> {
    let number = request.parameter_version;
    let parameter = existing_mut(here, &request.name)?;
    let version = parameter
        .versions
        .iter_mut()
        .find(|version| version.number == number)
        .ok_or_else(|| version_missing(&request.name, &number.to_string()))?;
    let (removed, unknown): (Vec<&String>, Vec<&String>) = request
        .labels
        .iter()
        .partition(|label| version.labels.remove(*label));
    Ok(json!({ "RemovedLabels": removed, "InvalidLabels": unknown }))
}
