//! The API: which operation is served where.

use serde_json::Value;

use super::{bus, put_events, rules, tags, targets, test_pattern};
use crate::base::not_implemented;
use crate::wire::input;
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
        "TestEventPattern" => test_pattern::test(&input(body)?),
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
