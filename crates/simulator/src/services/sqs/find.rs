//! What the operations share: how queues are found, and the errors they have in common.

use super::state::{Queue, Sqs};
use crate::ApiError;
use crate::base::arn::{dns_suffix, regional_arn};
use crate::base::here::Here;

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

pub(super) fn not_there() -> ApiError {
    ApiError::client(
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    )
}

/// The queue that a URL names by its last part, at whatever address: clients come through more than one door.
pub(super) fn queue<'a>(
    here: &'a mut Here<'_, Sqs>,
    url: &str,
) -> Result<(String, &'a mut Queue), ApiError> {
    let name = name_of(url).to_owned();
    let now_ms = here.now_ms;
    let queue = here.own.queues.get_mut(&name).ok_or_else(not_there)?;
    queue.expire(now_ms);
    Ok((name, queue))
}

/// The name that a queue's URL or ARN ends with.
pub(super) fn name_of(url_or_arn: &str) -> &str {
    let last = url_or_arn.rsplit('/').next().unwrap_or_default();
    last.rsplit(':').next().unwrap_or_default()
}

pub(super) fn url(here: &Here<'_, Sqs>, name: &str) -> String {
    let (region, account) = (here.region, here.account);
    match &here.own.door {
        Some(door) => format!("http://{door}/{account}/{name}"),
        None => format!(
            "https://sqs.{region}.{}/{account}/{name}",
            dns_suffix(region)
        ),
    }
}

pub(super) fn arn(here: &Here<'_, Sqs>, name: &str) -> String {
    regional_arn("sqs", here.region, here.account, name)
}
