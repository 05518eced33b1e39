//! What the account has of it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::find::name_of;
use crate::Millis;
use crate::base::arn::regional_arn;
use crate::wire::Tags;

/// Queues of an account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sqs {
    /// By name.
    pub(super) queues: BTreeMap<String, Queue>,
    /// When those that are gone were deleted, by name.
    pub(super) gone: BTreeMap<String, Millis>,
    /// The address at which a client has called, so that the URLs of queues lead back there.
    #[serde(skip)]
    pub(crate) door: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Queue {
    /// Those that were set, by name.
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: Tags,
    pub(super) created_ms: Millis,
    pub(super) modified_ms: Millis,
    pub(super) purged_ms: Option<Millis>,
    /// In the order in which they came.
    pub(super) messages: VecDeque<Message>,
    /// Receipts so far, and numbers of a FIFO queue.
    pub(super) numbered: u64,
    /// What a FIFO queue has taken: by deduplication id, and its group where that is the scope, when and with which id and number.
    pub(super) taken: BTreeMap<String, (Millis, String, u64)>,
    /// Of a FIFO queue: when the turn of each group is, and how many turns there were.
    #[serde(default)]
    pub(super) turns: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) last_turn: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    /// MessageAttributes, as they were given.
    pub(super) attributes: Map<String, Value>,
    /// AWSTraceHeader, as it was given.
    pub(super) trace: Option<String>,
    pub(super) sent_ms: Millis,
    /// From when on it can be received.
    pub(super) visible_ms: Millis,
    pub(super) first_received_ms: Option<Millis>,
    pub(super) received: u32,
    /// Of the last time it was received.
    pub(super) receipt: Option<String>,
    /// Of the times before, which delete a message of a standard queue as well; the latest ones.
    #[serde(default)]
    pub(super) earlier: Vec<String>,
    pub(super) group: Option<String>,
    pub(super) deduplication_id: Option<String>,
    pub(super) sequence: Option<u64>,
    /// The queue that it was moved from.
    pub(super) moved_from: Option<String>,
}

impl Sqs {
    /// Whether there is the queue of an ARN in an account and Region.
    pub(crate) fn has(&self, arn: &str, (account, region): (&str, &str)) -> bool {
        let name = name_of(arn);
        self.queues.contains_key(name) && arn == regional_arn("sqs", region, account, name)
    }
}

impl Queue {
    /// A number among the attributes, or its default.
    pub(super) fn number(&self, name: &str) -> u64 {
        let given = self.attributes.get(name).and_then(|text| text.parse().ok());
        given
            .or_else(|| super::attributes::usual(name)?.parse().ok())
            .unwrap_or(0)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.attributes.get(name).is_some_and(|text| text == "true")
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.is("FifoQueue")
    }

    /// A group comes after all others.
    pub(super) fn take_turn(&mut self, group: &str) {
        self.last_turn += 1;
        self.turns.insert(group.to_owned(), self.last_turn);
    }

    /// Forgets what is older than the retention period.
    pub(super) fn expire(&mut self, now_ms: Millis) {
        let kept_ms = self.number("MessageRetentionPeriod").saturating_mul(1_000);
        self.messages
            .retain(|message| message.sent_ms.saturating_add(kept_ms) > now_ms);
    }
}
