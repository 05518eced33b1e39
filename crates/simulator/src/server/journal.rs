//! The latest calls of a world, for people who look at what a client did.

use std::collections::VecDeque;

use serde::Serialize;

use crate::Millis;

/// Older ones are forgotten.
const KEPT: usize = 1_000;

/// One answered call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CallRecord {
    pub(super) at_ms: Millis,
    /// `service.Operation`.
    pub(super) operation: String,
    /// HTTP status; none when the connection was broken instead.
    pub(super) status: Option<u16>,
}

/// Calls, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct CallJournal(VecDeque<CallRecord>);

impl CallJournal {
    pub(super) fn add(&mut self, record: CallRecord) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(record);
    }

    pub(super) fn oldest_first(&self) -> impl Iterator<Item = &CallRecord> {
        self.0.iter()
    }
}
