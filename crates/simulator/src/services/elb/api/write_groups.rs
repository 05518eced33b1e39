//! Target groups, created, changed and deleted.

use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::{check_name, invalid, no_group};
use super::group_input::GroupInput;
use super::groups::group_json;
use super::read;
use super::tags::tags;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{Change, TargetGroup, TargetType};

/// Per Region [DOC].
const MOST: usize = 3_000;

/// The same request twice is one group; the same name with other settings is refused [MODEL].
pub(super) fn create(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: GroupInput = read(input)?;
    let name = input.name.clone();
    let name = name.ok_or_else(|| invalid("A target group name must be specified"))?;
    check_name("Target group", &name)?;
    let name: Arc<str> = name.into();
    let mut group = TargetGroup::new(String::new(), Arc::clone(&name), 80);
    group.target_type = TargetType::Instance;
    input.found(&mut group)?;
    input.check(&mut group)?;
    group.tags = tags(&input.tags)?;
    if let Some(known) = here.own.groups.get(&name) {
        return if same_settings(known, &group) {
            Ok(json!({ "TargetGroups": [group_json(here, known)] }))
        } else {
            Err(ApiError::client(
                "DuplicateTargetGroupName",
                format!(
                    "A target group with the same name '{name}' exists, but with different settings"
                ),
            ))
        };
    }
    if here.own.groups.len() >= MOST {
        return Err(ApiError::client(
            "TooManyTargetGroups",
            format!("The maximum number of target groups '{MOST}' has been reached"),
        ));
    }
    group.arn = here.elb_arn(&format!("targetgroup/{name}"));
    let told = group_json(here, &group);
    here.own.groups.insert(name, group);
    Ok(json!({ "TargetGroups": [told] }))
}

fn same_settings(known: &TargetGroup, new: &TargetGroup) -> bool {
    let settings = |it: &TargetGroup| {
        let checks = (
            it.check_protocol,
            it.check_port.clone(),
            it.health_check_path.clone(),
            it.matcher.clone(),
        );
        let numbers = (
            it.interval_seconds,
            it.timeout_seconds,
            it.healthy_threshold,
            it.unhealthy_threshold,
        );
        let kind = (
            it.protocol,
            it.protocol_version.clone(),
            it.port,
            it.vpc.clone(),
            it.target_type,
        );
        (kind, checks, numbers)
    };
    settings(known) == settings(new)
}

/// What is not named stays; checks go on by the new rules.
pub(super) fn modify(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: GroupInput = read(input)?;
    let arn = input.target_group_arn.clone().unwrap_or_default();
    let group = here
        .own
        .group_by_arn_mut(&arn)
        .ok_or_else(|| no_group(&arn))?;
    let mut changed = group.clone();
    input.check(&mut changed)?;
    *group = changed;
    let name = Arc::clone(&group.name);
    let targets: Vec<u64> = group.targets.iter().map(|it| it.serial()).collect();
    for target in targets {
        here.own.outbox.push(Change::Rechecked {
            group: Arc::clone(&name),
            target,
        });
    }
    let group = here.own.group_by_arn(&arn).ok_or_else(|| no_group(&arn))?;
    Ok(json!({ "TargetGroups": [group_json(here, group)] }))
}

/// Only what no listener and no rule names. One that is not there is deleted already ([MODEL]: no error says otherwise).
pub(super) fn delete(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: GroupInput = read(input)?;
    let arn = input.target_group_arn.unwrap_or_default();
    let Some(name) = here.own.group_by_arn(&arn).map(|it| Arc::clone(&it.name)) else {
        return Ok(json!({}));
    };
    if here.own.in_use(&name) {
        return Err(ApiError::client(
            "ResourceInUse",
            format!("Target group '{arn}' is currently in use by a listener or a rule"),
        ));
    }
    here.own.groups.remove(&name);
    Ok(json!({}))
}
