//! The API: which operation is served where.

use serde_json::Value;

use super::{bus, put_events, rules, tags, targets, test_pattern};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::events::EventBridge;
use crate::wire::input;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, EventBridge>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "PutRule" => rules::put(here, input(body)?),
        "DescribeRule" => rules::describe(here, &input(body)?),
        "DeleteRule" => rules::delete(here, &input(body)?),
        "EnableRule" => rules::set_state(here, &input(body)?, "ENABLED"),
        "DisableRule" => rules::set_state(here, &input(body)?, "DISABLED"),
        "ListRules" => rules::list(here, &input(body)?),
        "ListRuleNamesByTarget" => targets::rule_names(here, &input(body)?),
        "PutTargets" => targets::put(here, input(body)?),
        "RemoveTargets" => targets::remove(here, &input(body)?),
        "ListTargetsByRule" => targets::list(here, &input(body)?),
        "PutEvents" => put_events::put(here, input(body)?),
        "TestEventPattern" => test_pattern::test(&input(body)?),
        "CreateEventBus" => bus::create(here, input(body)?),
        "DeleteEventBus" => bus::delete(here, &input(body)?),
        "DescribeEventBus" => bus::describe(here, &input(body)?),
        "ListEventBuses" => bus::list(here, &input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("events.{operation}"))),
    }
}
