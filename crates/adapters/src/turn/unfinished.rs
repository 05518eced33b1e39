//! What a turn finds: a deployment whose holder is gone, one that was never begun, one whose lease is taken away by hand.

use backstay_domain::DeploymentId;
use backstay_domain::journal::{Event, Record};
use backstay_domain::lease::Left;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Clock, Cloud, Effect, FailureKind, Journal as _, PortFailure};
use backstay_domain::progress::Progress;
use backstay_domain::turn::{Errand, First, Unfinished};

use super::error::{TurnError, folded};
use super::opened::Signals;
use super::take::Turn;
use crate::state::Store;
use crate::state::journal::{self, JournalError, StoreJournal};

/// How often a journal is opened again to which a former holder that still lives has written meanwhile.
pub(super) const TRIES: u32 = 50;

impl<C: Cloud, K: Clock, I: Signals, S: Store + Clone> Turn<'_, C, K, I, S> {
    /// What an errand does first, by the deployment that the lease named when it was taken.
    ///
    /// # Errors
    /// When its journal cannot be read.
    pub async fn first(&self, errand: Errand<'_>) -> Result<First, TurnError> {
        Ok(errand.first(self.unfinished().await?))
    }

    /// The deployment that the lease named when it was taken, if its journal is not finished.
    async fn unfinished(&self) -> Result<Option<Unfinished>, TurnError> {
        let Some(found) = self.lease.found() else {
            return Ok(None);
        };
        let mut tries = TRIES;
        let records = loop {
            tries -= 1;
            match journal::read(self.opened.store, found).await {
                // Its holder never wrote to it: its place is taken, so that he never will. Unless he does just now.
                Err(JournalError::Missing(_)) => match self.abandon(found).await {
                    Err(failure) if failure.kind == FailureKind::Conflict && self.again(tries) => {}
                    abandoned => {
                        abandoned.map_err(JournalError::Port)?;
                        self.left.set(Left::Nothing);
                        return Ok(None);
                    }
                },
                records => break records?,
            }
        };
        if folded(&records)?.is_over() {
            self.left.set(Left::Nothing);
            return Ok(None);
        }
        let plan = plan_of(records).ok_or_else(|| JournalError::Missing(found.clone()))?;
        Ok(Some(Unfinished {
            deployment: found.clone(),
            takeover: plan.policy.takeover,
        }))
    }

    /// Notes in the journal of the unfinished deployment, if there is one, that its lease was taken away. Its former holder
    /// cannot write to it from then on. It was held for `named`.
    ///
    /// # Errors
    /// When its journal cannot be used.
    pub async fn unlocked(
        &self,
        named: &DeploymentId,
        reason: Option<&str>,
    ) -> Result<Option<DeploymentId>, TurnError> {
        let unfinished = match self.first(Errand::Unlock(named)).await? {
            First::Note(unfinished) => unfinished,
            First::Nothing | First::GoOn { .. } | First::GoOnWithStuck | First::Refuse(_) => {
                return Ok(None);
            }
        };
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let store = self.opened.store.clone();
            let (journal, records) =
                StoreJournal::open(store, self.lease.fence(), &unfinished).await?;
            let record = Record {
                sequence: folded(&records)?.next_sequence(),
                at: self.opened.clock.now(),
                deployment: unfinished.clone(),
                event: Event::Unlocked {
                    operator: self.operator.clone(),
                    reason: reason.map(str::to_owned),
                },
            };
            match self.lease.journal(journal).append(&record).await {
                Err(failure) if failure.kind == FailureKind::Conflict && self.again(tries) => {}
                appended => {
                    appended.map_err(JournalError::Port)?;
                    return Ok(Some(unfinished));
                }
            }
        }
    }

    /// Whether a journal that somebody else wrote to may be opened again: the lease is still ours.
    pub(super) fn again(&self, tries: u32) -> bool {
        tries > 0 && self.lease.lost().is_none()
    }

    /// The plan of a deployment, and how far it has come.
    pub(super) async fn begun(
        &self,
        deployment: &DeploymentId,
    ) -> Result<(Plan, Progress), TurnError> {
        let records = journal::read(self.opened.store, deployment).await?;
        let progress = folded(&records)?;
        // A journal that was abandoned before it began has no plan.
        let plan = plan_of(records).ok_or_else(|| JournalError::Missing(deployment.clone()))?;
        Ok((plan, progress))
    }

    async fn abandon(&self, deployment: &DeploymentId) -> Result<(), PortFailure> {
        let store = self.opened.store.clone();
        let created = StoreJournal::create(store, self.lease.fence(), deployment).await;
        let journal = created.map_err(|error| match error {
            JournalError::Port(failure) => failure,
            other => PortFailure {
                kind: FailureKind::Conflict,
                effect: Effect::None,
                operation: "journal.create".to_owned(),
                message: other.to_string(),
            },
        })?;
        let record = Record {
            sequence: 0,
            at: self.opened.clock.now(),
            deployment: deployment.clone(),
            event: Event::Abandoned {
                operator: self.operator.clone(),
            },
        };
        self.lease.journal(journal).append(&record).await
    }
}

/// The plan that a journal begins with.
pub(super) fn plan_of(records: Vec<Record>) -> Option<Plan> {
    records.into_iter().find_map(|record| match record.event {
        Event::Started { plan, .. } => Some(*plan),
        _ => None,
    })
}
