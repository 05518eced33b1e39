//! Errors of a service that once spoke the query protocol only: in JSON and CBOR they have their shape's name, and their old
//! code in a header (the trait `awsQueryCompatible` [MODEL]).

use bytes::Bytes;
use http::{HeaderValue, Response};

use crate::ApiError;
use crate::front::Service;
use crate::front::reply::fault;

/// Code and shape of CloudWatch's errors, where they differ [MODEL]. `ResourceNotFound` is also DashboardNotFoundError.
const CLOUDWATCH: [(&str, &str); 8] = [
    ("InternalServiceError", "InternalServiceFault"),
    ("InvalidFormat", "InvalidFormatFault"),
    (
        "InvalidParameterCombination",
        "InvalidParameterCombinationException",
    ),
    ("InvalidParameterInput", "DashboardInvalidInputError"),
    ("InvalidParameterValue", "InvalidParameterValueException"),
    ("LimitExceeded", "LimitExceededFault"),
    ("MissingParameter", "MissingRequiredParameterException"),
    ("ValidationError", "ValidationException"),
];

/// Code and shape of SQS's errors, where they differ [MODEL].
const SQS: [(&str, &str); 12] = [
    // Not in the model (LocalStack's `test_send_oversized_message`, `test_posting_to_fifo_requires_deduplicationid_group_id`, recorded [OBS]).
    ("InvalidParameterValue", "InvalidParameterValueException"),
    ("MissingParameter", "MissingRequiredParameterException"),
    (
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "BatchEntryIdsNotDistinct",
    ),
    (
        "AWS.SimpleQueueService.EmptyBatchRequest",
        "EmptyBatchRequest",
    ),
    (
        "AWS.SimpleQueueService.InvalidBatchEntryId",
        "InvalidBatchEntryId",
    ),
    (
        "AWS.SimpleQueueService.MessageNotInflight",
        "MessageNotInflight",
    ),
    (
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    ),
    (
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        "PurgeQueueInProgress",
    ),
    (
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "QueueDeletedRecently",
    ),
    (
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "TooManyEntriesInBatchRequest",
    ),
    (
        "AWS.SimpleQueueService.UnsupportedOperation",
        "UnsupportedOperation",
    ),
    ("QueueAlreadyExists", "QueueNameExists"),
];

/// The shape of an error in JSON and CBOR.
pub(super) fn shape(service: Service, code: &'static str) -> &'static str {
    let known: &[(&str, &'static str)] = match service {
        Service::CloudWatch => &CLOUDWATCH,
        Service::Sqs => &SQS,
        _ => return code,
    };
    let found = known.iter().find(|(known, _)| *known == code);
    found.map_or(code, |(_, shape)| shape)
}

/// The reply with the header that keeps the code older clients know.
pub(super) fn named(
    mut reply: Response<Bytes>,
    service: Service,
    error: &ApiError,
) -> Response<Bytes> {
    if matches!(service, Service::CloudWatch | Service::Sqs) {
        let text = format!("{};{}", error.code, fault(error));
        if let Ok(value) = HeaderValue::try_from(text) {
            reply.headers_mut().insert("x-amzn-query-error", value);
        }
    }
    reply
}
