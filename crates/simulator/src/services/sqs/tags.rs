//! Tags of queues.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, queue};
use super::state::Sqs;
use crate::ApiError;
use crate::base::here::Here;
use crate::wire::Tags;

/// A queue has no more (TagQueue [DOC]; the words of refusals moto's `sqs` [CODE]).
const MOST_TAGS: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TagQueue {
    queue_url: String,
    tags: Tags,
}

pub(super) fn tag(here: &mut Here<'_, Sqs>, request: TagQueue) -> Result<Value, ApiError> {
    if request.tags.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter Tags.",
        ));
    }
    let (name, queue) = queue(here, &request.queue_url)?;
    let new = request
        .tags
        .keys()
        .filter(|key| !queue.tags.contains_key(*key));
    if queue.tags.len() + new.count() > MOST_TAGS {
        return Err(invalid(format!("Too many tags added for queue {name}.")));
    }
    queue.tags.extend(request.tags);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UntagQueue {
    queue_url: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(here: &mut Here<'_, Sqs>, request: &UntagQueue) -> Result<Value, ApiError> {
    if request.tag_keys.is_empty() {
        return Err(invalid(
            "Tag keys must be between 1 and 128 characters in length.",
        ));
    }
    let (_, queue) = queue(here, &request.queue_url)?;
    queue.tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListQueueTags {
    queue_url: String,
}

pub(super) fn list(here: &mut Here<'_, Sqs>, request: &ListQueueTags) -> Result<Value, ApiError> {
    let (_, queue) = queue(here, &request.queue_url)?;
    if queue.tags.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({ "Tags": queue.tags }))
}
