//! Tags of rules and buses.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::missing;
use super::{bus, rules};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::events::EventBridge;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    key: String,
    value: String,
}

/// Adds tags to what an ARN names; an empty list makes no entry.
pub(super) fn put(here: &mut Here<'_, EventBridge>, arn: &str, tags: Vec<Tag>) {
    if tags.is_empty() {
        return;
    }
    let entry = here.own.tags.entry(arn.to_owned()).or_default();
    entry.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TagResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "Tags")]
    tags: Vec<Tag>,
}

pub(super) fn tag(
    here: &mut Here<'_, EventBridge>,
    request: TagResource,
) -> Result<Value, ApiError> {
    there(here, &request.arn)?;
    put(here, &request.arn, request.tags);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "TagKeys")]
    keys: Vec<String>,
}

pub(super) fn untag(
    here: &mut Here<'_, EventBridge>,
    request: &UntagResource,
) -> Result<Value, ApiError> {
    there(here, &request.arn)?;
    if let Some(tags) = here.own.tags.get_mut(&request.arn) {
        tags.retain(|key, _| !request.keys.contains(key));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListTags {
    #[serde(rename = "ResourceARN")]
    arn: String,
}

pub(super) fn list(here: &Here<'_, EventBridge>, request: &ListTags) -> Result<Value, ApiError> {
    there(here, &request.arn)?;
    let tags = here.own.tags.get(&request.arn).into_iter().flatten();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": tags }))
}

fn there(here: &Here<'_, EventBridge>, arn: &str) -> Result<(), ApiError> {
    if arn.contains(":event-bus/") {
        return bus::known(here, Some(arn)).map(|_| ());
    }
    let mut rules = here.own.rules.iter().flat_map(|(bus, rules)| {
        let names = rules.keys();
        names.map(move |name| rules::arn(here, bus, name))
    });
    if rules.any(|known| known == arn) {
        return Ok(());
    }
    let path = arn.rsplit_once(":rule/").map_or(arn, |(_, path)| path);
    let (bus, name) = path.rsplit_once('/').unwrap_or(("default", path));
    Err(missing(format!(
        "Rule {name} does not exist on EventBus {bus}."
    )))
}
