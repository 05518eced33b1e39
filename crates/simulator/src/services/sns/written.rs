//! What is to be published, as Publish and the entries of PublishBatch have it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::find::invalid;
use super::message_attributes::{self, length};
use crate::ApiError;

/// "Messages must be UTF-8 encoded strings and at most 256 KB in size" [MODEL], with their attributes.
pub(super) const LONGEST_MESSAGE: usize = 262_144;

/// What is to be published.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) text: String,
    /// What queues get of it, where it has a text for each protocol.
    pub(super) for_queues: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) group: Option<String>,
    pub(super) deduplication_id: Option<String>,
    pub(super) attributes: Map<String, Value>,
}

/// What Publish and the entries of PublishBatch have in common.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Written {
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    pub(super) message_group_id: Option<String>,
    pub(super) message_deduplication_id: Option<String>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

impl Written {
    /// The message's bytes and those of its attributes: both count [OBS] (LocalStack's `test_publish_too_long_message`).
    pub(super) fn length(&self) -> usize {
        self.message.len() + length(&self.message_attributes)
    }

    /// What is wrong with one entry is wrong with the whole batch (LocalStack's `test_empty_or_wrong_message_attributes`, recorded on AWS [OBS]).
    pub(super) fn is_well_formed(&self) -> Result<(), ApiError> {
        message_attributes::check(&self.message_attributes)?;
        match self.message_structure.as_deref() {
            Some("json") => of_protocol(&self.message, "sqs").map(drop),
            _ => Ok(()),
        }
    }

    pub(super) fn read(self) -> Result<Message, ApiError> {
        if self.message.is_empty() {
            return Err(invalid("Invalid parameter: Empty message"));
        }
        self.is_well_formed()?;
        if self.length() > LONGEST_MESSAGE {
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
