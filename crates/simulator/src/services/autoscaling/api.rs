//! The API: which operation is served where.

use serde_json::Value;

use super::state::AutoScaling;
use super::{activities, policies, scheduled, tags, targets};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::input;

/// Serves one operation. What ECS and CloudWatch have was told before (`capacities`, `alarms`); what is ordered of them is in `outbox`.
pub(crate) fn call(
    here: &mut Here<'_, AutoScaling>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "RegisterScalableTarget" => targets::register(here, input(body)?),
        "DescribeScalableTargets" => targets::describe(here, &input(body)?),
        "DeregisterScalableTarget" => targets::deregister(here, &input(body)?),
        "PutScalingPolicy" => policies::put(here, input(body)?),
        "DescribeScalingPolicies" => policies::describe(here, &input(body)?),
        "DeleteScalingPolicy" => policies::delete(here, &input(body)?),
        "PutScheduledAction" => scheduled::put(here, input(body)?),
        "DescribeScheduledActions" => scheduled::describe(here, &input(body)?),
        "DeleteScheduledAction" => scheduled::delete(here, &input(body)?),
        "DescribeScalingActivities" => activities::describe(here, &input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!(
            "application-autoscaling.{operation}"
        ))),
    }
}
