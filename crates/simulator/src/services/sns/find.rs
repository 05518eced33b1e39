//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::{Subscription, Topic};
use crate::{ApiError, World};

pub(super) fn topic<'a>(world: &'a World, arn: &str) -> Result<&'a Topic, ApiError> {
    let missing = || not_found("Topic does not exist");
    world.sns.topics.get(arn).ok_or_else(missing)
}

pub(super) fn topic_mut<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut Topic, ApiError> {
    let missing = || not_found("Topic does not exist");
    world.sns.topics.get_mut(arn).ok_or_else(missing)
}

pub(super) fn subscription_mut<'a>(
    world: &'a mut World,
    arn: &str,
) -> Result<&'a mut Subscription, ApiError> {
    let missing = || not_found("Subscription does not exist");
    world.sns.subscriptions.get_mut(arn).ok_or_else(missing)
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
