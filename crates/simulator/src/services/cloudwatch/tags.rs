//! Tags of alarms and dashboards.

use serde::Deserialize;
use serde_json::{Value, json};

use super::dashboards;
use super::find::{Input, alarm_arn, missing};
use crate::{ApiError, World};

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Adds tags to what an ARN names; an empty list makes no entry.
pub(super) fn put(world: &mut World, arn: String, tags: Vec<Tag>) {
    if tags.is_empty() {
        return;
    }
    let entry = world.cloudwatch.tags.entry(arn).or_default();
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

pub(super) fn tag(world: &mut World, request: TagResource) -> Result<Value, ApiError> {
    there(world, &request.arn)?;
    put(world, request.arn, request.tags);
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

pub(super) fn untag(world: &mut World, request: &UntagResource) -> Result<Value, ApiError> {
    there(world, &request.arn)?;
    if let Some(tags) = world.cloudwatch.tags.get_mut(&request.arn) {
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

pub(super) fn list(world: &mut World, request: &ListTags) -> Result<Value, ApiError> {
    there(world, &request.arn)?;
    let tags = world
        .cloudwatch
        .tags
        .get(&request.arn)
        .into_iter()
        .flatten();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": tags }))
}

fn there(world: &World, arn: &str) -> Result<(), ApiError> {
    let alarm = arn.split_once(":alarm:").map(|(_, name)| name);
    let dashboard = arn.split_once(":dashboard/").map(|(_, name)| name);
    let known = alarm.is_some_and(|name| {
        world.cloudwatch.alarms.contains_key(name) && alarm_arn(world, name) == arn
    }) || dashboard.is_some_and(|name| {
        world.cloudwatch.dashboards.contains_key(name) && dashboards::arn(world, name) == arn
    });
    if known {
        return Ok(());
    }
    Err(missing(
        "ResourceNotFoundException",
        format!("Resource {arn} does not exist"),
    ))
}
