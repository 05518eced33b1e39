//! CloudWatch Logs' API: the dispatcher and what its operations share.

use serde_json::Value;

use super::store::{Group, ingestion_ms};
use super::{groups, read};
use crate::wire::{input, not_implemented};
use crate::{ApiError, Millis, World};

/// Serves one CloudWatch Logs operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateLogGroup" => groups::create(world, &input(body)?),
        "PutRetentionPolicy" => groups::put_retention_policy(world, &input(body)?),
        "DescribeLogGroups" => groups::describe(world, &input(body)?),
        "DescribeLogStreams" => groups::describe_streams(world, &input(body)?),
        "GetLogEvents" => read::get_log_events(world, &input(body)?),
        "FilterLogEvents" => read::filter_log_events(world, &input(body)?),
        _ => Err(not_implemented(&format!("logs.{operation}"))),
    }
}

/// Events written before this time are readable now.
pub(super) fn horizon_ms(world: &World) -> Millis {
    world.now_ms.saturating_sub(ingestion_ms(world.weather))
}

/// The group by name or, as newer clients send it, by ARN.
pub(super) fn group<'a>(
    world: &'a World,
    name: Option<&str>,
    arn: Option<&str>,
) -> Result<&'a Group, ApiError> {
    let from_arn = arn.map(|arn| {
        arn.rsplit(":log-group:")
            .next()
            .unwrap_or(arn)
            .trim_end_matches(":*")
    });
    let name = name
        .or(from_arn)
        .ok_or_else(|| invalid("logGroupName or logGroupIdentifier is required"))?;
    world.logs.groups.get(name).ok_or_else(group_missing)
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

pub(super) fn invalid(message: &str) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}
