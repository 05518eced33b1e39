//! The API: which operation is served where.

use serde_json::Value;

use super::state::Sqs;
use super::{attributes, batches, queues, receive, send, tags, visibility};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::input;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, Sqs>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateQueue" => queues::create(here, input(body)?),
        "GetQueueUrl" => queues::get_url(here, &input(body)?),
        "ListQueues" => queues::list(here, &input(body)?),
        "ListDeadLetterSourceQueues" => queues::sources(here, &input(body)?),
        "DeleteQueue" => queues::delete(here, &input(body)?),
        "PurgeQueue" => queues::purge(here, &input(body)?),
        "GetQueueAttributes" => attributes::get(here, &input(body)?),
        "SetQueueAttributes" => attributes::put(here, &input(body)?),
        "SendMessage" => send::send(here, input(body)?),
        "SendMessageBatch" => batches::send(here, input(body)?),
        "ReceiveMessage" => receive::receive(here, &input(body)?),
        "DeleteMessage" => visibility::delete(here, &input(body)?),
        "DeleteMessageBatch" => batches::delete(here, &input(body)?),
        "ChangeMessageVisibility" => visibility::change(here, &input(body)?),
        "ChangeMessageVisibilityBatch" => batches::change(here, &input(body)?),
        "TagQueue" => tags::tag(here, input(body)?),
        "UntagQueue" => tags::untag(here, &input(body)?),
        "ListQueueTags" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("sqs.{operation}"))),
    }
}
