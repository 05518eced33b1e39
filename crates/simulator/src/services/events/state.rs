//! The events that were put on a bus, and who wants to know.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bus::Bus;
use super::deliver::Delivery;
use super::rules::Rule;
use crate::{Millis, World};

/// So many of the latest events, and of the latest deliveries, are remembered.
const REMEMBERED: usize = 1_000;

/// The bus that every account has.
pub(super) const DEFAULT: &str = "default";

/// The event buses of an account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventBridge {
    /// On any bus, oldest first.
    pub(crate) told: VecDeque<Told>,
    /// Events so far: the seed of the next one's id.
    #[serde(default)]
    pub(super) numbered: u64,
    /// Besides the default one, by name.
    #[serde(default)]
    pub(super) buses: BTreeMap<String, Bus>,
    /// By bus, then by name.
    #[serde(default)]
    pub(super) rules: BTreeMap<String, BTreeMap<String, Rule>>,
    /// What targets got, oldest first.
    #[serde(default)]
    pub(super) delivered: VecDeque<Delivery>,
    /// By ARN.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// An event on a bus.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) at_ms: Millis,
    pub(crate) source: String,
    pub(crate) detail_type: String,
    pub(crate) resources: Vec<String>,
    pub(crate) detail: Value,
}

impl World {
    /// A service tells the default event bus something.
    pub(crate) fn tell(
        &mut self,
        source: &str,
        detail_type: &str,
        resources: Vec<String>,
        detail: Value,
    ) {
        let told = Told {
            at_ms: self.now_ms,
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            resources,
            detail,
        };
        self.put_event(DEFAULT, told);
    }

    /// An event comes to a bus, and from there to the targets of the rules that match. Answers its id.
    pub(super) fn put_event(&mut self, bus: &str, told: Told) -> String {
        self.events.numbered += 1;
        let id = super::envelope::id(&format!("{}/{}", self.account, self.events.numbered));
        super::deliver::deliver(self, bus, &id, &told);
        self.events.told.push_back(told);
        while self.events.told.len() > REMEMBERED {
            self.events.told.pop_front();
        }
        id
    }

    pub(super) fn remember_delivery(&mut self, delivery: Delivery) {
        self.events.delivered.push_back(delivery);
        while self.events.delivered.len() > REMEMBERED {
            self.events.delivered.pop_front();
        }
    }
}
