//! The logs' state, and which of it a reader can see at a given time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Millis, Weather};

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
}

/// Events of one stream, in time order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stream {
    events: Vec<Event>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) at_ms: Millis,
    pub(super) message: String,
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
        let events = &mut group.streams.entry(stream.to_owned()).or_default().events;
        let place = events.partition_point(|event| event.at_ms <= at_ms);
        events.insert(
            place,
            Event {
                at_ms,
                message: message.into(),
            },
        );
    }
}

impl Group {
    /// A stream appears with its first visible event (ecs-semantics G [INF]).
    pub(super) fn visible(&self, name: &str, horizon_ms: Millis) -> Option<&[Event]> {
        Some(self.streams.get(name)?.until(horizon_ms)).filter(|events| !events.is_empty())
    }
}

impl Stream {
    /// Events written no later than `horizon_ms`.
    pub(super) fn until(&self, horizon_ms: Millis) -> &[Event] {
        &self.events[..self
            .events
            .partition_point(|event| event.at_ms <= horizon_ms)]
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
