//! Going on with a deployment that another process left, or that was stuck: forward or back, as its policy or a person says.

use backstay_domain::DeploymentId;
use backstay_domain::app::Resume;
use backstay_domain::decide::Away;
use backstay_domain::engine::{self, Begun, Halted, Resumption};
use backstay_domain::journal::{Cause, Outcome};
use backstay_domain::lease::Left;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Caller, Clock, Cloud, Report};
use backstay_domain::turn::{Errand, First, Stuck};

use super::error::{TurnError, folded};
use super::opened::Signals;
use super::take::Turn;
use super::unfinished::TRIES;
use crate::state::Store;
use crate::state::journal::StoreJournal;

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

impl<C: Cloud, K: Clock, I: Signals, S: Store + Clone> Turn<'_, C, K, I, S> {
    /// What the environment's policy does with an unfinished deployment that a new one finds: bring it to its end, or
    /// refuse. Nothing when there is none.
    ///
    /// # Errors
    /// When the policy refuses, or it cannot be resumed.
    pub async fn settle<R: Report>(
        &self,
        further: Further,
        report: impl FnOnce(&Plan) -> R,
    ) -> Result<Option<Resumed>, TurnError> {
        match self.first(Errand::Deploy).await? {
            First::Nothing | First::GoOnWithStuck | First::Note(_) => Ok(None),
            First::Refuse(found) => Err(TurnError::Unfinished(found)),
            First::GoOn {
                deployment,
                direction,
                stuck,
            } => {
                let further = Further {
                    direction: further.direction.or(direction),
                    stuck,
                    ..further
                };
                self.resume(&deployment, further, report).await
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
    ) -> Result<Option<Resumed>, TurnError> {
        self.somebody_answers().await?;
        let (plan, progress) = self.begun(deployment).await?;
        if further.stuck.settled(&progress) {
            // It may have ended since it was found: then nothing is left behind.
            if self.lease.found() == Some(deployment) {
                self.left.set(Left::Nothing);
            }
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
    async fn somebody_answers(&self) -> Result<(), TurnError> {
        match self.opened.cloud.caller().await.as_ref().map_err(Away::of) {
            Err(Some(away)) => Err(TurnError::Halted(Halted::Away(away))),
            Ok(_) | Err(None) => Ok(()),
        }
    }

    async fn taken_up<R: Report>(
        &self,
        plan: &Plan,
        further: &Further,
        report: &R,
    ) -> Result<Result<Outcome, Halted>, TurnError> {
        let fence = self.lease.fence();
        let store = self.opened.store.clone();
        let (journal, records) = StoreJournal::open(store, fence, &plan.deployment).await?;
        let progress = folded(&records)?;
        // It has ended while it was taken over.
        if let Some(outcome) = progress.outcome()
            && further.stuck.settled(&progress)
        {
            return Ok(Ok(outcome.clone()));
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
        let (journal, ledger) = (self.lease.journal(journal), self.opened.ledger());
        let ports = self.ports(&journal, &ledger, report);
        Ok(engine::resume(&ports, plan, progress, resumption).await)
    }
}
