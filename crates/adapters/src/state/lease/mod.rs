//! The lease of an environment in a store: taken, kept alive and given back by compare-and-swap. Who may have it, and when,
//! are the domain's rules; how old it is says the store.
//!
//! Every write of a holder is marked with the holder's own random token, so that a write whose answer was lost is known
//! again, and nobody loses a lease to himself.

mod cell;
mod held;
mod journal;

use std::time::Duration;

use backstay_domain::lease::{Found, Held, Holder, Lease, Manner};
use backstay_domain::ports::{Effect, FailureKind, PortFailure};

use super::AnyStore;
use super::chance::token;
use super::store::{Store, Swapped};
use crate::clock::Stopwatch;
use cell::{Written, parse};

pub use held::{HeldLease, Lost};
pub use journal::LeasedJournal;

const ACQUIRE: &str = "lease.acquire";
const RENEW: &str = "lease.renew";
const READ: &str = "lease.read";

/// The lease's cell.
const LEASE: &str = "lease";

/// Times that somebody else may write between our look and our claim. Each time somebody else has succeeded, and the next
/// look says whether that keeps us away.
const TRIES: u32 = 20;

/// Stores that count in whole seconds say that a lease is younger than it is.
const A_LITTLE: Duration = Duration::from_secs(1);

/// Keeps the lease of one environment.
#[derive(Clone, Debug)]
pub struct LeaseKeeper<S = AnyStore> {
    store: S,
}

/// Why the lease cannot be had, or is no longer ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else has it.
    #[error(transparent)]
    Held(#[from] Held),
    /// Somebody else has taken it from us.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// The store refuses.
    #[error("the lease cannot be used")]
    Port(#[from] PortFailure),
}

impl<S: Store + Clone> LeaseKeeper<S> {
    /// The lease in this store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// The lease as it is, with its age by the store's clock.
    ///
    /// # Errors
    /// When the store refuses, or the lease was written by a newer version.
    pub async fn look(&self) -> Result<Option<Found>, PortFailure> {
        let Some(cell) = self.store.cell(LEASE).await? else {
            return Ok(None);
        };
        let lease = parse(&cell.bytes)?.lease;
        let age = cell.age;
        Ok(Some(Found { lease, age }))
    }

    /// Takes the lease; [`Manner::Forced`] from the holder that is named. The deployment that the lease names when it was taken may
    /// be unfinished: see [`HeldLease::found`].
    ///
    /// # Errors
    /// When somebody else has it, or the store refuses.
    pub async fn acquire(
        &self,
        holder: Holder,
        manner: Manner,
    ) -> Result<HeldLease<S>, LeaseError> {
        let ours = token();
        for _ in 0..TRIES {
            let cell = self.store.cell(LEASE).await?;
            let found = match &cell {
                None => {
                    self.store.prove().await?;
                    None
                }
                Some(cell) => Some(Found {
                    lease: parse(&cell.bytes)?.lease,
                    age: cell.age,
                }),
            };
            let lease = Lease::claim(found.as_ref(), holder.clone(), manner)?;
            let written = Written::new(&ours, 0, lease);
            // What is written now is at least as old as this, whenever the answer comes.
            let renewed = Stopwatch::started();
            let expected = cell.as_ref().map(|cell| &cell.tag);
            let bytes = written.bytes(ACQUIRE)?;
            if let Swapped::Done(tag) = self.store.swap(LEASE, expected, &bytes).await? {
                let store = self.store.clone();
                return Ok(HeldLease::new(store, written, tag, renewed));
            }
        }
        Err(LeaseError::Port(PortFailure {
            kind: FailureKind::Conflict,
            effect: Effect::None,
            operation: ACQUIRE.to_owned(),
            message: "others write the lease again and again".to_owned(),
        }))
    }

    /// Takes the lease, or waits once until it has expired: a holder that lives renews it meanwhile, and keeps it.
    /// `notice` is told who has it.
    ///
    /// # Errors
    /// When its holder lives, or the store refuses.
    pub async fn acquire_when_expired(
        &self,
        holder: Holder,
        notice: impl FnOnce(&Held),
    ) -> Result<HeldLease<S>, LeaseError> {
        match self.acquire(holder.clone(), Manner::Patient).await {
            Err(LeaseError::Held(held)) => {
                notice(&held);
                self.store.grow_older(held.expires_in + A_LITTLE).await;
                self.acquire(holder, Manner::Patient).await
            }
            taken => taken,
        }
    }
}
