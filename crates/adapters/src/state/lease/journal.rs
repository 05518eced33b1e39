//! A journal that only the holder of the lease writes. The engine records the intent of everything it does: so it does
//! nothing once the lease is lost.

use std::time::Duration;

use backstay_domain::journal::{Event, Record};
use backstay_domain::ports::{Effect, FailureKind, Journal, PortFailure};

use super::HeldLease;
use crate::clock::pause;
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

/// Between two attempts to write while nobody knows our credentials: whoever gives them renews them.
const KNOWN_AGAIN: Duration = Duration::from_secs(5);

impl<J: Journal, S: Store> LeasedJournal<J, S> {
    /// Credentials that have expired are no reason to stop while the lease lives.
    async fn appended(&self, record: &Record) -> Result<(), PortFailure> {
        loop {
            match self.journal.append(record).await {
                Err(failure) if failure.kind == FailureKind::Unauthenticated => {
                    pause(KNOWN_AGAIN).await;
                    self.lease.ensure().await.map_err(|_| failure)?;
                }
                appended => return appended,
            }
        }
    }
}

impl<J: Journal, S: Store> Journal for LeasedJournal<J, S> {
    async fn append(&self, record: &Record) -> Result<(), PortFailure> {
        self.lease.ensure().await?;
        self.appended(record).await?;
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
