//! CloudWatch Logs' API: the dispatcher and what its operations share.

use serde_json::Value;

use super::store::{Group, Seen, ingestion_ms};
use super::{describe, filters, groups, read, streams, tags, write};
use crate::wire::{input, not_implemented};
use crate::{ApiError, World};

/// Serves one CloudWatch Logs operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateLogGroup" => groups::create(world, input(body)?),
        "DeleteLogGroup" => groups::delete(world, &input(body)?),
        "PutRetentionPolicy" => groups::put_retention_policy(world, &input(body)?),
        "DeleteRetentionPolicy" => groups::delete_retention_policy(world, &input(body)?),
        "PutLogGroupDeletionProtection" => groups::put_protection(world, &input(body)?),
        "AssociateKmsKey" => groups::associate_key(world, input(body)?),
        "DisassociateKmsKey" => groups::disassociate_key(world, &input(body)?),
        "DescribeLogGroups" => describe::describe(world, &input(body)?),
        "CreateLogStream" => streams::create(world, &input(body)?),
        "DeleteLogStream" => streams::delete(world, &input(body)?),
        "DescribeLogStreams" => streams::describe(world, &input(body)?),
        "PutLogEvents" => write::put_log_events(world, input(body)?),
        "GetLogEvents" => read::get_log_events(world, &input(body)?),
        "FilterLogEvents" => read::filter_log_events(world, &input(body)?),
        "PutSubscriptionFilter" => filters::put_subscription(world, input(body)?),
        "DescribeSubscriptionFilters" => filters::subscriptions(world, &input(body)?),
        "DeleteSubscriptionFilter" => filters::delete_subscription(world, &input(body)?),
        "PutMetricFilter" => filters::put_metric(world, input(body)?),
        "DescribeMetricFilters" => filters::metrics(world, &input(body)?),
        "DeleteMetricFilter" => filters::delete_metric(world, &input(body)?),
        "TagLogGroup" => tags::tag_group(world, input(body)?),
        "UntagLogGroup" => tags::untag_group(world, &input(body)?),
        "ListTagsLogGroup" => tags::list_of_group(world, &input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("logs.{operation}"))),
    }
}

/// What a reader can see of a group now.
pub(super) fn seen(world: &World, group: &Group) -> Seen {
    Seen {
        written_until_ms: world.now_ms.saturating_sub(ingestion_ms(world.weather)),
        from_ms: group.kept_from_ms(world.now_ms),
    }
}

/// The group by name or, as newer clients send it, by ARN.
pub(super) fn group<'a>(
    world: &'a World,
    name: Option<&str>,
    arn: Option<&str>,
) -> Result<&'a Group, ApiError> {
    let name = name
        .or(arn.map(name_of_arn))
        .ok_or_else(|| invalid("logGroupName or logGroupIdentifier is required"))?;
    world.logs.groups.get(name).ok_or_else(group_missing)
}

pub(super) fn group_mut<'a>(world: &'a mut World, name: &str) -> Result<&'a mut Group, ApiError> {
    world.logs.groups.get_mut(name).ok_or_else(group_missing)
}

/// A group's ARN ends with its name, and may have `:*` behind it.
pub(super) fn name_of_arn(arn: &str) -> &str {
    let name = arn.rsplit(":log-group:").next().unwrap_or(arn);
    name.trim_end_matches(":*")
}

pub(super) fn arn_of(world: &World, name: &str) -> String {
    format!(
        "arn:aws:logs:{}:{}:log-group:{name}",
        world.region, world.account
    )
}

pub(super) fn group_missing() -> ApiError {
    ApiError::client(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

pub(super) fn stream_missing() -> ApiError {
    ApiError::client(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}
