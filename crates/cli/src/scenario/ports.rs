//! What a rehearsal lends the engine: a journal in memory, a signal at its time, a report that nobody reads.

use std::sync::{Arc, Mutex, PoisonError};

use backstay_domain::journal::Record;
use backstay_domain::observation::Observation;
use backstay_domain::ports::{Clock as _, Interrupts, Journal, PortFailure, Report};
use jiff::Timestamp;

use crate::compose::simulated::SimulatedClock;

/// A report that nobody reads.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Report for Unwatched {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}

/// A signal at a moment of virtual time.
pub(super) struct Interruption<'c> {
    pub(super) clock: &'c SimulatedClock,
    pub(super) at: Option<Timestamp>,
}

impl Interrupts for Interruption<'_> {
    fn pending(&self) -> Option<String> {
        let due = self.at.is_some_and(|at| at <= self.clock.now());
        due.then(|| "SIGTERM".to_owned())
    }

    async fn wait(&self) {
        match self.at {
            Some(at) => self.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

/// A journal in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryJournal(Arc<Mutex<Vec<Record>>>);

impl MemoryJournal {
    pub(super) fn records(&self) -> Vec<Record> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Journal for MemoryJournal {
    async fn append(&self, record: &Record) -> Result<(), PortFailure> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(record.clone());
        Ok(())
    }
}
