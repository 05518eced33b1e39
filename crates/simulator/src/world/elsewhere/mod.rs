//! Services of a world that another server keeps: what that server has said, and what is to be told to it.
//!
//! The world asks nobody. It notes what it would have to know ([`Elsewhere::wanted`]) and what it has to tell
//! ([`Elsewhere::told`]); whoever has it carries that, and comes back.

mod bucket;
mod needs;
mod start;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use bucket::{Fetched, Wanted};
pub(crate) use needs::{Need, is_secret};
pub(crate) use start::Furnishing;

use crate::front::Service;
use crate::world::data_plane::Passage;
use crate::{Millis, WebReply, World};

/// Which services are somebody else's, and what passes between them and this world. No part of a saved world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elsewhere {
    services: BTreeSet<&'static str>,
    /// Objects that the request being answered has fetched.
    pub(crate) fetched: BTreeMap<Wanted, Fetched>,
    /// The object that it still needs.
    pub(crate) wanted: Option<Wanted>,
    /// What targets that are reached for real have answered to the edge for it, by the line of the edge's request.
    pub(crate) passed: BTreeMap<String, WebReply>,
    /// The request of the edge that still has to be carried to one.
    pub(crate) passage: Option<Box<Passage>>,
    /// By `valueFrom`: why a task cannot have it, as far as that has been asked.
    verdicts: BTreeMap<String, Option<String>>,
    told: Vec<Told>,
}

/// What this world says to a service that is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A line of a container, or an event that a rule delivers.
    Line {
        at_ms: Millis,
        group: String,
        stream: String,
        message: String,
    },
    /// A message for a topic.
    Published {
        topic: String,
        subject: String,
        message: String,
    },
}

impl Elsewhere {
    /// These services are elsewhere.
    pub(crate) fn of(services: impl IntoIterator<Item = Service>) -> Self {
        Self {
            services: services.into_iter().map(Service::name).collect(),
            ..Self::default()
        }
    }

    /// Whether somebody else keeps it.
    pub(crate) fn has(&self, service: Service) -> bool {
        !self.services.is_empty() && self.services.contains(service.name())
    }

    pub(crate) fn tell(&mut self, told: Told) {
        self.told.push(told);
    }

    /// Why a task cannot have a secret or a parameter; nothing where nobody has asked yet.
    pub(crate) fn problem(&self, value_from: &str) -> Option<String> {
        self.verdicts.get(value_from).cloned().flatten()
    }
}

impl World {
    /// A line in a log group. The group and the stream are made as needed; `at_ms` may lie ahead.
    pub(crate) fn log(&mut self, group: String, stream: String, at_ms: Millis, message: String) {
        if !self.elsewhere.has(Service::Logs) {
            return self.logs.put(&group, &stream, at_ms, message);
        }
        self.elsewhere.tell(Told::Line {
            at_ms,
            group,
            stream,
            message,
        });
    }

    /// What has to be told by now, in the order in which it was said. A container's line may lie ahead.
    pub(crate) fn take_told(&mut self) -> Vec<Told> {
        if self.elsewhere.told.is_empty() {
            return Vec::new();
        }
        let now_ms = self.now_ms;
        let is_due = |told: &Told| match told {
            Told::Line { at_ms, .. } => *at_ms <= now_ms,
            Told::Published { .. } => true,
        };
        let all = std::mem::take(&mut self.elsewhere.told);
        let (mut due, later) = all.into_iter().partition::<Vec<Told>, _>(is_due);
        self.elsewhere.told = later;
        due.sort_by_key(|told| match told {
            Told::Line { at_ms, .. } => *at_ms,
            Told::Published { .. } => now_ms,
        });
        due
    }
}
