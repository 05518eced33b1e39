//! Taking a turn and giving it back: whatever comes of the work in between.

use std::cell::Cell;
use std::time::Duration;

use backstay_domain::DeploymentId;
use backstay_domain::engine::{Halted, Ports};
use backstay_domain::journal::Outcome;
use backstay_domain::lease::{Held, Holder, Left, Manner};
use backstay_domain::operator::Operator;
use backstay_domain::ports::{Clock, Cloud, Journal, Report};

use super::error::TurnError;
use super::opened::{Opened, Signals};
use crate::state::AnyStore;
use crate::state::Store;
use crate::state::lease::{HeldLease, LeaseKeeper};
use crate::state::ledger::StoreLedger;

/// How long giving the lease back may take when the process is asked to leave at once.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Whether to wait until a lease has expired.
pub enum Patience<'t> {
    /// No.
    None,
    /// Once; this is told who has it.
    UntilExpired(&'t dyn Fn(&Held)),
}

/// What a turn is taken for.
pub struct Aim<'t> {
    /// The deployment it is about, for whoever is kept away meanwhile.
    pub deployment: DeploymentId,
    /// In a few words.
    pub doing: String,
    /// Whether a holder is respected.
    pub manner: Manner,
    /// Whether a lease that may be a dead holder's is waited for.
    pub patience: Patience<'t>,
    /// Who takes it.
    pub operator: Operator,
}

/// A turn at an environment.
#[derive(Debug)]
pub struct Turn<'t, C, K, I, S = AnyStore> {
    pub(super) opened: Opened<'t, C, K, S>,
    pub(super) signals: &'t I,
    pub(super) operator: Operator,
    pub(super) lease: HeldLease<S>,
    /// Whether the journal that the lease names still has to be resumed.
    pub(super) left: Cell<Left>,
}

/// Takes a turn, does `work` in it, and gives it back whatever comes of that.
///
/// # Errors
/// When somebody else has the lease, the store refuses, or what `work` fails with.
pub async fn take<C: Cloud, K: Clock, I: Signals, S: Store + Clone, T, E: From<TurnError>>(
    opened: Opened<'_, C, K, S>,
    signals: &I,
    aim: Aim<'_>,
    work: impl AsyncFnOnce(&Turn<'_, C, K, I, S>) -> Result<T, E>,
) -> Result<T, E> {
    let holder = Holder {
        operator: aim.operator.clone(),
        since: opened.clock.now(),
        deployment: aim.deployment,
        doing: aim.doing,
    };
    let keeper = LeaseKeeper::new(opened.store.clone());
    let taken = match aim.patience {
        Patience::None => keeper.acquire(holder, aim.manner).await,
        Patience::UntilExpired(notice) => keeper.acquire_when_expired(holder, notice).await,
    };
    let lease = taken.map_err(TurnError::Lease)?;
    let left = match lease.found() {
        Some(_) => Left::Unfinished,
        None => Left::Nothing,
    };
    let turn = Turn {
        opened,
        signals,
        operator: aim.operator,
        lease,
        left: Cell::new(left),
    };
    let done = tokio::select! {
        biased;
        done = turn.lease.while_alive(work(&turn)) => done,
        signal = signals.second() => Err(E::from(match signal {
            Ok(signal) => TurnError::Left(signal),
            Err(error) => TurnError::Signals(error),
        })),
    };
    // One that cannot be given back, or was taken from us, is nobody's business any more: it expires by itself.
    let _ = tokio::time::timeout(LEAVE_WITHIN, turn.lease.release(turn.left.get())).await;
    done
}

impl<'t, C: Cloud, K: Clock, I: Signals, S: Store + Clone> Turn<'t, C, K, I, S> {
    /// The environment.
    #[must_use]
    pub fn opened(&self) -> Opened<'t, C, K, S> {
        self.opened
    }

    pub(super) fn ports<'p, J: Journal, R: Report>(
        &'p self,
        journal: &'p J,
        ledger: &'p StoreLedger<S>,
        report: &'p R,
    ) -> Ports<'p, C, J, StoreLedger<S>, K, R, I> {
        Ports {
            cloud: self.opened.cloud,
            journal,
            ledger,
            clock: self.opened.clock,
            report,
            interrupts: self.signals,
        }
    }

    /// What is left behind is decided by how it ended.
    pub(super) fn ended(&self, ended: Result<Outcome, Halted>) -> Result<Outcome, TurnError> {
        if ended.is_ok() {
            self.left.set(Left::Nothing);
        }
        Ok(ended?)
    }
}
