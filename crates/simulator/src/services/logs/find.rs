//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::{Group, Seen, ingestion_ms};
use crate::{ApiError, World};

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
