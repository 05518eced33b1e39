//! Tags of log groups, by name as of old and by ARN.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group, group_mut, name_of_arn};
use super::groups::OneGroup;
use crate::wire::Tags;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TagLogGroup {
    log_group_name: String,
    tags: Tags,
}

pub(super) fn tag_group(world: &mut World, request: TagLogGroup) -> Result<Value, ApiError> {
    put(world, &request.log_group_name, request.tags)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Tags,
}

pub(super) fn tag(world: &mut World, request: TagResource) -> Result<Value, ApiError> {
    put(world, name_of_arn(&request.resource_arn), request.tags)
}

fn put(world: &mut World, name: &str, tags: Tags) -> Result<Value, ApiError> {
    let group = group_mut(world, name)?;
    let mut all = group.tags.clone();
    all.extend(tags);
    if all.len() > 50 {
        return Err(ApiError::client(
            "TooManyTagsException",
            "A resource can have no more than 50 tags.",
        ));
    }
    group.tags = all;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntagLogGroup {
    log_group_name: String,
    tags: Vec<String>,
}

pub(super) fn untag_group(world: &mut World, request: &UntagLogGroup) -> Result<Value, ApiError> {
    remove(world, &request.log_group_name, &request.tags)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(world: &mut World, request: &UntagResource) -> Result<Value, ApiError> {
    remove(world, name_of_arn(&request.resource_arn), &request.tag_keys)
}

fn remove(world: &mut World, name: &str, keys: &[String]) -> Result<Value, ApiError> {
    let group = group_mut(world, name)?;
    group.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

pub(super) fn list_of_group(world: &World, request: &OneGroup) -> Result<Value, ApiError> {
    let group = group(world, Some(&request.log_group_name), None)?;
    Ok(json!({ "tags": group.tags }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

pub(super) fn list(world: &World, request: &ListTagsForResource) -> Result<Value, ApiError> {
    let group = group(world, None, Some(&request.resource_arn))?;
    Ok(json!({ "tags": group.tags }))
}
