//! Tags of secrets.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{active_mut, invalid};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::{TagEntry, put_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TagResource {
    secret_id: String,
    tags: Vec<TagEntry>,
}

pub(super) fn tag(
    here: &mut Here<'_, SecretsManager>,
    request: TagResource,
) -> Result<Value, ApiError> {
    let secret = active_mut(here, &request.secret_id)?;
    let mut tags = secret.tags.clone();
    put_tags(&mut tags, request.tags);
    if tags.len() > 50 {
        return Err(invalid("The secret can't have more than 50 tags."));
    }
    secret.tags = tags;
    secret.was_tagged = true;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    secret_id: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(
    here: &mut Here<'_, SecretsManager>,
    request: &UntagResource,
) -> Result<Value, ApiError> {
    let secret = active_mut(here, &request.secret_id)?;
    secret.tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(json!({}))
}
