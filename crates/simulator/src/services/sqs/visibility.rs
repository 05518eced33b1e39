//! DeleteMessage and ChangeMessageVisibility: what is done with a message that was received.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, queue};
use super::receive::within;
use super::state::{Message, Sqs};
use crate::ApiError;
use crate::base::here::Here;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfReceipt {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

pub(super) fn delete(here: &mut Here<'_, Sqs>, request: &OfReceipt) -> Result<Value, ApiError> {
    delete_one(here, &request.queue_url, &request.receipt_handle)?;
    Ok(json!({}))
}

/// One that is gone already is deleted, too; a receipt that no queue has given is none. A message that was received again has
/// another receipt; of a standard queue the earlier ones "might not" delete it [DOC], and do (LocalStack's `test_filter_policy`,
/// `test_exists_filter_policy`, recorded on AWS [OBS]).
pub(super) fn delete_one(
    here: &mut Here<'_, Sqs>,
    url: &str,
    receipt: &str,
) -> Result<(), ApiError> {
    let now_ms = here.now_ms;
    let (name, queue) = queue(here, url)?;
    check(&name, receipt)?;
    let mut messages = queue.messages.iter();
    let named = messages.find(|message| message.receipt.as_deref() == Some(receipt));
    if queue.is_fifo() && named.is_some_and(|message| message.visible_ms <= now_ms) {
        // LocalStack `test_fifo_delete_message_with_expired_receipt_handle`, recorded on AWS [OBS].
        return Err(invalid(format!(
            "Value {receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
        )));
    }
    let is_fifo = queue.is_fifo();
    queue.messages.retain(|message| {
        let is_earlier = !is_fifo && message.earlier.iter().any(|one| one == receipt);
        message.receipt.as_deref() != Some(receipt) && !is_earlier
    });
    Ok(())
}

pub(super) fn change(here: &mut Here<'_, Sqs>, request: &OfReceipt) -> Result<Value, ApiError> {
    let timeout = request.visibility_timeout;
    change_one(here, &request.queue_url, &request.receipt_handle, timeout)?;
    Ok(json!({}))
}

/// Counted from now; 0 makes it visible at once [DOC].
pub(super) fn change_one(
    here: &mut Here<'_, Sqs>,
    url: &str,
    receipt: &str,
    timeout_s: Option<i64>,
) -> Result<(), ApiError> {
    let timeout_s = within("VisibilityTimeout", timeout_s, 0, 43_200)?;
    let timeout_s = timeout_s.ok_or_else(|| {
        ApiError::client(
            "MissingParameter",
            "The request must contain the parameter VisibilityTimeout.",
        )
    })?;
    let now_ms = here.now_ms;
    let (name, queue) = queue(here, url)?;
    check(&name, receipt)?;
    let mut messages = queue.messages.iter_mut();
    // Earlier receipts do as well (LocalStack's `test_terminate_visibility_timeout_after_receive`, validated on AWS [OBS]).
    let is_it = |message: &&mut Message| {
        let is_earlier = message.earlier.iter().any(|one| one == receipt);
        message.receipt.as_deref() == Some(receipt) || is_earlier
    };
    let message = messages.find(is_it);
    let message = message.ok_or_else(|| {
        invalid(format!(
            "Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility \
             timeout change."
        ))
    })?;
    if message.visible_ms <= now_ms {
        return Err(ApiError::client(
            "AWS.SimpleQueueService.MessageNotInflight",
            "The specified message isn't in flight.",
        ));
    }
    message.visible_ms = now_ms.saturating_add(timeout_s.saturating_mul(1_000));
    Ok(())
}

/// A receipt is the queue's own.
fn check(queue: &str, receipt: &str) -> Result<(), ApiError> {
    use base64::Engine;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(receipt)
        .ok();
    let text = text.and_then(|text| String::from_utf8(text).ok());
    let is_ours =
        text.is_some_and(|text| text.rsplit_once('#').is_some_and(|(name, _)| name == queue));
    if is_ours {
        return Ok(());
    }
    Err(ApiError {
        status: 404,
        ..ApiError::client(
            "ReceiptHandleIsInvalid",
            format!("The input receipt handle \"{receipt}\" is not a valid receipt handle."),
        )
    })
}
