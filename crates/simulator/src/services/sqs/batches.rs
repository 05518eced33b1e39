//! SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch: every entry succeeds or fails by itself.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::queue;
use super::send::{Written, take};
use super::state::Sqs;
use super::visibility;
use crate::ApiError;
use crate::base::here::Here;

/// All messages of a batch together, their attributes counted ([MODEL]; moto's `test_send_message_batch_errors`, aws_verified [OBS]).
const LONGEST_BATCH: usize = 1_048_576;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ToSend {
    id: String,
    #[serde(flatten)]
    message: Written,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SendMessageBatch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<ToSend>,
}

pub(super) fn send(here: &mut Here<'_, Sqs>, request: SendMessageBatch) -> Result<Value, ApiError> {
    let (name, found) = queue(here, &request.queue_url)?;
    request
        .entries
        .iter()
        .try_for_each(|entry| entry.message.is_ordered(found))?;
    let ids: Vec<&str> = request
        .entries
        .iter()
        .map(|entry| entry.id.as_str())
        .collect();
    check_ids(&ids, "SendMessageBatchRequestEntry")?;
    let bytes: usize = request
        .entries
        .iter()
        .map(|entry| entry.message.size())
        .sum();
    if bytes > LONGEST_BATCH {
        return Err(ApiError::client(
            "AWS.SimpleQueueService.BatchRequestTooLong",
            format!(
                "Batch requests cannot be longer than {LONGEST_BATCH} bytes. You have sent {bytes} bytes."
            ),
        ));
    }
    let outcomes = request.entries.into_iter().map(|ToSend { id, message }| {
        let outcome = take(here, &name, message);
        (id, outcome)
    });
    Ok(answer(outcomes.collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Receipt {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

/// Of messages that were received.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfReceipts {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Receipt>,
}

pub(super) fn delete(here: &mut Here<'_, Sqs>, request: &OfReceipts) -> Result<Value, ApiError> {
    let kind = "DeleteMessageBatchRequestEntry";
    each(here, request, kind, |here, url, receipt| {
        visibility::delete_one(here, url, &receipt.receipt_handle)
    })
}

pub(super) fn change(here: &mut Here<'_, Sqs>, request: &OfReceipts) -> Result<Value, ApiError> {
    let kind = "ChangeMessageVisibilityBatchRequestEntry";
    each(here, request, kind, |here, url, receipt| {
        visibility::change_one(
            here,
            url,
            &receipt.receipt_handle,
            receipt.visibility_timeout,
        )
    })
}

fn each(
    here: &mut Here<'_, Sqs>,
    request: &OfReceipts,
    kind: &str,
    act: impl Fn(&mut Here<'_, Sqs>, &str, &Receipt) -> Result<(), ApiError>,
) -> Result<Value, ApiError> {
    queue(here, &request.queue_url)?;
    let ids: Vec<&str> = request
        .entries
        .iter()
        .map(|entry| entry.id.as_str())
        .collect();
    check_ids(&ids, kind)?;
    let outcomes = request.entries.iter().map(|entry| {
        let outcome = act(here, &request.queue_url, entry).map(|()| json!({}));
        (entry.id.clone(), outcome)
    });
    Ok(answer(outcomes.collect()))
}

/// One to ten, each with an id of its own [MODEL]; none in words that name what is missing (moto's `test_send_message_batch_errors`,
/// `test_delete_message_batch_with_zero_entries`, aws_verified [OBS]).
fn check_ids(ids: &[&str], kind: &str) -> Result<(), ApiError> {
    let refused = |code, message: String| Err(ApiError::client(code, message));
    if ids.is_empty() {
        return refused(
            "AWS.SimpleQueueService.EmptyBatchRequest",
            format!("There should be at least one {kind} in the request."),
        );
    }
    if ids.len() > 10 {
        return refused(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            format!(
                "Maximum number of entries per request are 10. You have sent {}.",
                ids.len()
            ),
        );
    }
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if ids
        .iter()
        .any(|id| id.is_empty() || id.len() > 80 || !id.chars().all(letters))
    {
        return refused(
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
                .to_owned(),
        );
    }
    let distinct: BTreeSet<&&str> = ids.iter().collect();
    if distinct.len() < ids.len() {
        let mut seen = BTreeSet::new();
        let again = ids
            .iter()
            .find(|id| !seen.insert(**id))
            .copied()
            .unwrap_or_default();
        return refused(
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            format!("Id {again} repeated."),
        );
    }
    Ok(())
}

fn answer(outcomes: Vec<(String, Result<Value, ApiError>)>) -> Value {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in outcomes {
        match outcome {
            Ok(mut one) => {
                one["Id"] = json!(id);
                done.push(one);
            }
            Err(error) => failed.push(json!({
                "Id": id,
                "SenderFault": true,
                "Code": error.code,
                "Message": error.message,
            })),
        }
    }
    // A list without items is not told (LocalStack's `test_send_message_batch_with_oversized_contents_...`, recorded on AWS [OBS]).
    let lists = [("Successful", done), ("Failed", failed)].into_iter();
    let told = lists.filter(|(_, items)| !items.is_empty());
    told.map(|(name, items)| (name.to_owned(), Value::Array(items)))
        .collect()
}
