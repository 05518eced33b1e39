//! The logs' state, and which of it a reader can see at a given time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::Tags;
use crate::{Millis, Weather};

const DAY_MS: Millis = 86_400_000;

/// Every log group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Logs {
    pub(super) groups: BTreeMap<String, Group>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) created_at_ms: Millis,
    pub(super) retention_days: Option<u32>,
    pub(super) streams: BTreeMap<String, Stream>,
    #[serde(default)]
    pub(super) tags: Tags,
    /// logGroupClass, where it is not STANDARD.
    #[serde(default)]
    pub(super) class: Option<String>,
    #[serde(default)]
    pub(super) kms_key_id: Option<String>,
    #[serde(default)]
    pub(super) is_protected: bool,
    /// As they are described, by name.
    #[serde(default)]
    pub(super) subscription_filters: BTreeMap<String, Value>,
    /// As they are described, by name.
    #[serde(default)]
    pub(super) metric_filters: BTreeMap<String, Value>,
}

/// Events of one stream, in time order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stream {
    events: Vec<Event>,
    /// When CreateLogStream made it; a container's stream comes with its first event.
    #[serde(default)]
    pub(super) created_ms: Option<Millis>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) at_ms: Millis,
    pub(super) message: String,
    /// When PutLogEvents brought it, if that was not when it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) written_ms: Option<Millis>,
}

impl Event {
    pub(super) fn written_ms(&self) -> Millis {
        self.written_ms.unwrap_or(self.at_ms)
    }
}

/// What is there for a reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) written_until_ms: Millis,
    /// What is older has expired.
    pub(super) from_ms: Millis,
}

impl Logs {
    /// Creates a group; false when it exists.
    pub(crate) fn add_group(&mut self, name: &str, now_ms: Millis) -> bool {
        if self.groups.contains_key(name) {
            return false;
        }
        self.groups.insert(
            name.to_owned(),
            Group {
                created_at_ms: now_ms,
                ..Group::default()
            },
        );
        true
    }

    /// Of every group.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.groups.keys().cloned()
    }

    pub(crate) fn has_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// A container writes a line. Makes the group (awslogs-create-group) and the stream as needed; `at_ms` may lie ahead.
    pub(crate) fn put(
        &mut self,
        group: &str,
        stream: &str,
        at_ms: Millis,
        message: impl Into<String>,
    ) {
        self.add_group(group, at_ms);
        let Some(group) = self.groups.get_mut(group) else {
            return;
        };
        let stream = group.streams.entry(stream.to_owned()).or_default();
        stream.add(Event {
            at_ms,
            message: message.into(),
            written_ms: None,
        });
    }
}

impl Group {
    /// What is older has expired.
    pub(super) fn kept_from_ms(&self, now_ms: Millis) -> Millis {
        let days = self.retention_days.map(Millis::from);
        days.map_or(0, |days| now_ms.saturating_sub(days * DAY_MS))
    }

    /// A stream appears when it is created, or with its first visible event (ecs-semantics G [INF]).
    pub(super) fn visible(&self, name: &str, seen: Seen) -> Option<Vec<&Event>> {
        let stream = self.streams.get(name)?;
        let written = |event: &&Event| event.written_ms() <= seen.written_until_ms;
        let is_there = stream.created_ms.is_some() || stream.events.iter().any(|one| written(&one));
        let kept = |event: &&Event| event.at_ms >= seen.from_ms;
        is_there.then(|| stream.events.iter().filter(written).filter(kept).collect())
    }
}

impl Stream {
    pub(super) fn created(now_ms: Millis) -> Self {
        Self {
            events: Vec::new(),
            created_ms: Some(now_ms),
        }
    }

    pub(super) fn add(&mut self, event: Event) {
        let place = self
            .events
            .partition_point(|other| other.at_ms <= event.at_ms);
        self.events.insert(place, event);
    }

    /// When it came to be.
    pub(super) fn since_ms(&self) -> Millis {
        let first = self.events.first().map(|event| event.at_ms);
        self.created_ms.or(first).unwrap_or_default()
    }
}

/// How long a line takes to become readable [INF]: the last lines can arrive after their task is STOPPED.
pub(super) fn ingestion_ms(weather: Weather) -> Millis {
    match weather {
        Weather::Calm => 500,
        Weather::Typical => 3_000,
        Weather::Rough => 12_000,
    }
}
