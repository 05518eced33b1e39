//! What the operations share: how their subjects are found, and the errors they have in common.

use serde_json::{Value, json};

use crate::ApiError;
use crate::wire::page;

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

pub(super) fn missing(message: impl Into<String>) -> ApiError {
    ApiError::client("ResourceNotFoundException", message)
}

/// `{NAME: [..], "NextToken": ..}` of one page.
pub(super) fn paged(
    name: &str,
    items: &[Value],
    limit: Option<usize>,
    token: Option<&str>,
) -> Result<Value, ApiError> {
    let (items, next) =
        page(items, limit, token, 100).map_err(|_| validation("Reason: Invalid NextToken"))?;
    let mut answer = json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

pub(super) fn no_pattern(reason: &str) -> ApiError {
    ApiError::client(
        "InvalidEventPatternException",
        format!("Event pattern is not valid. Reason: {reason}"),
    )
}
