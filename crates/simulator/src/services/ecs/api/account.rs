//! Account settings and ListServicesByNamespace: stored and answered; none of them moves anything here.

use crate::base::arn::global_arn;
use serde::Deserialize;
use serde_json::{Value, json};

use super::list_tasks::paged;
use super::lookup::invalid;
use crate::wire::page;
use crate::{ApiError, World};

/// The settings there are [MODEL] and what holds when nobody has set them [DOC].
const DEFAULTS: &[(&str, &str)] = &[
    ("awsvpcTrunking", "disabled"),
    ("containerInsights", "disabled"),
    ("containerInstanceLongArnFormat", "enabled"),
    ("defaultLogDriverMode", "non-blocking"),
    ("fargateEventWindows", "disabled"),
    ("fargateFIPSMode", "disabled"),
    ("fargateTaskRetirementWaitPeriod", "7"),
    ("guardDutyActivate", "off"),
    ("serviceLongArnFormat", "enabled"),
    ("tagResourceAuthorization", "on"),
    ("taskLongArnFormat", "enabled"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListAccountSettings {
    name: Option<String>,
    value: Option<String>,
    #[serde(rename = "principalArn")]
    _principal_arn: Option<String>,
    effective_settings: Option<bool>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// What was set; with `effectiveSettings` also the defaults of everything else [MODEL].
pub(super) fn list(world: &World, request: &ListAccountSettings) -> Result<Value, ApiError> {
    if let Some(name) = &request.name {
        known(name)?;
    }
    let effective = request.effective_settings == Some(true);
    let mut found = Vec::new();
    for (name, default) in DEFAULTS {
        let set = world.ecs.account_settings.get(*name);
        let Some(value) = set
            .map(String::as_str)
            .or_else(|| effective.then_some(*default))
        else {
            continue;
        };
        let named = request.name.as_ref().is_none_or(|wanted| wanted == name);
        if named && request.value.as_ref().is_none_or(|wanted| wanted == value) {
            found.push(setting_json(world, name, value));
        }
    }
    let (found, next) = page(
        &found,
        request.max_results,
        request.next_token.as_deref(),
        10,
    )?;
    Ok(paged("settings", found, next))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutAccountSetting {
    name: String,
    value: String,
    #[serde(rename = "principalArn")]
    _principal_arn: Option<String>,
}

/// For a user, a role or everybody: here there is only the account.
pub(super) fn put(world: &mut World, request: PutAccountSetting) -> Result<Value, ApiError> {
    known(&request.name)?;
    let reply = json!({ "setting": setting_json(world, &request.name, &request.value) });
    world
        .ecs
        .account_settings
        .insert(request.name, request.value);
    Ok(reply)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteAccountSetting {
    name: String,
    #[serde(rename = "principalArn")]
    _principal_arn: Option<String>,
}

pub(super) fn delete(world: &mut World, request: &DeleteAccountSetting) -> Result<Value, ApiError> {
    known(&request.name)?;
    let value = world.ecs.account_settings.remove(&request.name);
    Ok(json!({ "setting": setting_json(world, &request.name, &value.unwrap_or_default()) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListServicesByNamespace {
    #[serde(rename = "namespace")]
    _namespace: String,
    #[serde(rename = "nextToken")]
    _next_token: Option<String>,
    #[serde(rename = "maxResults")]
    _max_results: Option<usize>,
}

/// Service Connect is stored, never played: no service is in any namespace.
pub(super) fn list_by_namespace(_request: &ListServicesByNamespace) -> Value {
    json!({ "serviceArns": [] })
}

fn known(name: &str) -> Result<(), ApiError> {
    if DEFAULTS.iter().any(|(known, _)| *known == name) {
        return Ok(());
    }
    Err(invalid(format!("Unknown account setting: {name}")))
}

fn setting_json(world: &World, name: &str, value: &str) -> Value {
    json!({
        "name": name,
        "value": value,
        "principalArn": global_arn("iam", &world.region, &world.account, "root"),
        "type": "user",
    })
}
