//! The events that services tell, and who wants to know.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Millis, World};

/// So many of the latest events are remembered.
const REMEMBERED: usize = 1_000;

/// The default event bus of an account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventBridge {
    /// Oldest first.
    pub(crate) told: VecDeque<Told>,
}

/// An event on the bus.
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
        self.events.told.push_back(told);
        while self.events.told.len() > REMEMBERED {
            self.events.told.pop_front();
        }
    }
}
