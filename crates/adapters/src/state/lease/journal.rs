//! A journal that only the holder of the lease writes. The engine records the intent of everything it does: so it does
//! nothing once the lease is lost.

use backstay_domain::journal::{Event, Record};
use backstay_domain::ports::{Effect, Journal, PortFailure};

use super::HeldLease;
use crate::state::AnyStore;
use crate::state::store::Store;

/// A journal behind a lease.
#[derive(Debug)]
pub struct LeasedJournal<J, S = AnyStore> {
    lease: HeldLease<S>,
    journal: J,
}

impl<J, S> LeasedJournal<J, S> {
    pub(super) fn new(lease: HeldLease<S>, journal: J) -> Self {
        Self { lease, journal }
    }
}

impl<J: Journal, S: Store> Journal for LeasedJournal<J, S> {
    async fn append(&self, record: &Record) -> Result<(), PortFailure> {
        self.lease.ensure().await?;
        self.journal.append(record).await?;
        match record.event {
            // Its effect comes next, and writing the intent may have taken long.
            Event::Intended { .. } => self.lease.ensure().await.map_err(|failure| PortFailure {
                effect: Effect::Applied,
                ..failure
            }),
            Event::Started { .. }
            | Event::Done { .. }
            | Event::Failed { .. }
            | Event::Waiting { .. }
            | Event::Found { .. }
            | Event::Finished { .. }
            | Event::Resumed { .. }
            | Event::Interrupted { .. }
            | Event::Unlocked { .. }
            | Event::Abandoned { .. } => Ok(()),
        }
    }
}
