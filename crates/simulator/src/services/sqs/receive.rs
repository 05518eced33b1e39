//! ReceiveMessage: what is visible, in the order in which it came; what was received too often goes to another queue.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attributes::redrive;
use super::digest;
use super::find::{arn, invalid, name_of, queue};
use super::send::shown;
use super::state::{Message, Queue, Sqs};
use crate::base::here::Here;
use crate::{ApiError, Millis};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ReceiveMessage {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(rename = "ReceiveRequestAttemptId")]
    _receive_request_attempt_id: Option<String>,
}

pub(super) fn receive(
    here: &mut Here<'_, Sqs>,
    request: &ReceiveMessage,
) -> Result<Value, ApiError> {
    let most = within("MaxNumberOfMessages", request.max_number_of_messages, 1, 10)?.unwrap_or(1);
    let hidden = within("VisibilityTimeout", request.visibility_timeout, 0, 43_200)?;
    within("WaitTimeSeconds", request.wait_time_seconds, 0, 20)?;
    let now_ms = here.now_ms;
    let account = here.account.to_owned();
    let source = arn(here, name_of(&request.queue_url));
    let has_target = has_target(here.own, name_of(&request.queue_url));
    let (name, queue) = queue(here, &request.queue_url)?;
    let too_often = has_target
        .then(|| move_on(queue, &source, now_ms))
        .flatten();
    let hidden_s = hidden.unwrap_or_else(|| queue.number("VisibilityTimeout"));
    let visible_ms = now_ms.saturating_add(hidden_s.saturating_mul(1_000));
    let (mut received, mut taken) = (Vec::new(), BTreeSet::new());
    for place in receivable(queue, now_ms)
        .into_iter()
        .take(usize::try_from(most).unwrap_or(1))
    {
        queue.numbered += 1;
        let receipt = format!("{name}#{}", queue.numbered);
        let Some(message) = queue.messages.get_mut(place) else {
            continue;
        };
        message.received = message.received.saturating_add(1);
        message.first_received_ms.get_or_insert(now_ms);
        message.visible_ms = visible_ms;
        if let Some(before) = message.receipt.replace(coded(&receipt)) {
            message.earlier.truncate(EARLIER - 1);
            message.earlier.insert(0, before);
        }
        received.push(json(message, request, &account));
        taken.extend(message.group.clone());
    }
    if queue.is_fifo() {
        for group in taken {
            queue.take_turn(&group);
        }
    }
    if let Some((target, messages)) = too_often {
        let name = name_of(&target).to_owned();
        if let Some(target) = here.own.queues.get_mut(&name) {
            target.messages.extend(messages);
        }
    }
    if received.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({ "Messages": received }))
}

/// So many earlier receipts of a message are remembered.
const EARLIER: usize = 16;

/// Opaque, and of letters that are safe in a URL and a shell.
fn coded(receipt: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(receipt)
}

/// Places of the messages that can be received now. Of a group of a FIFO queue only the first ones, and none while one is in flight; one
/// group after the other, and a group that has been received from comes after the others (LocalStack's
/// `test_fifo_receive_message_group_id_ordering` and its like, validated on AWS [OBS]).
fn receivable(queue: &mut Queue, now_ms: Millis) -> Vec<usize> {
    if !queue.is_fifo() {
        let seen = queue.messages.iter().enumerate();
        let seen = seen.filter(|(_, message)| message.visible_ms <= now_ms);
        return seen.map(|(place, _)| place).collect();
    }
    let groups: Vec<String> = queue
        .messages
        .iter()
        .filter_map(|it| it.group.clone())
        .collect();
    queue.turns.retain(|group, _| groups.contains(group));
    for group in groups {
        if !queue.turns.contains_key(&group) {
            queue.take_turn(&group);
        }
    }
    let mut by_turn: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut waiting: BTreeSet<u64> = BTreeSet::new();
    for (place, message) in queue.messages.iter().enumerate() {
        let group = message.group.as_deref().unwrap_or_default();
        let turn = queue.turns.get(group).copied().unwrap_or_default();
        if message.visible_ms <= now_ms && !waiting.contains(&turn) {
            by_turn.entry(turn).or_default().push(place);
        } else {
            waiting.insert(turn);
        }
    }
    by_turn.into_values().flatten().collect()
}

/// Whether there is anything that can be received now.
fn has_some(queue: &Queue, now_ms: Millis) -> bool {
    let mut waiting: BTreeSet<&str> = BTreeSet::new();
    queue.messages.iter().any(|message| {
        let group = message.group.as_deref().filter(|_| queue.is_fifo());
        let is_behind = group.is_some_and(|group| waiting.contains(group));
        let is_it = message.visible_ms <= now_ms && !is_behind;
        if !is_it {
            waiting.extend(group);
        }
        is_it
    })
}

/// Whether the dead letter queue of a queue is there: where it was deleted, messages stay where they are.
fn has_target(own: &Sqs, name: &str) -> bool {
    let queue = own.queues.get(name);
    let policy = queue.and_then(|queue| queue.attributes.get("RedrivePolicy"));
    let target = policy.and_then(|policy| redrive(policy));
    target.is_some_and(|(target, _)| own.queues.contains_key(name_of(&target)))
}

/// Takes out what was received as often as the redrive policy allows, and is visible again.
fn move_on(queue: &mut Queue, source: &str, now_ms: Millis) -> Option<(String, Vec<Message>)> {
    let (target, most) = redrive(queue.attributes.get("RedrivePolicy")?)?;
    let is_over = |message: &Message| message.received >= most && message.visible_ms <= now_ms;
    let (over, kept): (Vec<_>, Vec<_>) = queue.messages.drain(..).partition(is_over);
    queue.messages.extend(kept);
    let moved = over.into_iter().map(|message| Message {
        // Its count goes on (LocalStack's `test_dead_letter_queue_message_attributes`, recorded on AWS [OBS]).
        receipt: None,
        earlier: Vec::new(),
        first_received_ms: None,
        moved_from: Some(source.to_owned()),
        ..message
    });
    Some((target, moved.collect()))
}

fn json(message: &Message, request: &ReceiveMessage, account: &str) -> Value {
    let mut json = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": digest::of_body(&message.body),
        "Body": message.body,
    });
    let asked = request
        .attribute_names
        .iter()
        .chain(&request.message_system_attribute_names);
    let asked: Vec<&str> = asked.map(String::as_str).collect();
    let mut told = system_attributes(message, account);
    told.retain(|name, _| asked.contains(&"All") || asked.contains(&name.as_str()));
    if !told.is_empty() {
        json["Attributes"] = Value::Object(told);
    }
    let wanted = |name: &str| {
        let mut patterns = request.message_attribute_names.iter();
        patterns.any(|pattern| match pattern.strip_suffix(".*") {
            Some(prefix) => prefix.is_empty() || name.starts_with(prefix),
            // `*` is everything, too (LocalStack `..._message_attribute_names_filters`, recorded on AWS [OBS]).
            None => ["All", "*"].contains(&pattern.as_str()) || pattern == name,
        })
    };
    let mut attributes = message.attributes.clone();
    attributes.retain(|name, _| wanted(name));
    if let Some(digest) = digest::of_attributes(&attributes) {
        json["MD5OfMessageAttributes"] = json!(digest);
        json["MessageAttributes"] = Value::Object(attributes);
    }
    json
}

fn system_attributes(message: &Message, account: &str) -> Map<String, Value> {
    let mut told = Map::new();
    let mut tell = |name: &str, text: Option<String>| {
        if let Some(text) = text {
            told.insert(name.to_owned(), json!(text));
        }
    };
    tell("SenderId", Some(account.to_owned()));
    tell("SentTimestamp", Some(message.sent_ms.to_string()));
    tell(
        "ApproximateReceiveCount",
        Some(message.received.to_string()),
    );
    let first = message.first_received_ms;
    tell(
        "ApproximateFirstReceiveTimestamp",
        first.map(|at_ms| at_ms.to_string()),
    );
    tell("MessageGroupId", message.group.clone());
    tell("MessageDeduplicationId", message.deduplication_id.clone());
    tell("SequenceNumber", message.sequence.map(shown));
    tell("AWSTraceHeader", message.trace.clone());
    tell("DeadLetterQueueSourceArn", message.moved_from.clone());
    told
}

/// For how long an answer to ReceiveMessage is waited for: until a message becomes visible, or the time is over; `None` when there is
/// something now, or nobody waits.
pub(crate) fn waits_ms(own: &Sqs, now_ms: Millis, body: &Value) -> Option<Millis> {
    let queue = own.queues.get(name_of(body.get("QueueUrl")?.as_str()?))?;
    let given = body.get("WaitTimeSeconds").and_then(Value::as_u64);
    let wait_s = given.unwrap_or_else(|| queue.number("ReceiveMessageWaitTimeSeconds"));
    let wait_ms = wait_s.min(20) * 1_000;
    if wait_ms == 0 || has_some(queue, now_ms) {
        return None;
    }
    let visible = queue.messages.iter().map(|message| message.visible_ms);
    let next_ms = visible.filter(|at_ms| *at_ms > now_ms).min();
    Some(next_ms.map_or(wait_ms, |at_ms| (at_ms - now_ms).min(wait_ms)))
}

pub(super) fn within(
    name: &str,
    given: Option<i64>,
    least: u64,
    most: u64,
) -> Result<Option<u64>, ApiError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let read = u64::try_from(given)
        .ok()
        .filter(|value| (least..=most).contains(value));
    read.map(Some).ok_or_else(|| {
        invalid(format!(
            "Value {given} for parameter {name} is invalid. Reason: Must be between {least} and {most}, if provided."
        ))
    })
}
