//! What the operations share: how their subjects are found, and the errors they have in common.

use super::state::{Subscription, Topic};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::sns::Sns;

/// An ARN has six elements, and is of this Region (LocalStack's `test_publish_wrong_arn_format`, `test_topic_publish_another_region`, recorded
/// on AWS [OBS]).
pub(super) fn is_arn(here: &Here<'_, Sns>, name: &str, arn: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.split(':').collect();
    if parts.len() < 6 {
        let elements = parts.len();
        return Err(invalid(format!(
            "Invalid parameter: {name} Reason: An ARN must have at least 6 elements, not {elements}"
        )));
    }
    match parts.get(3) {
        Some(region) if *region != here.region => {
            Err(invalid(format!("Invalid parameter: {name}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn topic<'a>(here: &'a Here<'_, Sns>, arn: &str) -> Result<&'a Topic, ApiError> {
    is_arn(here, "TopicArn", arn)?;
    let missing = || not_found("Topic does not exist");
    here.own.topics.get(arn).ok_or_else(missing)
}

pub(super) fn topic_mut<'a>(
    here: &'a mut Here<'_, Sns>,
    arn: &str,
) -> Result<&'a mut Topic, ApiError> {
    is_arn(here, "TopicArn", arn)?;
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
