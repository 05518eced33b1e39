//! The API: the dispatcher and what its operations share.

use serde_json::{Value, json};

use super::{bus, pattern::Pattern, put_events, rules, tags, targets};
use crate::wire::{input, not_implemented, page};
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "PutRule" => rules::put(world, input(body)?),
        "DescribeRule" => rules::describe(world, &input(body)?),
        "DeleteRule" => rules::delete(world, &input(body)?),
        "EnableRule" => rules::set_state(world, &input(body)?, "ENABLED"),
        "DisableRule" => rules::set_state(world, &input(body)?, "DISABLED"),
        "ListRules" => rules::list(world, &input(body)?),
        "ListRuleNamesByTarget" => targets::rule_names(world, &input(body)?),
        "PutTargets" => targets::put(world, input(body)?),
        "RemoveTargets" => targets::remove(world, &input(body)?),
        "ListTargetsByRule" => targets::list(world, &input(body)?),
        "PutEvents" => put_events::put(world, input(body)?),
        "TestEventPattern" => test_pattern(&input(body)?),
        "CreateEventBus" => bus::create(world, input(body)?),
        "DeleteEventBus" => bus::delete(world, &input(body)?),
        "DescribeEventBus" => bus::describe(world, &input(body)?),
        "ListEventBuses" => bus::list(world, &input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("events.{operation}"))),
    }
}

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

pub(super) fn missing(message: impl Into<String>) -> ApiError {
    ApiError::client("ResourceNotFoundException", message)
}

/// `{NAME: [..], "NextToken": ..}` of one page: Limit is 1 to 100 [MODEL].
pub(super) fn paged(
    name: &str,
    items: &[Value],
    limit: Option<usize>,
    token: Option<&str>,
) -> Result<Value, ApiError> {
    if limit.is_some_and(|limit| !(1..=100).contains(&limit)) {
        return Err(validation(
            "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value between 1 and 100",
        ));
    }
    let (items, next) =
        page(items, limit, token, 100).map_err(|_| validation("Reason: Invalid NextToken"))?;
    let mut answer = json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TestEventPattern {
    event_pattern: String,
    event: String,
}

/// The event must have the envelope's members [MODEL].
fn test_pattern(request: &TestEventPattern) -> Result<Value, ApiError> {
    let pattern = Pattern::parse(&request.event_pattern)?;
    let event: Value = serde_json::from_str(&request.event)
        .map_err(|_| validation("Parameter Event is not valid."))?;
    let needed = [
        "id",
        "account",
        "source",
        "time",
        "region",
        "resources",
        "detail-type",
    ];
    if let Some(absent) = needed.iter().find(|name| event.get(**name).is_none()) {
        return Err(validation(format!(
            "Parameter Event is not valid. Reason: {absent} is a required argument."
        )));
    }
    Ok(json!({ "Result": pattern.matches(&event) }))
}
