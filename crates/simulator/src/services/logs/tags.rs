//! Tags of log groups, by name as of old and by ARN.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group, group_mut, name_of_arn};
use super::groups::OneGroup;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::wire::Tags;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TagLogGroup {
    log_group_name: String,
    tags: Tags,
}

pub(super) fn tag_group(
    here: &mut Here<'_, Logs>,
    request: TagLogGroup,
) -> Result<Value, ApiError> {
    put(here, &request.log_group_name, request.tags)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Tags,
}

pub(super) fn tag(here: &mut Here<'_, Logs>, request: TagResource) -> Result<Value, ApiError> {
    put(here, name_of_arn(&request.resource_arn), request.tags)
}

fn put(here: &mut Here<'_, Logs>, name: &str, tags: Tags) -> Result<Value, ApiError> {
    let group = group_mut(here, name)?;
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

pub(super) fn untag_group(
    here: &mut Here<'_, Logs>,
    request: &UntagLogGroup,
) -> Result<Value, ApiError> {
    remove(here, &request.log_group_name, &request.tags)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(here: &mut Here<'_, Logs>, request: &UntagResource) -> Result<Value, ApiError> {
    remove(here, name_of_arn(&request.resource_arn), &request.tag_keys)
}

fn remove(here: &mut Here<'_, Logs>, name: &str, keys: &[String]) -> Result<Value, ApiError> {
    let group = group_mut(here, name)?;
    group.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

pub(super) fn list_of_group(here: &Here<'_, Logs>, request: &OneGroup) -> Result<Value, ApiError> {
    let group = group(here, Some(&request.log_group_name), None)?;
    Ok(json!({ "tags": group.tags }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

pub(super) fn list(
    here: &Here<'_, Logs>,
    request: &ListTagsForResource,
) -> Result<Value, ApiError> {
    let group = group(here, None, Some(&request.resource_arn))?;
    Ok(json!({ "tags": group.tags }))
}
