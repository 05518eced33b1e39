//! Publish and PublishBatch, and the seam through which other services publish.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::delivered::to_queues;
use super::find::{invalid, topic};
use super::state::{Published, Topic};
use super::written::{LONGEST_MESSAGE, Message, Written};
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::sns::Sns;
use crate::{ApiError, Millis};

/// A FIFO topic takes the same message once in five minutes [DOC].
const DEDUPLICATION_MS: Millis = 300_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Publish {
    topic_arn: Option<String>,
    target_arn: Option<String>,
    phone_number: Option<String>,
    #[serde(flatten)]
    message: Written,
}

pub(super) fn publish(here: &mut Here<'_, Sns>, request: Publish) -> Result<Value, ApiError> {
    if let Some(number) = &request.phone_number {
        // LocalStack's `test_publish_wrong_phone_format`, recorded on AWS [OBS].
        return Err(match is_phone_number(number) {
            true => not_implemented("sns.Publish to a phone number"),
            false => invalid(format!(
                "Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to"
            )),
        });
    }
    // There are no platform endpoints; the words LocalStack's `test_publish_non_existent_target`, recorded on AWS [OBS].
    if request
        .target_arn
        .as_ref()
        .is_some_and(|it| it.contains(":endpoint/"))
    {
        return Err(invalid(
            "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
        ));
    }
    let arn = request.topic_arn.or(request.target_arn).ok_or_else(|| {
        invalid("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
    })?;
    topic(here, &arn)?;
    let (id, sequence) = take(here, &arn, request.message.read()?)?;
    Ok(json!({ "MessageId": id, "SequenceNumber": sequence }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    message: Written,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PublishBatch {
    topic_arn: String,
    #[serde(default)]
    publish_batch_request_entries: Vec<Entry>,
}

/// At most ten, each with an id of its own [MODEL].
pub(super) fn publish_batch(
    here: &mut Here<'_, Sns>,
    request: PublishBatch,
) -> Result<Value, ApiError> {
    let arn = request.topic_arn;
    topic(here, &arn)?;
    let entries = request.publish_batch_request_entries;
    if entries.is_empty() {
        return Err(ApiError::client(
            "EmptyBatchRequest",
            "The batch request doesn't contain any entries.",
        ));
    }
    if entries.len() > 10 {
        return Err(ApiError::client(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ));
    }
    let distinct: BTreeSet<&String> = entries.iter().map(|entry| &entry.id).collect();
    if distinct.len() < entries.len() {
        return Err(ApiError::client(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        ));
    }
    entries
        .iter()
        .try_for_each(|entry| entry.message.is_well_formed())?;
    let bytes = entries.iter().map(|entry| entry.message.length());
    if bytes.sum::<usize>() > LONGEST_MESSAGE {
        return Err(ApiError::client(
            "BatchRequestTooLong",
            "The length of all the messages put together is more than the limit.",
        ));
    }
    let is_fifo = arn.ends_with(".fifo");
    if is_fifo
        && entries
            .iter()
            .any(|entry| entry.message.message_group_id.is_none())
    {
        // The whole batch is refused (LocalStack's `sns`, recorded on AWS [OBS]).
        return Err(ungrouped());
    }
    let known = topic(here, &arn)?;
    let is_content = known.is("ContentBasedDeduplication");
    let is_bare = |entry: &Entry| entry.message.message_deduplication_id.is_none();
    if known.is("FifoTopic") && !is_content && entries.iter().any(is_bare) {
        return Err(without_deduplication());
    }
    let (mut taken, mut failed) = (Vec::new(), Vec::new());
    for Entry { id, message } in entries {
        let published = message.read().and_then(|message| take(here, &arn, message));
        match published {
            Ok((message_id, sequence)) => {
                taken.push(json!({ "Id": id, "MessageId": message_id, "SequenceNumber": sequence }))
            }
            Err(error) => failed.push(json!({
                "Id": id,
                "Code": error.code,
                "Message": error.message,
                "SenderFault": true,
            })),
        }
    }
    Ok(json!({ "Successful": taken, "Failed": failed }))
}

/// The message's id, and its number in a FIFO topic.
fn take(
    here: &mut Here<'_, Sns>,
    arn: &str,
    message: Message,
) -> Result<(String, Option<String>), ApiError> {
    let topic = topic(here, arn)?;
    let deduplication_id = deduplication_id(topic, &message)?;
    if let Some(known) = deduplication_id
        .as_deref()
        .and_then(|id| again(here, arn, id))
    {
        return Ok(known);
    }
    let sequence_number = deduplication_id.is_some().then(|| {
        here.own.last_sequence = here.own.last_sequence.saturating_add(1);
        here.own.last_sequence
    });
    let (group, attributes) = (message.group, message.attributes);
    let published = Published {
        at_ms: here.now_ms,
        topic_arn: arn.to_owned(),
        message_id: here.random.uuid(),
        subject: message.subject,
        message: message.text,
        deduplication_id,
        sequence_number,
    };
    let answer = (published.message_id.clone(), shown(sequence_number));
    let for_queues = Published {
        message: message
            .for_queues
            .unwrap_or_else(|| published.message.clone()),
        ..published.clone()
    };
    let to_queues = to_queues(here, &for_queues, group.as_deref(), &attributes);
    here.own.outbox.extend(to_queues);
    here.own.remember(published);
    Ok(answer)
}

fn ungrouped() -> ApiError {
    invalid("Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
}

/// LocalStack's `test_publish_batch_exceptions`, recorded on AWS [OBS].
fn without_deduplication() -> ApiError {
    invalid(
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
         provided explicitly",
    )
}

/// `+` and digits, as E.164 has them.
pub(super) fn is_phone_number(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_part = |it: char| it.is_ascii_digit() || "-. ()".contains(it);
    !digits.is_empty() && digits.len() <= 20 && digits.chars().all(is_part)
}

/// `None` for a standard topic.
fn deduplication_id(topic: &Topic, message: &Message) -> Result<Option<String>, ApiError> {
    if !topic.is("FifoTopic") {
        return match message.deduplication_id {
            // LocalStack's `test_validations_for_fifo`, recorded on AWS [OBS]. A group is taken: the queues behind are fair by it [DOC].
            Some(_) => Err(invalid(
                "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not \
                 valid for this topic type",
            )),
            None => Ok(None),
        };
    }
    if message.group.is_none() {
        return Err(ungrouped());
    }
    let by_content = topic.is("ContentBasedDeduplication").then(|| {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(message.text.as_bytes());
        let digits = digest.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>()
    });
    let id = message.deduplication_id.clone().or(by_content);
    id.map(Some).ok_or_else(without_deduplication)
}

fn again(here: &Here<'_, Sns>, arn: &str, id: &str) -> Option<(String, Option<String>)> {
    let since_ms = here.now_ms.saturating_sub(DEDUPLICATION_MS);
    let known = here.own.published().rev().find(|one| {
        one.at_ms > since_ms && one.topic_arn == arn && one.deduplication_id.as_deref() == Some(id)
    })?;
    Some((known.message_id.clone(), shown(known.sequence_number)))
}

/// Twenty digits.
pub(super) fn shown(sequence: Option<u64>) -> Option<String> {
    sequence.map(|number| {
        format!(
            "{:020}",
            10_000_000_000_000_000_000_u64.saturating_add(number)
        )
    })
}

/// Another service publishes to a topic, with or without a subject; false when there is no such topic.
pub(crate) fn publish_from_inside(
    here: &mut Here<'_, Sns>,
    topic_arn: &str,
    subject: &str,
    message: &str,
) -> bool {
    let message = Message {
        text: message.to_owned(),
        subject: Some(subject.to_owned()).filter(|subject| !subject.is_empty()),
        ..Message::default()
    };
    take(here, topic_arn, message).is_ok()
}
