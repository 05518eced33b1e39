//! Publish and PublishBatch, and the seam through which other services publish.

use std::collections::BTreeSet;

use super::find::{invalid, not_found, required, topic};
use super::state::{Published, Topic};
use crate::base::not_implemented;
use crate::front::Service;
use crate::wire::{Form, Xml};
use crate::world::elsewhere::Told;
use crate::{ApiError, Millis, World};

/// "Messages must be UTF-8 encoded strings and at most 256 KB in size" [MODEL].
const LONGEST_MESSAGE: usize = 262_144;
/// A FIFO topic takes the same message once in five minutes [DOC].
const DEDUPLICATION_MS: Millis = 300_000;

/// What is to be published.
#[derive(Clone, Debug, Default)]
struct Message {
    text: String,
    subject: Option<String>,
    group: Option<String>,
    deduplication_id: Option<String>,
}

impl Message {
    /// The members of Publish, or those of a batch's entry behind `prefix`.
    fn read(form: &Form, prefix: &str) -> Result<Self, ApiError> {
        let text = |name: &str| form.text(&format!("{prefix}{name}")).map(str::to_owned);
        let message = Self {
            text: text("Message").ok_or_else(|| invalid("Invalid parameter: Empty message"))?,
            subject: text("Subject"),
            group: text("MessageGroupId"),
            deduplication_id: text("MessageDeduplicationId"),
        };
        if message.text.is_empty() {
            return Err(invalid("Invalid parameter: Empty message"));
        }
        if message.text.len() > LONGEST_MESSAGE {
            return Err(invalid("Invalid parameter: Message too long"));
        }
        let is_json = text("MessageStructure").as_deref() == Some("json");
        if is_json && !has_default(&message.text) {
            return Err(invalid(
                "Invalid parameter: Message Structure - No default entry in JSON message body",
            ));
        }
        Ok(message)
    }
}

fn has_default(message: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(message)
        .is_ok_and(|message| message.contains_key("default"))
}

const MEMBERS: [&str; 9] = [
    "TopicArn",
    "TargetArn",
    "PhoneNumber",
    "Message",
    "Subject",
    "MessageStructure",
    "MessageAttributes",
    "MessageDeduplicationId",
    "MessageGroupId",
];

pub(super) fn publish(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&MEMBERS)?;
    if form.text("PhoneNumber").is_some() {
        return Err(not_implemented("sns.Publish to a phone number"));
    }
    let arn = form.text("TopicArn").or(form.text("TargetArn"));
    let arn = arn.ok_or_else(|| {
        invalid("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
    })?;
    let (id, sequence) = take(world, arn, Message::read(form, "")?)?;
    Ok(Xml::new()
        .text("MessageId", id)
        .maybe("SequenceNumber", sequence))
}

/// At most ten, each with an id of its own [MODEL].
pub(super) fn publish_batch(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TopicArn", "PublishBatchRequestEntries"])?;
    let arn = required(form, "TopicArn")?.to_owned();
    topic(world, &arn)?;
    let ids = form.member_fields("PublishBatchRequestEntries", "Id");
    if ids.is_empty() {
        return Err(ApiError::client(
            "EmptyBatchRequest",
            "The batch request doesn't contain any entries.",
        ));
    }
    if ids.len() > 10 {
        return Err(ApiError::client(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ));
    }
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    if distinct.len() < ids.len() {
        return Err(ApiError::client(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        ));
    }
    let (mut taken, mut failed) = (Vec::new(), Vec::new());
    for (index, id) in (1..).zip(ids) {
        let prefix = format!("PublishBatchRequestEntries.member.{index}.");
        let published = Message::read(form, &prefix).and_then(|message| take(world, &arn, message));
        match published {
            Ok((message_id, sequence)) => taken.push(
                Xml::new()
                    .text("Id", id)
                    .text("MessageId", message_id)
                    .maybe("SequenceNumber", sequence),
            ),
            Err(error) => failed.push(
                Xml::new()
                    .text("Id", id)
                    .text("Code", error.code)
                    .text("Message", error.message)
                    .text("SenderFault", true),
            ),
        }
    }
    Ok(Xml::new()
        .members("Successful", taken)
        .members("Failed", failed))
}

/// The message's id, and its number in a FIFO topic.
fn take(
    world: &mut World,
    arn: &str,
    message: Message,
) -> Result<(String, Option<String>), ApiError> {
    let topic = world.sns.topics.get(arn);
    let topic = topic.ok_or_else(|| not_found("Topic does not exist"))?;
    let deduplication_id = deduplication_id(topic, &message)?;
    if let Some(known) = deduplication_id
        .as_deref()
        .and_then(|id| again(world, arn, id))
    {
        return Ok(known);
    }
    let sequence_number = deduplication_id.is_some().then(|| {
        world.sns.last_sequence = world.sns.last_sequence.saturating_add(1);
        world.sns.last_sequence
    });
    let published = Published {
        at_ms: world.now_ms,
        topic_arn: arn.to_owned(),
        message_id: world.draw_uuid(),
        subject: message.subject,
        message: message.text,
        deduplication_id,
        sequence_number,
    };
    let answer = (published.message_id.clone(), shown(sequence_number));
    world.sns.remember(published);
    Ok(answer)
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
        return Ok(None);
    }
    if message.group.is_none() {
        return Err(invalid(
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    let by_content = is("ContentBasedDeduplication").then(|| message.text.clone());
    let id = message.deduplication_id.clone().or(by_content);
    id.map(Some).ok_or_else(|| {
        invalid(
            "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
             provided explicitly",
        )
    })
}

fn again(world: &World, arn: &str, id: &str) -> Option<(String, Option<String>)> {
    let since_ms = world.now_ms.saturating_sub(DEDUPLICATION_MS);
    let known = world.sns.published().rev().find(|one| {
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

impl World {
    /// Another service publishes to a topic, with or without a subject; false when there is no such topic. Of topics that are
    /// elsewhere that is not known.
    pub(crate) fn publish(&mut self, topic_arn: &str, subject: &str, message: &str) -> bool {
        if self.elsewhere.has(Service::Sns) {
            self.elsewhere.tell(Told::Published {
                topic: topic_arn.to_owned(),
                subject: subject.to_owned(),
                message: message.to_owned(),
            });
            return true;
        }
        let message = Message {
            text: message.to_owned(),
            subject: Some(subject.to_owned()).filter(|subject| !subject.is_empty()),
            ..Message::default()
        };
        take(self, topic_arn, message).is_ok()
    }
}
