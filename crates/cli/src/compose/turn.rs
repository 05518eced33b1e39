//! One process's turn at an environment: it takes the lease, deals with the deployment it finds there, carries out its own,
//! and says what it leaves behind. No two turns of an environment happen at once.

use std::cell::Cell;
use std::time::Duration;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::journal::{self, JournalError, StoreJournal};
use backstay_adapters::state::lease::{HeldLease, LeaseKeeper};
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::DeploymentId;
use backstay_domain::app::{Resume, Takeover};
use backstay_domain::decide::Away;
use backstay_domain::engine::{self, Begun, Halted, Ports, Resumption};
use backstay_domain::journal::{Cause, Event, Outcome, Record};
use backstay_domain::lease::{Held, Holder, Left, Manner};
use backstay_domain::operator::Operator;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{
    Caller, Clock, Cloud, Effect, FailureKind, Interrupts, Journal, PortFailure, Report,
};
use backstay_domain::progress::Progress;

use super::signals::Signals;
use crate::failure::Failure;

/// How long giving the lease back may take when the process is asked to leave at once.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Whether to wait until a lease has expired.
pub enum Patience<'t> {
    /// No.
    None,
    /// Once; this is told who has it.
    UntilExpired(&'t dyn Fn(&Held)),
}

/// How often a journal is opened again to which a former holder that still lives has written meanwhile.
const TRIES: u32 = 50;

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
pub struct Turn<'t, C, K> {
    cloud: &'t C,
    clock: &'t K,
    store: &'t AnyStore,
    signals: &'t Signals,
    operator: Operator,
    lease: HeldLease,
    /// Whether the journal that the lease names still has to be resumed.
    left: Cell<Left>,
}

/// What came of an unfinished deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumed {
    /// Its plan.
    pub plan: Plan,
    /// How it ended now.
    pub outcome: Outcome,
}

/// Who goes on with a deployment, and where it goes.
#[derive(Clone, Debug)]
pub struct Further {
    /// As the cloud sees him.
    pub by: Option<Caller>,
    /// Where it goes; what the environment's policy says when nobody said.
    pub direction: Option<Resume>,
    /// Why he wants it back, if he does.
    pub reason: Option<String>,
    /// Also what was stuck: a human says that nothing is in its way any more.
    pub stuck: Stuck,
}

/// Whether a deployment that is stuck is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It stays as it is.
    Stays,
    /// It is.
    Again,
}

/// Takes a turn, does `work` in it, and gives it back whatever comes of that.
///
/// # Errors
/// When somebody else has the lease, the store refuses, or what `work` fails with.
pub async fn turn<C: Cloud, K: Clock, T>(
    (cloud, clock, store): (&C, &K, &AnyStore),
    signals: &Signals,
    aim: Aim<'_>,
    work: impl AsyncFnOnce(&Turn<'_, C, K>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let holder = Holder {
        operator: aim.operator.clone(),
        since: clock.now(),
        deployment: aim.deployment,
        doing: aim.doing,
    };
    let keeper = LeaseKeeper::new(store.clone());
    let lease = match aim.patience {
        Patience::None => keeper.acquire(holder, aim.manner).await?,
        Patience::UntilExpired(notice) => keeper.acquire_when_expired(holder, notice).await?,
    };
    let left = match lease.found() {
        Some(_) => Left::Unfinished,
        None => Left::Nothing,
    };
    let turn = Turn {
        cloud,
        clock,
        store,
        signals,
        operator: aim.operator,
        lease,
        left: Cell::new(left),
    };
    let done = tokio::select! {
        biased;
        done = turn.lease.while_alive(work(&turn)) => done,
        signal = signals.second() => Err(signal.map_or_else(|failure| failure, Failure::Left)),
    };
    // One that cannot be given back, or was taken from us, is nobody's business any more: it expires by itself.
    let _ = tokio::time::timeout(LEAVE_WITHIN, turn.lease.release(turn.left.get())).await;
    done
}

impl<C: Cloud, K: Clock> Turn<'_, C, K> {
    /// The deployment that the lease named when it was taken, if its journal is not finished.
    ///
    /// # Errors
    /// When its journal cannot be read.
    pub async fn unfinished(&self) -> Result<Option<DeploymentId>, Failure> {
        let Some(found) = self.lease.found() else {
            return Ok(None);
        };
        let over = match journal::read(self.store, found).await {
            // Its holder never wrote to it: its place is taken, so that he never will. Unless he does just now.
            Err(JournalError::Missing(_)) => match self.abandon(found).await {
                Err(failure) if failure.kind == FailureKind::Conflict => false,
                abandoned => {
                    abandoned.map_err(JournalError::Port)?;
                    true
                }
            },
            Err(error) => return Err(error.into()),
            Ok(records) => folded(&records)?.is_over(),
        };
        if over {
            self.left.set(Left::Nothing);
        }
        Ok((!over).then(|| found.clone()))
    }

    /// What the environment's policy does with an unfinished deployment that a new one finds: bring it to its end, or
    /// refuse. Nothing when there is none.
    ///
    /// # Errors
    /// When the policy refuses, or it cannot be resumed.
    pub async fn settle<R: Report>(
        &self,
        further: Further,
        report: impl FnOnce(&Plan, &DeploymentId) -> R,
    ) -> Result<Option<Resumed>, Failure> {
        let Some(found) = self.unfinished().await? else {
            return Ok(None);
        };
        let (plan, _) = self.opened(&found).await?;
        match plan.policy.takeover {
            Takeover::Refuse => Err(Failure::Unfinished(found)),
            Takeover::Resume => {
                self.resume(&found, further, |plan| report(plan, &found))
                    .await
            }
        }
    }

    /// Notes in the journal of the unfinished deployment, if there is one, that its lease was taken away. Its former holder
    /// cannot write to it from then on.
    ///
    /// # Errors
    /// When its journal cannot be used.
    pub async fn unlocked(&self, reason: Option<&str>) -> Result<Option<DeploymentId>, Failure> {
        let Some(unfinished) = self.unfinished().await? else {
            return Ok(None);
        };
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let (journal, records) =
                StoreJournal::open(self.store.clone(), self.lease.fence(), &unfinished).await?;
            let record = Record {
                sequence: folded(&records)?.next_sequence(),
                at: self.clock.now(),
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

    /// Brings a deployment to its end. Nothing when it has ended already.
    ///
    /// # Errors
    /// When its journal cannot be used.
    pub async fn resume<R: Report>(
        &self,
        deployment: &DeploymentId,
        further: Further,
        report: impl FnOnce(&Plan) -> R,
    ) -> Result<Option<Resumed>, Failure> {
        self.somebody_answers().await?;
        let (plan, progress) = self.opened(deployment).await?;
        let stuck = progress.outcome().is_some_and(is_stuck);
        if progress.is_over() && !(stuck && further.stuck == Stuck::Again) {
            return Ok(None);
        }
        self.lease.begin(deployment).await?;
        self.left.set(Left::Unfinished);
        let report = report(&plan);
        let mut tries = TRIES;
        let ended = loop {
            tries -= 1;
            match self.taken_up(&plan, &further, &report).await? {
                // Its former holder wrote once more before we did.
                Err(Halted::Lost(_)) if self.again(tries) => {}
                ended => break ended,
            }
        };
        let outcome = self.ended(ended)?;
        Ok(Some(Resumed { plan, outcome }))
    }

    /// Who has nobody to talk to learns it now, and not after minutes of looking again.
    async fn somebody_answers(&self) -> Result<(), Failure> {
        match self.cloud.caller().await.as_ref().map_err(Away::of) {
            Err(Some(away)) => Err(Failure::Halted(Halted::Away(away))),
            Ok(_) | Err(None) => Ok(()),
        }
    }

    async fn taken_up<R: Report>(
        &self,
        plan: &Plan,
        further: &Further,
        report: &R,
    ) -> Result<Result<Outcome, Halted>, Failure> {
        let fence = self.lease.fence();
        let (journal, records) =
            StoreJournal::open(self.store.clone(), fence, &plan.deployment).await?;
        let progress = folded(&records)?;
        match progress.outcome() {
            // It has ended while it was taken over.
            Some(outcome) if further.stuck == Stuck::Stays || !is_stuck(outcome) => {
                return Ok(Ok(outcome.clone()));
            }
            Some(_) | None => {}
        }
        let resumption = Resumption {
            begun: Begun {
                by: further.by.clone(),
                operator: self.operator.clone(),
                ..Begun::default()
            },
            fence,
            back: match further.direction.unwrap_or(plan.policy.resume) {
                Resume::Forward => None,
                Resume::Back => Some(Cause::Asked {
                    by: self.operator.clone(),
                    reason: further.reason.clone(),
                }),
            },
        };
        let (journal, ledger) = (self.lease.journal(journal), self.ledger());
        let ports = self.ports(&journal, &ledger, report);
        Ok(engine::resume(&ports, plan, progress, resumption).await)
    }

    /// Whether a journal that somebody else wrote to may be opened again: the lease is still ours.
    fn again(&self, tries: u32) -> bool {
        tries > 0 && self.lease.lost().is_none()
    }

    /// Carries a plan out.
    ///
    /// # Errors
    /// When the journal cannot be begun or written, or the lease is lost.
    pub async fn deploy<R: Report>(
        &self,
        plan: &Plan,
        begun: Begun,
        report: &R,
    ) -> Result<Outcome, Failure> {
        if let Some(signal) = self.signals.pending() {
            return Err(Failure::Left(signal));
        }
        self.lease.begin(&plan.deployment).await?;
        self.left.set(Left::Unfinished);
        let journal =
            StoreJournal::create(self.store.clone(), self.lease.fence(), &plan.deployment).await?;
        let (journal, ledger) = (self.lease.journal(journal), self.ledger());
        let ports = self.ports(&journal, &ledger, report);
        let ended = engine::deploy(&ports, plan, begun).await;
        self.ended(ended)
    }

    /// Proven releases.
    #[must_use]
    pub fn ledger(&self) -> StoreLedger {
        StoreLedger::new(self.store.clone())
    }

    fn ports<'p, J: Journal, R: Report>(
        &'p self,
        journal: &'p J,
        ledger: &'p StoreLedger,
        report: &'p R,
    ) -> Ports<'p, C, J, StoreLedger, K, R, Signals> {
        Ports {
            cloud: self.cloud,
            journal,
            ledger,
            clock: self.clock,
            report,
            interrupts: self.signals,
        }
    }

    fn ended(&self, ended: Result<Outcome, Halted>) -> Result<Outcome, Failure> {
        if ended.is_ok() {
            self.left.set(Left::Nothing);
        }
        Ok(ended?)
    }

    async fn opened(&self, deployment: &DeploymentId) -> Result<(Plan, Progress), Failure> {
        let records = journal::read(self.store, deployment).await?;
        let progress = folded(&records)?;
        let plan = records.into_iter().find_map(|record| match record.event {
            Event::Started { plan, .. } => Some(*plan),
            _ => None,
        });
        // A journal that was abandoned before it began has no plan.
        let plan = plan.ok_or_else(|| JournalError::Missing(deployment.clone()))?;
        Ok((plan, progress))
    }

    async fn abandon(&self, deployment: &DeploymentId) -> Result<(), PortFailure> {
        let created =
            StoreJournal::create(self.store.clone(), self.lease.fence(), deployment).await;
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
            at: self.clock.now(),
            deployment: deployment.clone(),
            event: Event::Abandoned {
                operator: self.operator.clone(),
            },
        };
        self.lease.journal(journal).append(&record).await
    }
}

fn is_stuck(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stuck { .. })
}

/// What a journal says.
///
/// # Errors
/// When it contradicts itself.
pub fn folded(records: &[Record]) -> Result<Progress, Failure> {
    let fold = |progress: Progress, record| progress.apply(record);
    let progress = records.iter().try_fold(Progress::default(), fold);
    progress.map_err(|error| Failure::Halted(Halted::Illegal(error)))
}
