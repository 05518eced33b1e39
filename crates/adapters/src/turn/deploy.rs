//! A deployment of one's own, in one's own turn.

use backstay_domain::engine::{self, Begun};
use backstay_domain::journal::Outcome;
use backstay_domain::lease::Left;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud, Report};

use super::error::TurnError;
use super::opened::Signals;
use super::take::Turn;
use crate::state::Store;
use crate::state::journal::StoreJournal;

impl<C: Cloud, K: Clock, I: Signals, S: Store + Clone> Turn<'_, C, K, I, S> {
    /// Carries a plan out.
    ///
    /// # Errors
    /// When the journal cannot be begun or written, or the lease is lost.
    pub async fn deploy<R: Report>(
        &self,
        plan: &Plan,
        begun: Begun,
        report: &R,
    ) -> Result<Outcome, TurnError> {
        if let Some(signal) = self.signals.pending() {
            return Err(TurnError::Left(signal));
        }
        self.lease.begin(&plan.deployment).await?;
        self.left.set(Left::Unfinished);
        let store = self.opened.store.clone();
        let journal = StoreJournal::create(store, self.lease.fence(), &plan.deployment).await?;
        let (journal, ledger) = (self.lease.journal(journal), self.opened.ledger());
        let ports = self.ports(&journal, &ledger, report);
        let ended = engine::deploy(&ports, plan, begun).await;
        self.ended(ended)
    }
}
