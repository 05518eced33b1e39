//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::{Subscription, Topic};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::sns::Sns;

pub(super) fn topic<'a>(here: &'a Here<'_, Sns>, arn: &str) -> Result<&'a Topic, ApiError> {
    let missing = || not_found("Topic does not exist");
    here.own.topics.get(arn).ok_or_else(missing)
}

pub(super) fn topic_mut<'a>(
    here: &'a mut Here<'_, Sns>,
    arn: &str,
) -> Result<&'a mut Topic, ApiError> {
    let missing = || not_found("Topic does not exist");
    here.own.topics.get_mut(arn).ok_or_else(missing)
}

pub(super) fn subscription_mut<'a>(
    here: &'a mut Here<'_, Sns>,
    arn: &str,
) -> Result<&'a mut Subscription, ApiError> {
    let missing = || not_found("Subscription does not exist");
    here.own.subscriptions.get_mut(arn).ok_or_else(missing)
}

/// NotFoundException is `NotFound` on the wire, with HTTP 404 [MODEL].
pub(super) fn not_found(message: &str) -> ApiError {
    ApiError {
        code: "NotFound",
        message: message.to_owned(),
        status: 404,
    }
}

/// InvalidParameterException is `InvalidParameter` on the wire [MODEL].
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameter", message)
}
