//! What the operations share: how their subjects are found, and the errors they have in common.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::base::unread;
use crate::services::cloudwatch::CloudWatch;

/// An operation's input. Its types refuse members that they do not know.
pub(super) trait Input: DeserializeOwned {
    fn read(body: &Value) -> Result<Self, ApiError> {
        Self::deserialize(body).map_err(|error| unread(&error))
    }
}

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

pub(super) fn combination(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterCombination", message)
}

/// 404, unlike most of the API [MODEL].
pub(super) fn missing(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError {
        status: 404,
        ..ApiError::client(code, message)
    }
}

pub(super) fn alarm_arn(here: &Here<'_, CloudWatch>, name: &str) -> String {
    regional_arn(
        "cloudwatch",
        here.region,
        here.account,
        format_args!("alarm:{name}"),
    )
}
