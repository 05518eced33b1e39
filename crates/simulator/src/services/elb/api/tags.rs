//! Tags of load balancers, listeners, rules and target groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{no_balancer, no_group, no_listeners, no_rules};
use super::read;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TagInput {
    key: String,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    #[serde(default)]
    resource_arns: Vec<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

/// Per resource [DOC].
const MOST: usize = 50;

pub(super) fn add(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let new = tags(&input.tags)?;
    // All resources are looked up before the first one changes.
    for arn in &input.resource_arns {
        let mut all = of(here.own, arn)?.clone();
        all.extend(new.clone());
        limited(&all)?;
    }
    for arn in &input.resource_arns {
        of(here.own, arn)?.extend(new.clone());
    }
    Ok(json!({}))
}

pub(super) fn remove(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    for arn in &input.resource_arns {
        of(here.own, arn)?;
    }
    for arn in &input.resource_arns {
        of(here.own, arn)?.retain(|key, _| !input.tag_keys.contains(key));
    }
    Ok(json!({}))
}

pub(super) fn describe(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let mut told = Vec::with_capacity(input.resource_arns.len());
    for arn in &input.resource_arns {
        let tags = of(here.own, arn)?.iter();
        let tags: Vec<Value> = tags
            .map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect();
        told.push(json!({ "ResourceArn": arn, "Tags": tags }));
    }
    Ok(json!({ "TagDescriptions": told }))
}

/// Tags as a new resource gets them.
pub(super) fn tags(input: &[TagInput]) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for tag in input {
        let value = tag.value.clone().unwrap_or_default();
        if tags.insert(tag.key.clone(), value).is_some() {
            return Err(ApiError::client(
                "DuplicateTagKeys",
                format!("Tag key was specified more than once: {}", tag.key),
            ));
        }
    }
    limited(&tags)?;
    Ok(tags)
}

fn limited(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > MOST {
        return Err(ApiError::client(
            "TooManyTags",
            format!("The maximum number of tags '{MOST}' has been reached"),
        ));
    }
    Ok(())
}

fn of<'a>(elb: &'a mut Elb, arn: &str) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let kind = arn.split(':').nth(5).and_then(|it| it.split('/').next());
    match kind {
        Some("targetgroup") => {
            let found = elb.group_by_arn_mut(arn).ok_or_else(|| no_group(arn))?;
            Ok(&mut found.tags)
        }
        Some("listener") => Ok(&mut elb.listener_mut(arn).ok_or_else(no_listeners)?.tags),
        Some("listener-rule") => Ok(&mut elb.rule_mut(arn).ok_or_else(no_rules)?.tags),
        _ => {
            let found = elb
                .balancer_by_arn_mut(arn)
                .ok_or_else(|| no_balancer(arn))?;
            Ok(&mut found.tags)
        }
    }
}
