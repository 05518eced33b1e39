//! Attributes of queues: their defaults, and which values they take [MODEL].

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::find::{arn, invalid, name_of, queue};
use super::state::{Queue, Sqs};
use crate::base::here::Here;
use crate::{ApiError, Millis};

/// Attributes that are numbers: default, and what they may be. A message has at most a mebibyte since August 2025 [DOC].
const NUMBERS: [(&str, &str, RangeInclusive<u64>); 6] = [
    ("DelaySeconds", "0", 0..=900),
    ("MaximumMessageSize", "1048576", 1_024..=1_048_576),
    ("MessageRetentionPeriod", "345600", 60..=1_209_600),
    ("ReceiveMessageWaitTimeSeconds", "0", 0..=20),
    ("VisibilityTimeout", "30", 0..=43_200),
    ("KmsDataKeyReusePeriodSeconds", "300", 60..=86_400),
];
/// Attributes with one of these values.
const CHOICES: [(&str, &[&str]); 5] = [
    ("FifoQueue", &["true", "false"]),
    ("ContentBasedDeduplication", &["true", "false"]),
    ("SqsManagedSseEnabled", &["true", "false"]),
    ("DeduplicationScope", &["messageGroup", "queue"]),
    ("FifoThroughputLimit", &["perQueue", "perMessageGroupId"]),
];
/// Attributes that are JSON documents.
const DOCUMENTS: [&str; 3] = ["Policy", "RedrivePolicy", "RedriveAllowPolicy"];
const KEY: &str = "KmsMasterKeyId";
/// What a queue knows of itself.
const TOLD: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// What an attribute is when nobody has set it.
pub(super) fn usual(name: &str) -> Option<&'static str> {
    let found = NUMBERS.iter().find(|(its, ..)| *its == name);
    found.map(|(_, usual, _)| *usual)
}

/// Takes attributes of a request over those that are there; an empty one is none.
pub(super) fn set(
    attributes: &mut BTreeMap<String, String>,
    given: &Map<String, Value>,
) -> Result<(), ApiError> {
    // One kind of encryption, and the other goes (LocalStack `test_sse_kms_and_sqs_are_mutually_exclusive`, `test_sse_queue_attributes`,
    // recorded on AWS [OBS]).
    let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("SqsManagedSseEnabled") == "true" {
        if !text(KEY).is_empty() {
            return Err(ApiError::client(
                "InvalidAttributeName",
                "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
            ));
        }
        attributes.retain(|name, _| !name.starts_with("Kms"));
    }
    if !text(KEY).is_empty() {
        attributes.remove("SqsManagedSseEnabled");
    }
    for (name, value) in given {
        let value = value.as_str().unwrap_or_default();
        // `True` is true (LocalStack's `test_fifo_high_throughput_ordering`, validated on AWS [OBS]).
        let value = match value {
            "True" | "TRUE" => "true",
            "False" | "FALSE" => "false",
            value => value,
        };
        if !is_settable(name) {
            let message = format!("Unknown Attribute {name}.");
            return Err(ApiError::client("InvalidAttributeName", message));
        }
        if value.is_empty() {
            attributes.remove(name);
            continue;
        }
        if !is_possible(name, value) {
            let message = format!("Invalid value for the parameter {name}.");
            return Err(ApiError::client("InvalidAttributeValue", message));
        }
        attributes.insert(name.clone(), value.to_owned());
    }
    Ok(())
}

/// The queue that a redrive policy names has to be there, of this account and Region and of the same kind [DOC]. The words [OBS].
pub(super) fn check_redrive(
    here: &Here<'_, Sqs>,
    given: &Map<String, Value>,
    attributes: &BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let policy = attributes
        .get("RedrivePolicy")
        .filter(|_| given.contains_key("RedrivePolicy"));
    let Some((policy, (target, _))) = policy.and_then(|policy| Some((policy, redrive(policy)?)))
    else {
        return Ok(());
    };
    let name = name_of(&target);
    let fifo = attributes.get("FifoQueue").map(String::as_str) == Some("true");
    let known = here.own.queues.get(name);
    let is_arn = target.split(':').count() == 6 && target.starts_with("arn:");
    let reason = match known.filter(|_| target == arn(here, name)) {
        // LocalStack `test_invalid_dead_letter_arn_rejected_before_lookup`, recorded on AWS [OBS].
        None if !is_arn => "Invalid value for deadLetterTargetArn.",
        None => "Dead letter target does not exist.",
        Some(known) if known.is_fifo() != fifo => {
            "Dead-letter queue must be same type of queue as the source.."
        }
        Some(_) => return Ok(()),
    };
    Err(invalid(format!(
        "Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}"
    )))
}

fn is_settable(name: &str) -> bool {
    usual(name).is_some()
        || CHOICES.iter().any(|(its, _)| *its == name)
        || DOCUMENTS.contains(&name)
        || name == KEY
}

fn is_possible(name: &str, value: &str) -> bool {
    if let Some((.., range)) = NUMBERS.iter().find(|(its, ..)| *its == name) {
        return value.parse().is_ok_and(|number| range.contains(&number));
    }
    if let Some((_, choices)) = CHOICES.iter().find(|(its, _)| *its == name) {
        return choices.contains(&value);
    }
    if name == "RedrivePolicy" {
        return redrive(value).is_some();
    }
    !DOCUMENTS.contains(&name) || serde_json::from_str::<Map<String, Value>>(value).is_ok()
}

/// Where a message goes that was received too often, and how often that is.
pub(super) fn redrive(policy: &str) -> Option<(String, u32)> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let queue = policy["deadLetterTargetArn"].as_str()?.to_owned();
    let most = &policy["maxReceiveCount"];
    let most = most.as_u64().or_else(|| most.as_str()?.parse().ok())?;
    let most = u32::try_from(most)
        .ok()
        .filter(|most| (1..=1_000).contains(most))?;
    Some((queue, most))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetQueueAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

pub(super) fn get(
    here: &mut Here<'_, Sqs>,
    request: &GetQueueAttributes,
) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    let (name, queue) = queue(here, &request.queue_url)?;
    let mut told = told(queue, now_ms);
    let arn = arn(here, &name);
    told.insert("QueueArn".to_owned(), json!(arn));
    for wanted in &request.attribute_names {
        let known = wanted == "All" || is_settable(wanted) || TOLD.contains(&wanted.as_str());
        if !known {
            let message = format!("Unknown Attribute {wanted}.");
            return Err(ApiError::client("InvalidAttributeName", message));
        }
    }
    let all = request.attribute_names.iter().any(|name| name == "All");
    told.retain(|name, _| all || request.attribute_names.contains(name));
    if told.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({ "Attributes": told }))
}

fn told(queue: &Queue, now_ms: Millis) -> Map<String, Value> {
    let mut told = Map::new();
    for (name, usual, _) in &NUMBERS {
        // Only of a queue with a key of its own.
        if *name != "KmsDataKeyReusePeriodSeconds" || queue.attributes.contains_key(KEY) {
            told.insert((*name).to_owned(), json!(usual));
        }
    }
    // `false` beside a key (LocalStack `test_sse_queue_attributes`, recorded on AWS [OBS], of a request that says so itself).
    let managed = !queue.attributes.contains_key(KEY);
    let managed = json!(managed.to_string());
    told.insert("SqsManagedSseEnabled".to_owned(), managed);
    if queue.is_fifo() {
        for (name, usual) in [
            ("ContentBasedDeduplication", "false"),
            ("DeduplicationScope", "queue"),
            ("FifoThroughputLimit", "perQueue"),
        ] {
            told.insert(name.to_owned(), json!(usual));
        }
    }
    for (name, value) in &queue.attributes {
        told.insert(name.clone(), json!(value));
    }
    let count = |is_such: &dyn Fn(&super::state::Message) -> bool| {
        let messages = queue.messages.iter();
        messages
            .filter(|message| is_such(message))
            .count()
            .to_string()
    };
    let visible = count(&|message| message.visible_ms <= now_ms);
    let delayed = count(&|message| message.visible_ms > now_ms && message.received == 0);
    let in_flight = count(&|message| message.visible_ms > now_ms && message.received > 0);
    for (name, text) in [
        ("ApproximateNumberOfMessages", visible),
        ("ApproximateNumberOfMessagesDelayed", delayed),
        ("ApproximateNumberOfMessagesNotVisible", in_flight),
        ("CreatedTimestamp", (queue.created_ms / 1_000).to_string()),
        (
            "LastModifiedTimestamp",
            (queue.modified_ms / 1_000).to_string(),
        ),
    ] {
        told.insert(name.to_owned(), json!(text));
    }
    told
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SetQueueAttributes {
    queue_url: String,
    attributes: Map<String, Value>,
}

/// A queue does not become one of the other kind [DOC].
pub(super) fn put(
    here: &mut Here<'_, Sqs>,
    request: &SetQueueAttributes,
) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    let (_, known) = queue(here, &request.queue_url)?;
    let mut attributes = known.attributes.clone();
    set(&mut attributes, &request.attributes)?;
    if attributes.get("FifoQueue") != known.attributes.get("FifoQueue") {
        // LocalStack's `test_set_unsupported_attribute_fifo`, recorded on AWS [OBS].
        return Err(match known.is_fifo() {
            true => ApiError::client(
                "InvalidAttributeValue",
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            ),
            false => ApiError::client("InvalidAttributeName", "Unknown Attribute FifoQueue."),
        });
    }
    check_redrive(here, &request.attributes, &attributes)?;
    let (_, queue) = queue(here, &request.queue_url)?;
    queue.attributes = attributes;
    queue.modified_ms = now_ms;
    Ok(json!({}))
}
