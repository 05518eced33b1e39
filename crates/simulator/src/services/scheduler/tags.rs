//! Tags of groups: schedules have none.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group_arn, missing};
use super::state::{Group, Scheduler};
use crate::ApiError;
use crate::base::here::Here;
use crate::wire::{TagEntry, put_tags, tag_list};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Vec<TagEntry>,
}

pub(super) fn tag(here: &mut Here<'_, Scheduler>, request: TagResource) -> Result<Value, ApiError> {
    let group = tagged(here, &request.resource_arn)?;
    put_tags(&mut group.tags, request.tags);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

pub(super) fn untag(
    here: &mut Here<'_, Scheduler>,
    request: &UntagResource,
) -> Result<Value, ApiError> {
    let group = tagged(here, &request.resource_arn)?;
    group.tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

pub(super) fn list(
    here: &mut Here<'_, Scheduler>,
    request: &ListTagsForResource,
) -> Result<Value, ApiError> {
    let group = tagged(here, &request.resource_arn)?;
    Ok(json!({ "Tags": tag_list(&group.tags) }))
}

fn tagged<'a>(here: &'a mut Here<'_, Scheduler>, arn: &str) -> Result<&'a mut Group, ApiError> {
    let names: Vec<String> = here.own.groups.keys().cloned().collect();
    let name = names.into_iter().find(|name| group_arn(here, name) == arn);
    let group = name.and_then(|name| here.own.groups.get_mut(&name));
    group.ok_or_else(|| missing(format!("Resource {arn} does not exist.")))
}
