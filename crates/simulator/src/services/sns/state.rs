//! What the account has of it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Millis;
use crate::wire::Tags;

/// How many messages are remembered.
const REMEMBERED: usize = 1_000;

/// SNS: topics, subscriptions and what was published.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sns {
    /// By ARN.
    pub(super) topics: BTreeMap<String, Topic>,
    /// By ARN.
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    /// The latest messages, oldest first.
    published: VecDeque<Published>,
    /// Of FIFO topics.
    pub(super) last_sequence: u64,
    /// On its way to queues: whoever has let something be published carries it on.
    #[serde(skip)]
    pub(crate) outbox: Vec<ToQueue>,
}

/// What a queue that has subscribed to a topic gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToQueue {
    /// The queue's ARN.
    pub(crate) queue: String,
    /// The queue for what that one does not take.
    pub(crate) dead_letters: Option<String>,
    pub(crate) body: String,
    /// MessageGroupId, of a FIFO topic.
    pub(crate) group: Option<String>,
    /// Of a FIFO topic.
    pub(crate) deduplication_id: Option<String>,
    /// MessageAttributes, where it is delivered raw.
    pub(crate) attributes: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Topic {
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: Tags,
    /// Subscriptions that are gone.
    pub(super) unsubscribed: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) topic_arn: String,
    pub(super) protocol: String,
    pub(super) endpoint: String,
    pub(super) attributes: BTreeMap<String, String>,
    /// What confirms it; `None` once it is confirmed.
    pub(super) token: Option<String>,
}

/// A message as a topic took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Published {
    pub(crate) at_ms: Millis,
    pub(crate) topic_arn: String,
    pub(crate) message_id: String,
    pub(crate) subject: Option<String>,
    pub(crate) message: String,
    /// Of a FIFO topic: what makes it the same message, within five minutes.
    pub(super) deduplication_id: Option<String>,
    pub(super) sequence_number: Option<u64>,
}

impl Topic {
    /// Whether an attribute is set to true.
    pub(super) fn is(&self, name: &str) -> bool {
        self.attributes.get(name).is_some_and(|text| text == "true")
    }
}

impl Sns {
    /// Whether there is the topic of an ARN.
    pub(crate) fn has(&self, arn: &str) -> bool {
        self.topics.contains_key(arn)
    }

    pub(super) fn remember(&mut self, published: Published) {
        if self.published.len() >= REMEMBERED {
            self.published.pop_front();
        }
        self.published.push_back(published);
    }

    /// The latest messages, oldest first.
    pub(crate) fn published(&self) -> impl DoubleEndedIterator<Item = &Published> {
        self.published.iter()
    }

    pub(super) fn of_topic<'a>(
        &'a self,
        arn: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Subscription)> {
        let all = self.subscriptions.iter();
        all.filter(move |(_, subscription)| subscription.topic_arn == arn)
    }
}
