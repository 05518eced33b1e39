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
