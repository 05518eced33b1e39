//! Tags of repositories.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, repository, repository_mut};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::{TagEntry, Tags, put_tags, tag_list};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Vec<TagEntry>,
}

pub(super) fn tag(here: &mut Here<'_, Ecr>, request: TagResource) -> Result<Value, ApiError> {
    let repository = repository_mut(here, name(&request.resource_arn)?)?;
    let mut tags = repository.tags.clone();
    put_tags(&mut tags, request.tags);
    repository.tags = limited(tags)?;
    Ok(json!({}))
}

/// At most 50 (F3 [DOC]).
pub(super) fn limited(tags: Tags) -> Result<Tags, ApiError> {
    if tags.len() > 50 {
        return Err(ApiError::client(
            "TooManyTagsException",
            "The number of tags exceeds the limit of 50",
        ));
    }
    Ok(tags)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(here: &mut Here<'_, Ecr>, request: &UntagResource) -> Result<Value, ApiError> {
    let repository = repository_mut(here, name(&request.resource_arn)?)?;
    repository
        .tags
        .retain(|key, _| !request.tag_keys.contains(key));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

pub(super) fn list(here: &Here<'_, Ecr>, request: &ListTagsForResource) -> Result<Value, ApiError> {
    let repository = repository(here, name(&request.resource_arn)?)?;
    Ok(json!({ "tags": tag_list(&repository.tags) }))
}

fn name(arn: &str) -> Result<&str, ApiError> {
    let named = arn.split_once(":repository/").map(|(_, name)| name);
    named.ok_or_else(|| {
        invalid(format!(
            "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN': {arn}"
        ))
    })
}
