//! Publish and PublishBatch, and the seam through which other services publish.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::find::{invalid, not_found, topic};
use super::state::{Filter, Published, Subscription, ToQueue, Topic};
use crate::base::arn::dns_suffix;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::sns::Sns;
use crate::wire::iso8601;
use crate::{ApiError, Millis};

/// "Messages must be UTF-8 encoded strings and at most 256 KB in size" [MODEL].
const LONGEST_MESSAGE: usize = 262_144;
/// A FIFO topic takes the same message once in five minutes [DOC].
const DEDUPLICATION_MS: Millis = 300_000;

/// What is to be published.
#[derive(Clone, Debug, Default)]
struct Message {
    text: String,
    /// What queues get of it, where it has a text for each protocol.
    for_queues: Option<String>,
    subject: Option<String>,
    group: Option<String>,
    deduplication_id: Option<String>,
    attributes: Map<String, Value>,
}

/// What Publish and the entries of PublishBatch have in common.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

impl Written {
    fn read(self) -> Result<Message, ApiError> {
        if self.message.is_empty() {
            return Err(invalid("Invalid parameter: Empty message"));
        }
        if self.message.len() > LONGEST_MESSAGE {
            return Err(invalid("Invalid parameter: Message too long"));
        }
        // "less than 100 characters long", without line breaks and control characters (Publish, Subject [DOC]).
        let is_subject =
            |it: &String| (1..=100).contains(&it.chars().count()) && !it.contains(char::is_control);
        if self.subject.as_ref().is_some_and(|it| !is_subject(it)) {
            return Err(invalid("Invalid parameter: Subject"));
        }
        let is_json = self.message_structure.as_deref() == Some("json");
        let for_queues = match is_json {
            true => Some(of_protocol(&self.message, "sqs")?),
            false => None,
        };
        Ok(Message {
            text: self.message,
            for_queues,
            subject: self.subject,
            group: self.message_group_id,
            deduplication_id: self.message_deduplication_id,
            attributes: self.message_attributes,
        })
    }
}

/// A message per protocol: its own, or the default (Publish, MessageStructure [DOC]; the words LocalStack's `sns`, recorded on AWS [OBS]).
fn of_protocol(message: &str, protocol: &str) -> Result<String, ApiError> {
    let refused = |why: &str| invalid(format!("Invalid parameter: Message Structure - {why}"));
    let texts: Map<String, Value> =
        serde_json::from_str(message).map_err(|_| refused("JSON message body failed to parse"))?;
    // "Non-string values will cause the key to be ignored" [DOC], that of the default as well (LocalStack's `sns` [CODE]).
    let text = |key: &str| texts.get(key).and_then(Value::as_str);
    let default = text("default");
    let default = default.ok_or_else(|| refused("No default entry in JSON message body"))?;
    Ok(text(protocol).unwrap_or(default).to_owned())
}

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
    if request.phone_number.is_some() {
        return Err(not_implemented("sns.Publish to a phone number"));
    }
    let arn = request.topic_arn.or(request.target_arn).ok_or_else(|| {
        invalid("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
    })?;
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
    let is_fifo = arn.ends_with(".fifo");
    if is_fifo
        && entries
            .iter()
            .any(|entry| entry.message.message_group_id.is_none())
    {
        // The whole batch is refused (LocalStack's `sns`, recorded on AWS [OBS]).
        return Err(ungrouped());
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
    let topic = here.own.topics.get(arn);
    let topic = topic.ok_or_else(|| not_found("Topic does not exist"))?;
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

/// What the queues that have subscribed get: the message within a notification, or as it is ([DOC] RawMessageDelivery).
fn to_queues(
    here: &Here<'_, Sns>,
    published: &Published,
    group: Option<&str>,
    attributes: &Map<String, Value>,
) -> Vec<ToQueue> {
    let subscriptions = here.own.of_topic(&published.topic_arn);
    let queues = subscriptions.filter(|(_, it)| it.protocol == "sqs" && it.token.is_none());
    let sent = queues.map(|(arn, subscription)| {
        let raw = subscription.attributes.get("RawMessageDelivery");
        let (body, raw_attributes) = if raw.is_some_and(|raw| raw == "true") {
            (published.message.clone(), attributes.clone())
        } else {
            let notification = notification(here, published, arn, attributes);
            (notification.to_string(), Map::new())
        };
        ToQueue {
            queue: subscription.endpoint.clone(),
            body,
            group: group.map(str::to_owned),
            deduplication_id: published.deduplication_id.clone(),
            attributes: raw_attributes,
            filter: filter(subscription, &published.message, attributes),
        }
    });
    sent.collect()
}

/// By the message's attributes, unless its body is the scope ([DOC] FilterPolicyScope); an empty policy filters nothing.
fn filter(
    subscription: &Subscription,
    message: &str,
    attributes: &Map<String, Value>,
) -> Option<Filter> {
    let set = |name: &str| subscription.attributes.get(name).map(String::as_str);
    let policy = set("FilterPolicy").filter(|policy| policy.trim() != "{}")?;
    let about = match set("FilterPolicyScope") {
        Some("MessageBody") => serde_json::from_str(message).unwrap_or_default(),
        _ => attributes
            .iter()
            .map(|(name, it)| (name.clone(), plain(it)))
            .collect(),
    };
    let policy = serde_json::from_str(policy).map_or_else(
        |_| policy.to_owned(),
        |mut policy: Value| {
            rounded(&mut policy);
            policy.to_string()
        },
    );
    let mut about = about;
    rounded(&mut about);
    Some(Filter { policy, about })
}

/// Numbers have five digits after the point (Subscription filter policy constraints [DOC]); the others are cut off [INF].
fn rounded(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            // As decimal text: 0.29 is a little less in binary.
            let exact = number.as_f64().unwrap_or_default().to_string();
            let end = exact.find('.').map_or(exact.len(), |point| point + 6);
            let short = exact.get(..end).unwrap_or(&exact).parse();
            if let Some(short) = short.ok().and_then(serde_json::Number::from_f64) {
                *number = short;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(rounded),
        Value::Object(members) => members.values_mut().for_each(rounded),
        _ => {}
    }
}

/// The value of an attribute: a text, a number or an array; binary ones are not looked at [DOC].
fn plain(attribute: &Value) -> Value {
    let text = attribute["StringValue"].as_str();
    match (attribute["DataType"].as_str(), text) {
        (Some(kind), Some(text)) if kind == "String.Array" || kind.starts_with("Number") => {
            serde_json::from_str(text).unwrap_or_default()
        }
        (_, Some(text)) => json!(text),
        (_, None) => Value::Null,
    }
}

/// Its shape [DOC]; nobody has signed it.
fn notification(
    here: &Here<'_, Sns>,
    published: &Published,
    subscription: &str,
    attributes: &Map<String, Value>,
) -> Value {
    let host = format!("https://sns.{}.{}", here.region, dns_suffix(here.region));
    let mut notification = json!({
        "Type": "Notification",
        "MessageId": published.message_id,
        "TopicArn": published.topic_arn,
        "Message": published.message,
        "Timestamp": iso8601(published.at_ms),
        "SignatureVersion": "1",
        "Signature": "",
        "SigningCertURL": format!("{host}/SimpleNotificationService.pem"),
        "UnsubscribeURL": format!("{host}/?Action=Unsubscribe&SubscriptionArn={subscription}"),
    });
    if let Some(subject) = &published.subject {
        notification["Subject"] = json!(subject);
    }
    for (name, attribute) in attributes {
        let value = attribute
            .get("StringValue")
            .or_else(|| attribute.get("BinaryValue"));
        notification["MessageAttributes"][name] =
            json!({ "Type": attribute["DataType"], "Value": value });
    }
    notification
}

fn ungrouped() -> ApiError {
    invalid("Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
}

/// `None` for a standard topic.
fn deduplication_id(topic: &Topic, message: &Message) -> Result<Option<String>, ApiError> {
    let is = |name: &str| {
        topic
            .attributes
            .get(name)
            .is_some_and(|text| text == "true")
    };
    if !is("FifoTopic") {
        return match message.deduplication_id {
            // LocalStack's `sns`, recorded on AWS [OBS].
            Some(_) => Err(invalid(
                "Invalid parameter: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            )),
            None => Ok(None),
        };
    }
    if message.group.is_none() {
        return Err(ungrouped());
    }
    let by_content = is("ContentBasedDeduplication").then(|| {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(message.text.as_bytes());
        let digits = digest.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>()
    });
    let id = message.deduplication_id.clone().or(by_content);
    id.map(Some).ok_or_else(|| {
        invalid(
            "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
             provided explicitly",
        )
    })
}

fn again(here: &Here<'_, Sns>, arn: &str, id: &str) -> Option<(String, Option<String>)> {
    let since_ms = here.now_ms.saturating_sub(DEDUPLICATION_MS);
    let known = here.own.published().rev().find(|one| {
        one.at_ms > since_ms && one.topic_arn == arn && one.deduplication_id.as_deref() == Some(id)
    })?;
    Some((known.message_id.clone(), shown(known.sequence_number)))
}

/// Twenty digits.
fn shown(sequence: Option<u64>) -> Option<String> {
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
