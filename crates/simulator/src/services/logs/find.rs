//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::{Group, Seen, ingestion_ms};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::logs::Logs;

/// What a reader can see of a group now.
pub(super) fn seen(here: &Here<'_, Logs>, group: &Group) -> Seen {
    Seen {
        written_until_ms: here.now_ms.saturating_sub(ingestion_ms(here.weather)),
        from_ms: group.kept_from_ms(here.now_ms),
    }
}

/// The group by name or, as newer clients send it, by ARN.
pub(super) fn group<'a>(
    here: &'a Here<'_, Logs>,
    name: Option<&str>,
    arn: Option<&str>,
) -> Result<&'a Group, ApiError> {
    let name = name
        .or(arn.map(name_of_arn))
        .ok_or_else(|| invalid("logGroupName or logGroupIdentifier is required"))?;
    here.own.groups.get(name).ok_or_else(group_missing)
}

pub(super) fn group_mut<'a>(
    here: &'a mut Here<'_, Logs>,
    name: &str,
) -> Result<&'a mut Group, ApiError> {
    here.own.groups.get_mut(name).ok_or_else(group_missing)
}

/// A group's ARN ends with its name, and may have `:*` behind it.
pub(super) fn name_of_arn(arn: &str) -> &str {
    let name = arn.rsplit(":log-group:").next().unwrap_or(arn);
    name.trim_end_matches(":*")
}

pub(super) fn arn_of(here: &Here<'_, Logs>, name: &str) -> String {
    regional_arn(
        "logs",
        here.region,
        here.account,
        format_args!("log-group:{name}"),
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
