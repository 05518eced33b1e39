//! SendMessage, and the seam through which other services send.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::digest;
use super::find::{invalid, name_of, queue};
use super::state::{Message, Queue, Sqs};
use crate::base::here::Here;
use crate::{ApiError, Millis};

/// A FIFO queue takes the same message once in five minutes [DOC].
const DEDUPLICATION_MS: Millis = 300_000;
/// Attributes of a message, at most [DOC].
const MOST_ATTRIBUTES: usize = 10;

/// What SendMessage and the entries of a batch have in common.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Written {
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
    message_system_attributes: Option<Value>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessage {
    queue_url: String,
    #[serde(flatten)]
    message: Written,
}

pub(super) fn send(here: &mut Here<'_, Sqs>, request: SendMessage) -> Result<Value, ApiError> {
    let (name, _) = queue(here, &request.queue_url)?;
    take(here, &name, request.message)
}

/// Puts a message into a queue; answers as SendMessage does.
pub(super) fn take(
    here: &mut Here<'_, Sqs>,
    name: &str,
    given: Written,
) -> Result<Value, ApiError> {
    let (now_ms, id) = (here.now_ms, here.random.uuid());
    let Some(queue) = here.own.queues.get_mut(name) else {
        return Err(super::find::not_there());
    };
    // Nobody may ever look into a queue that other services fill.
    queue.expire(now_ms);
    let delay_ms = check(queue, &given)?;
    let mut answer = json!({ "MD5OfMessageBody": digest::of_body(&given.message_body) });
    if let Some(digest) = digest::of_attributes(&given.message_attributes) {
        answer["MD5OfMessageAttributes"] = json!(digest);
    }
    let deduplication_id = deduplication_id(queue, &given)?;
    queue
        .taken
        .retain(|_, (at_ms, ..)| at_ms.saturating_add(DEDUPLICATION_MS) > now_ms);
    let known_as = deduplication_id
        .as_deref()
        .map(|id| known_as(queue, id, given.message_group_id.as_deref()));
    if let Some((_, id, sequence)) = known_as.as_ref().and_then(|name| queue.taken.get(name)) {
        answer["MessageId"] = json!(id);
        answer["SequenceNumber"] = json!(shown(*sequence));
        return Ok(answer);
    }
    answer["MessageId"] = json!(id);
    queue.numbered += 1;
    let sequence = deduplication_id.as_ref().map(|_| queue.numbered);
    if let (Some(known_as), Some(sequence)) = (known_as, sequence) {
        answer["SequenceNumber"] = json!(shown(sequence));
        let taken = (now_ms, id.clone(), sequence);
        queue.taken.insert(known_as, taken);
    }
    let trace = given.message_system_attributes.as_ref();
    let trace = trace.and_then(|given| given["AWSTraceHeader"]["StringValue"].as_str());
    queue.messages.push_back(Message {
        id,
        body: given.message_body,
        attributes: given.message_attributes,
        trace: trace.map(str::to_owned),
        sent_ms: now_ms,
        visible_ms: now_ms.saturating_add(delay_ms),
        first_received_ms: None,
        received: 0,
        receipt: None,
        earlier: Vec::new(),
        group: given.message_group_id,
        deduplication_id,
        sequence,
        moved_from: None,
    });
    Ok(answer)
}

/// How long it is delayed.
fn check(queue: &Queue, given: &Written) -> Result<Millis, ApiError> {
    let body = &given.message_body;
    if body.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter MessageBody.",
        ));
    }
    let most = queue.number("MaximumMessageSize");
    if given.size() as u64 > most {
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        )));
    }
    if !body.chars().all(is_xml) {
        return Err(ApiError::client(
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        ));
    }
    if given.message_attributes.len() > MOST_ATTRIBUTES {
        return Err(invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MOST_ATTRIBUTES}].",
            given.message_attributes.len()
        )));
    }
    for (name, attribute) in &given.message_attributes {
        is_attribute(name, attribute)?;
    }
    if queue.is_fifo() && given.delay_seconds.is_some_and(|delay| delay > 0) {
        return Err(invalid(format!(
            "Value {} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
            given.delay_seconds.unwrap_or_default()
        )));
    }
    match given.delay_seconds {
        None => Ok(queue.number("DelaySeconds").saturating_mul(1_000)),
        Some(delay) => Millis::try_from(delay)
            .ok()
            .filter(|delay| *delay <= 900)
            .map(|delay| delay * 1_000)
            .ok_or_else(|| {
                invalid(format!(
                    "Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
                ))
            }),
    }
}

/// What XML can have ([MODEL] InvalidMessageContents).
fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Which names and types there are: message attributes, components [DOC]; the words moto's `sqs` [CODE].
fn is_attribute(name: &str, attribute: &Value) -> Result<(), ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if !name.bytes().all(is_allowed) {
        return Err(invalid(format!(
            "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and \
             period (.) characters."
        )));
    }
    let kind = attribute["DataType"].as_str().unwrap_or_default();
    let kind = kind.split('.').next().unwrap_or_default();
    let text = attribute["StringValue"].as_str();
    if kind != "Binary" && text == Some("") {
        // LocalStack's `test_send_message_with_empty_string_attribute`, recorded on AWS [OBS].
        return Err(invalid(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
        )));
    }
    if !text.unwrap_or_default().chars().all(is_xml) {
        return Err(invalid(format!(
            "The message attribute '{name}' contains invalid characters."
        )));
    }
    match ["Binary", "Number", "String"].contains(&kind) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, \
             and String."
        ))),
    }
}

impl Written {
    /// Bytes of the text and of the attributes.
    pub(super) fn size(&self) -> usize {
        self.message_body.len() + self.message_attributes.iter().map(size).sum::<usize>()
    }

    /// In a batch for a queue that keeps its order, what is missing is refused with the whole batch and as a wrong value (LocalStack
    /// `test_send_batch_missing_message_group_id_for_fifo_queue`, recorded on AWS [OBS]).
    pub(super) fn is_ordered(&self, queue: &Queue) -> Result<(), ApiError> {
        deduplication_id(queue, self)
            .map(|_| ())
            .map_err(|error| invalid(error.message))
    }
}

fn size((name, attribute): (&String, &Value)) -> usize {
    let text = |member: &str| attribute[member].as_str().map_or(0, str::len);
    name.len() + text("DataType") + text("StringValue") + text("BinaryValue") / 4 * 3
}

/// `None` for a standard queue.
fn deduplication_id(queue: &Queue, given: &Written) -> Result<Option<String>, ApiError> {
    if !queue.is_fifo() {
        return Ok(None);
    }
    if given.message_group_id.is_none() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter MessageGroupId.",
        ));
    }
    for (name, id) in [
        ("MessageGroupId", &given.message_group_id),
        ("MessageDeduplicationId", &given.message_deduplication_id),
    ] {
        // LocalStack's `test_message_deduplication_id_too_long`, `..._success`, recorded on AWS [OBS].
        let is_one = |id: &String| {
            (1..=128).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_graphic())
        };
        if let Some(id) = id.as_ref().filter(|id| !is_one(id)) {
            return Err(invalid(format!(
                "Value {id} for parameter {name} is invalid. Reason: {name} can only include alphanumeric and punctuation characters. 1 to \
                 128 in length."
            )));
        }
    }
    let by_content = queue.is("ContentBasedDeduplication").then(|| {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(given.message_body.as_bytes());
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    });
    let id = given.message_deduplication_id.clone().or(by_content);
    id.map(Some).ok_or_else(|| {
        invalid("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
    })
}

/// What a FIFO queue remembers of a message: its deduplication id, of its group where that is the scope ([DOC] DeduplicationScope).
/// Neither has a space.
fn known_as(queue: &Queue, id: &str, group: Option<&str>) -> String {
    let scope = queue.attributes.get("DeduplicationScope");
    match (scope.map(String::as_str), group) {
        (Some("messageGroup"), Some(group)) => format!("{group} {id}"),
        _ => id.to_owned(),
    }
}

/// Twenty digits.
pub(super) fn shown(sequence: u64) -> String {
    (18_849_496_460_467_696_128_u128 + u128::from(sequence) * 256).to_string()
}

/// What another service sends to a queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct FromInside<'a> {
    pub(crate) body: &'a str,
    pub(crate) group: Option<&'a str>,
    pub(crate) deduplication_id: Option<&'a str>,
    pub(crate) attributes: Map<String, Value>,
}

/// Another service sends a message to the queue of an ARN; false when there is no such queue, or it does not take it.
pub(crate) fn send_from_inside(
    here: &mut Here<'_, Sqs>,
    queue_arn: &str,
    sent: FromInside<'_>,
) -> bool {
    if !here.own.has(queue_arn, (here.account, here.region)) {
        return false;
    }
    let name = name_of(queue_arn).to_owned();
    let given = Written {
        message_body: sent.body.to_owned(),
        delay_seconds: None,
        message_attributes: sent.attributes,
        message_system_attributes: None,
        message_deduplication_id: sent.deduplication_id.map(str::to_owned),
        message_group_id: sent.group.map(str::to_owned),
    };
    take(here, &name, given).is_ok()
}
