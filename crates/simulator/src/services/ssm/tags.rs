//! Tags of parameters; other resources of Systems Manager are not here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::existing_mut;
use super::state::Parameter;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::ssm::Ssm;
use crate::wire::{TagEntry, put_tags, tag_list};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AddTagsToResource {
    resource_type: String,
    resource_id: String,
    tags: Vec<TagEntry>,
}

pub(super) fn add(here: &mut Here<'_, Ssm>, request: AddTagsToResource) -> Result<Value, ApiError> {
    let parameter = tagged(here, &request.resource_type, &request.resource_id)?;
    let mut tags = parameter.tags.clone();
    put_tags(&mut tags, request.tags);
    if tags.len() > 50 {
        return Err(ApiError::client(
            "TooManyTagsError",
            "The maximum number of tags is 50.",
        ));
    }
    parameter.tags = tags;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RemoveTagsFromResource {
    resource_type: String,
    resource_id: String,
    tag_keys: Vec<String>,
}

pub(super) fn remove(
    here: &mut Here<'_, Ssm>,
    request: &RemoveTagsFromResource,
) -> Result<Value, ApiError> {
    let parameter = tagged(here, &request.resource_type, &request.resource_id)?;
    parameter
        .tags
        .retain(|key, _| !request.tag_keys.contains(key));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    resource_type: String,
    resource_id: String,
}

pub(super) fn list(
    here: &mut Here<'_, Ssm>,
    request: &ListTagsForResource,
) -> Result<Value, ApiError> {
    let parameter = tagged(here, &request.resource_type, &request.resource_id)?;
    Ok(json!({ "TagList": tag_list(&parameter.tags) }))
}

fn tagged<'a>(
    here: &'a mut Here<'_, Ssm>,
    kind: &str,
    id: &str,
) -> Result<&'a mut Parameter, ApiError> {
    if kind != "Parameter" {
        return Err(not_implemented(&format!("tags of ssm {kind}")));
    }
    existing_mut(here, id).map_err(|_| {
        ApiError::client(
            "InvalidResourceId",
            "The resource ID is not valid. Verify that you entered the correct ID and try again.",
        )
    })
}
