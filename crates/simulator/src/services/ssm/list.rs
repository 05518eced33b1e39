//! GetParametersByPath and DescribeParameters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::{OF_ALL, OF_PATHS, OldFilter, ParameterFilter, checked, is_under, passes};
use super::find::invalid;
use super::read::{arn, shown};
use super::selector::Selected;
use super::state::Parameter;
use crate::ApiError;
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::services::ssm::Ssm;
use crate::wire::{page, seconds, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetParametersByPath {
    path: String,
    recursive: Option<bool>,
    parameter_filters: Option<Vec<ParameterFilter>>,
    with_decryption: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn by_path(
    here: &Here<'_, Ssm>,
    request: &GetParametersByPath,
) -> Result<Value, ApiError> {
    if !request.path.starts_with('/') {
        return Err(invalid(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \
             \"/\".",
        ));
    }
    let filters = request.parameter_filters.as_deref().unwrap_or_default();
    checked(filters, OF_PATHS)?;
    let recursive = request.recursive == Some(true);
    let found: Vec<&Parameter> = here
        .own
        .parameters
        .values()
        .filter(|one| is_under(&one.name, &request.path, recursive) && passes(filters, one))
        .collect();
    let (found, next) = page(
        &found,
        request.max_results.or(Some(10)),
        request.next_token.as_deref(),
        10,
    )?;
    let shown: Vec<Value> = found
        .into_iter()
        .filter_map(|parameter| {
            let selected = Selected {
                parameter,
                version: parameter.latest()?,
                selector: "",
                name: &parameter.name,
            };
            Some(shown(here, selected, request.with_decryption))
        })
        .collect();
    Ok(with_token(
        json!({ "Parameters": shown }),
        "NextToken",
        next,
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeParameters {
    filters: Option<Vec<OldFilter>>,
    parameter_filters: Option<Vec<ParameterFilter>>,
    max_results: Option<usize>,
    next_token: Option<String>,
    #[serde(rename = "Shared")]
    _shared: Option<bool>,
}

/// Everything but values.
pub(super) fn describe(
    here: &Here<'_, Ssm>,
    request: &DescribeParameters,
) -> Result<Value, ApiError> {
    if request.filters.is_some() && request.parameter_filters.is_some() {
        return Err(invalid(
            "You can use either Filters or ParameterFilters in a single request.",
        ));
    }
    let old = request.filters.as_deref().unwrap_or_default();
    let mut filters: Vec<ParameterFilter> = old.iter().map(ParameterFilter::from).collect();
    filters.extend(request.parameter_filters.iter().flatten().cloned());
    checked(&filters, OF_ALL)?;
    let found: Vec<Value> = here
        .own
        .parameters
        .values()
        .filter(|parameter| passes(&filters, parameter))
        .filter_map(|parameter| described(here, parameter))
        .collect();
    let (found, next) = page(
        &found,
        request.max_results,
        request.next_token.as_deref(),
        10,
    )?;
    Ok(with_token(
        json!({ "Parameters": found }),
        "NextToken",
        next,
    ))
}

fn described(here: &Here<'_, Ssm>, parameter: &Parameter) -> Option<Value> {
    let latest = parameter.latest()?;
    let mut described = json!({
        "Name": parameter.name,
        "ARN": arn(here, &parameter.name),
        "Type": parameter.kind.name(),
        "LastModifiedDate": seconds(latest.at_ms),
        "LastModifiedUser": modified_by(here),
        "Version": latest.number,
        "Tier": latest.tier.name(),
        "Policies": [],
        "DataType": latest.data_type,
    });
    let texts = [
        ("Description", &latest.description),
        ("KeyId", &latest.key_id),
        ("AllowedPattern", &latest.allowed_pattern),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            described[name] = json!(text);
        }
    }
    Some(described)
}

pub(super) fn modified_by(here: &Here<'_, Ssm>) -> String {
    global_arn(
        "sts",
        here.region,
        here.account,
        "assumed-role/deployer/simulator",
    )
}
