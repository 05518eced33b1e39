//! Tags of alarms and dashboards.

use serde::Deserialize;
use serde_json::{Value, json};

use super::dashboards;
use super::find::{Input, alarm_arn, missing};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Adds tags to what an ARN names; an empty list makes no entry.
pub(super) fn put(here: &mut Here<'_, CloudWatch>, arn: String, tags: Vec<Tag>) {
    if tags.is_empty() {
        return;
    }
    let entry = here.own.tags.entry(arn).or_default();
    entry.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
}

#[derive(Deserialize)]
pub(super) struct TagResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "Tags")]
    tags: Vec<Tag>,
}

impl Input for TagResource {}

pub(super) fn tag(
    here: &mut Here<'_, CloudWatch>,
    request: TagResource,
) -> Result<Value, ApiError> {
    there(here, &request.arn)?;
    put(here, request.arn, request.tags);
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(super) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "TagKeys")]
    keys: Vec<String>,
}

impl Input for UntagResource {}

pub(super) fn untag(
    here: &mut Here<'_, CloudWatch>,
    request: &UntagResource,
) -> Result<Value, ApiError> {
    there(here, &request.arn)?;
    if let Some(tags) = here.own.tags.get_mut(&request.arn) {
        tags.retain(|key, _| !request.keys.contains(key));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
pub(super) struct ListTags {
    #[serde(rename = "ResourceARN")]
    arn: String,
}

impl Input for ListTags {}

pub(super) fn list(here: &mut Here<'_, CloudWatch>, request: &ListTags) -> Result<Value, ApiError> {
    there(here, &request.arn)?;
    let tags = here.own.tags.get(&request.arn).into_iter().flatten();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": tags }))
}

fn there(here: &Here<'_, CloudWatch>, arn: &str) -> Result<(), ApiError> {
    let alarm = arn.split_once(":alarm:").map(|(_, name)| name);
    let dashboard = arn.split_once(":dashboard/").map(|(_, name)| name);
    let known = alarm
        .is_some_and(|name| here.own.alarms.contains_key(name) && alarm_arn(here, name) == arn)
        || dashboard.is_some_and(|name| {
            here.own.dashboards.contains_key(name) && dashboards::arn(here, name) == arn
        });
    if known {
        return Ok(());
    }
    Err(missing(
        "ResourceNotFoundException",
        format!("Resource {arn} does not exist"),
    ))
}
