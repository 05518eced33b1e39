//! What the operations share: how their subjects are found, and the errors they have in common.

use serde_json::{Value, json};

use super::state::{DEFAULT, Scheduler};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::wire::page;

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

/// 404 [MODEL].
pub(super) fn missing(message: impl Into<String>) -> ApiError {
    ApiError {
        status: 404,
        ..ApiError::client("ResourceNotFoundException", message)
    }
}

/// 409 [MODEL].
pub(super) fn conflict(message: impl Into<String>) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::client("ConflictException", message)
    }
}

/// The name of a group that is there; the default one when none is given.
pub(super) fn group(own: &Scheduler, given: Option<&str>) -> Result<String, ApiError> {
    let name = given.unwrap_or(DEFAULT);
    if name == DEFAULT || own.groups.contains_key(name) {
        return Ok(name.to_owned());
    }
    Err(missing(format!("Schedule group {name} does not exist.")))
}

pub(super) fn schedule_missing(name: &str) -> ApiError {
    missing(format!("Schedule {name} does not exist."))
}

pub(super) fn schedule_arn(here: &Here<'_, Scheduler>, group: &str, name: &str) -> String {
    let path = format_args!("schedule/{group}/{name}");
    regional_arn("scheduler", here.region, here.account, path)
}

pub(super) fn group_arn(here: &Here<'_, Scheduler>, name: &str) -> String {
    let path = format_args!("schedule-group/{name}");
    regional_arn("scheduler", here.region, here.account, path)
}

/// `{NAME: [..], "NextToken": ..}` of one page.
pub(super) fn paged(
    name: &str,
    items: &[Value],
    size: Option<usize>,
    token: Option<&str>,
) -> Result<Value, ApiError> {
    let (items, next) =
        page(items, size, token, 100).map_err(|_| validation("Invalid NextToken."))?;
    let mut answer = json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}
