//! An environment as a command finds it, and whoever may ask the command to stop.
#![expect(
    async_fn_in_trait,
    reason = "used by one task, generically, like the domain's ports"
)]

use backstay_domain::ports::{Interrupts, Uninterrupted};

use crate::state::AnyStore;
use crate::state::Store;
use crate::state::ledger::StoreLedger;

/// An environment, opened: its cloud, its time, and what deployments share about it.
#[derive(Debug)]
pub struct Opened<'o, C, K, S = AnyStore> {
    /// The cloud.
    pub cloud: &'o C,
    /// Time.
    pub clock: &'o K,
    /// Journals, the lease, proven releases.
    pub store: &'o S,
}

/// Three references are copied, whatever they refer to; a derived `Copy` would ask for more.
impl<C, K, S> Clone for Opened<'_, C, K, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, K, S> Copy for Opened<'_, C, K, S> {}

impl<C, K, S: Store + Clone> Opened<'_, C, K, S> {
    /// Proven releases.
    #[must_use]
    pub fn ledger(&self) -> StoreLedger<S> {
        StoreLedger::new(self.store.clone())
    }
}

/// Whoever may ask a process to stop, and then to leave at once.
pub trait Signals: Interrupts {
    /// Waits until the process is asked for the second time, and says by what. MUST be polled beside the work: listening begins
    /// with it.
    ///
    /// # Errors
    /// When nobody can be listened to.
    async fn second(&self) -> Result<String, std::io::Error>;
}

impl Signals for Uninterrupted {
    async fn second(&self) -> Result<String, std::io::Error> {
        std::future::pending().await
    }
}
