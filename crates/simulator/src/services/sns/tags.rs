//! Tags of topics.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::invalid;
use super::state::Topic;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::sns::Sns;
use crate::wire::{TagEntry, put_tags, tag_list};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Vec<TagEntry>,
}

pub(super) fn tag(here: &mut Here<'_, Sns>, request: TagResource) -> Result<Value, ApiError> {
    let topic = tagged(here, &request.resource_arn)?;
    let keys: BTreeSet<&str> = request.tags.iter().map(TagEntry::key).collect();
    if keys.len() < request.tags.len() {
        // LocalStack's `test_tags`, recorded on AWS [OBS].
        return Err(invalid(
            "Invalid parameter: Duplicated keys are not allowed.",
        ));
    }
    let mut tags = topic.tags.clone();
    put_tags(&mut tags, request.tags);
    if tags.len() > 50 {
        return Err(ApiError::client(
            "TagLimitExceeded",
            "Could not complete request: tag quota of per resource exceeded",
        ));
    }
    topic.tags = tags;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(here: &mut Here<'_, Sns>, request: UntagResource) -> Result<Value, ApiError> {
    let topic = tagged(here, &request.resource_arn)?;
    topic.tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTags {
    resource_arn: String,
}

pub(super) fn list(here: &mut Here<'_, Sns>, request: ListTags) -> Result<Value, ApiError> {
    let topic = tagged(here, &request.resource_arn)?;
    Ok(json!({ "Tags": tag_list(&topic.tags) }))
}

fn tagged<'a>(here: &'a mut Here<'_, Sns>, arn: &str) -> Result<&'a mut Topic, ApiError> {
    here.own.topics.get_mut(arn).ok_or_else(|| ApiError {
        code: "ResourceNotFound",
        message: "Resource does not exist".to_owned(),
        status: 404,
    })
}
