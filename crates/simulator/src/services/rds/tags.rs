//! AddTagsToResource, RemoveTagsFromResource and ListTagsForResource.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{missing, no_instance, no_snapshot, unknown};
use super::find::Filter;
use super::groups::no_subnet_group;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::rds::Rds;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Adds tags to what an ARN names; an empty list makes no entry.
pub(super) fn put(here: &mut Here<'_, Rds>, arn: String, tags: Vec<Tag>) {
    if tags.is_empty() {
        return;
    }
    let entry = here.own.tags.entry(arn).or_default();
    entry.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
}

/// A `TagList`.
pub(super) fn tag_list(here: &Here<'_, Rds>, arn: &str) -> Value {
    let tags = here.own.tags.get(arn).into_iter().flatten();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AddTags {
    resource_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn add(here: &mut Here<'_, Rds>, request: AddTags) -> Result<Value, ApiError> {
    there(here, &request.resource_name)?;
    put(here, request.resource_name, request.tags);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RemoveTags {
    resource_name: String,
    #[serde(default)]
    tag_keys: Vec<String>,
}

pub(super) fn remove(here: &mut Here<'_, Rds>, request: &RemoveTags) -> Result<Value, ApiError> {
    there(here, &request.resource_name)?;
    if let Some(tags) = here.own.tags.get_mut(&request.resource_name) {
        tags.retain(|key, _| !request.tag_keys.contains(key));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTags {
    resource_name: String,
    #[serde(default, rename = "Filters")]
    _filters: Vec<Filter>,
}

pub(super) fn list(here: &Here<'_, Rds>, request: &ListTags) -> Result<Value, ApiError> {
    there(here, &request.resource_name)?;
    Ok(json!({ "TagList": tag_list(here, &request.resource_name) }))
}

/// The error is that of what the ARN is for [MODEL].
fn there(here: &Here<'_, Rds>, arn: &str) -> Result<(), ApiError> {
    let mut parts = arn.splitn(7, ':').skip(5);
    let (Some(kind), Some(id)) = (parts.next(), parts.next()) else {
        return Err(unknown(format!("Invalid resource name: {arn}")));
    };
    let rds = &here.own;
    match kind {
        "db" if !rds.instances.contains_key(id) => Err(no_instance(id)),
        "snapshot" if !rds.snapshots.contains_key(id) => Err(no_snapshot(id)),
        "subgrp" if !rds.subnet_groups.contains_key(id) => Err(no_subnet_group(id)),
        "db" | "snapshot" | "subgrp" => Ok(()),
        "cluster" => Err(missing(
            "DBClusterNotFoundFault",
            format!("DBCluster {id} not found."),
        )),
        _ => Err(unknown(format!("Invalid resource name: {arn}"))),
    }
}
