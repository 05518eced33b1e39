//! Observe, decide, record the intent, perform, record the result. Short: every choice is made in `decide`.

mod home;
mod perform;
mod preflight;
mod prepare;
mod silent;
mod survey;

use std::pin::pin;

use futures_util::StreamExt;
use futures_util::future::select;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;

pub use home::goes_back_to;
pub use perform::perform;
#[cfg(test)]
pub(crate) use preflight::preflight;
pub use prepare::{Asked, Facts, Goal, Ours, Prepared, Then, Unprepared, prepare};
pub use survey::survey;

use crate::app::OnInterrupt;
use crate::decide::{Away, Decision, decide};
use crate::journal::{Act, Event, Outcome, Record};
use crate::journal::{Cause, Finding};
use crate::observe::observe;
use crate::operator::{Operator, Why};
use crate::plan::Plan;
use crate::ports::{
    Caller, Clock, Cloud, FailureKind, Interrupts, Journal, Ledger, PortFailure, Report,
};
use crate::progress::{IllegalEvent, Progress, after};
use crate::schema::{SchemaEntry, noted};
use crate::watch::watch;

/// Everything outside that a deployment needs.
#[derive(Clone, Copy, Debug)]
pub struct Ports<'a, C, J, L, K, R, I> {
    /// The cloud.
    pub cloud: &'a C,
    /// The write-ahead log.
    pub journal: &'a J,
    /// Proven releases.
    pub ledger: &'a L,
    /// Time.
    pub clock: &'a K,
    /// Views.
    pub report: &'a R,
    /// Whoever may ask it to stop.
    pub interrupts: &'a I,
}

/// Why a deployment stopped without an outcome. What was begun is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halted {
    /// The journal cannot be written.
    #[error("the journal cannot be written")]
    Journal(#[source] PortFailure),
    /// Somebody else has taken the deployment over; nothing was done since.
    #[error("the right to change the environment was lost")]
    Lost(#[source] PortFailure),
    /// The schema record cannot be written: nothing that changes the schema was begun since.
    #[error("the schema record cannot be written")]
    Schema(#[source] PortFailure),
    /// A signal stopped it, and the policy leaves the rest to `resume`.
    #[error("interrupted by {0}; what was in flight is finished and recorded")]
    Interrupted(String),
    /// The process has trouble of its own: nothing is said of the release.
    #[error("this process cannot go on; nothing was decided about the release")]
    Away(#[source] Away),
    /// The journal contradicts itself.
    #[error("the journal contradicts itself")]
    Illegal(#[source] IllegalEvent),
}

/// Who begins or resumes a deployment, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// As the cloud sees it.
    pub by: Option<Caller>,
    /// As people know it.
    pub operator: Operator,
    /// Why.
    pub why: Why,
}

/// Carries a plan out to its outcome.
///
/// # Errors
/// When the journal cannot be written, or contradicts itself.
pub async fn deploy<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report, I: Interrupts>(
    ports: &Ports<'_, C, J, L, K, R, I>,
    plan: &Plan,
    begun: Begun,
) -> Result<Outcome, Halted> {
    let progress = Progress::default();
    let Begun { by, operator, why } = begun;
    let started = Event::Started {
        plan: Box::new(plan.clone()),
        by,
        operator,
        why,
    };
    let progress = ports.record(plan, progress, started).await?;
    ports.run(plan, progress).await
}

/// Goes on with a deployment that another process left, or that was stuck.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumption {
    /// Who goes on.
    pub begun: Begun,
    /// The fence of the lease under which he does.
    pub fence: u64,
    /// Turn back because of this, unless it has turned back already.
    pub back: Option<Cause>,
}

/// Takes a deployment up where its journal ends, and carries it to its outcome.
///
/// # Errors
/// When the journal cannot be written, or contradicts itself.
pub async fn resume<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report, I: Interrupts>(
    ports: &Ports<'_, C, J, L, K, R, I>,
    plan: &Plan,
    progress: Progress,
    resumption: Resumption,
) -> Result<Outcome, Halted> {
    let resumed = Event::Resumed {
        by: resumption.begun.by,
        operator: resumption.begun.operator,
        fence: resumption.fence,
    };
    let mut progress = ports.record(plan, progress, resumed).await?;
    if let Some(cause) = resumption.back {
        progress = ports.turn_back(plan, progress, cause).await?;
    }
    ports.run(plan, progress).await
}

impl<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report, I: Interrupts>
    Ports<'_, C, J, L, K, R, I>
{
    /// Goes on from what the journal says, live or resumed, to the outcome.
    ///
    /// # Errors
    /// When the journal cannot be written, or contradicts itself.
    async fn run(&self, plan: &Plan, mut progress: Progress) -> Result<Outcome, Halted> {
        let mut pause = Pause::default();
        let mut heard = false;
        let mut noted = Noted::default();
        loop {
            if let Some(signal) = self.interrupts.pending().filter(|_| !heard) {
                heard = true;
                progress = self.interrupted(plan, progress, signal).await?;
            }
            let seen = observe(
                self.cloud,
                self.clock,
                &watch(plan, &progress, self.clock.now()),
            )
            .await;
            self.report.observed(&seen);
            // Findings need no new look; anything else does.
            progress = loop {
                self.note(plan, &progress, &mut noted).await?;
                match decide(plan, &progress, &seen, self.clock.now()) {
                    Decision::Find(findings) => {
                        pause = Pause::default();
                        for finding in findings {
                            progress = self
                                .record(plan, progress, Event::Found { finding })
                                .await?;
                        }
                    }
                    Decision::Act(acts) => {
                        pause = Pause::default();
                        break self.perform_all(plan, progress, acts, &mut noted).await?;
                    }
                    Decision::Wait(until, reason) => {
                        if progress.waiting() != Some(&reason) && until > self.clock.now() {
                            progress = self
                                .record(plan, progress, Event::Waiting { reason })
                                .await?;
                        }
                        let until = pause.at_least(until, self.clock.now(), plan);
                        self.sleep(until, heard).await;
                        break progress;
                    }
                    Decision::Finish(outcome) => {
                        let event = Event::Finished {
                            outcome: Outcome::clone(&outcome),
                        };
                        self.record(plan, progress, event).await?;
                        return Ok(*outcome);
                    }
                    Decision::Leave(away) => return Err(Halted::Away(away)),
                }
            };
        }
    }

    /// Waits; a signal that was not heard yet ends the wait.
    async fn sleep(&self, until: Timestamp, heard: bool) {
        let slept = pin!(self.clock.sleep_until(until));
        if heard {
            return slept.await;
        }
        let woken = pin!(self.interrupts.wait());
        select(slept, woken).await;
    }

    /// The first signal: back, or leave the rest to `resume`, as the policy says. A release that is recorded stays.
    async fn interrupted(
        &self,
        plan: &Plan,
        progress: Progress,
        signal: String,
    ) -> Result<Progress, Halted> {
        let then = plan.policy.on_interrupt;
        let event = Event::Interrupted {
            signal: signal.clone(),
            then,
        };
        let progress = self.record(plan, progress, event).await?;
        match then {
            OnInterrupt::Leave => Err(Halted::Interrupted(signal)),
            OnInterrupt::RollBack => {
                self.turn_back(plan, progress, Cause::Interrupted { signal })
                    .await
            }
        }
    }

    async fn turn_back(
        &self,
        plan: &Plan,
        progress: Progress,
        cause: Cause,
    ) -> Result<Progress, Halted> {
        if progress.turned_back().is_some() || progress.may_have_done(&Act::RecordRelease) {
            return Ok(progress);
        }
        let finding = Finding::TurnedBack { cause };
        self.record(plan, progress, Event::Found { finding }).await
    }

    /// Intent before effect, for each; then all at once; then each result as it comes.
    async fn perform_all(
        &self,
        plan: &Plan,
        mut progress: Progress,
        acts: Vec<Act>,
        noted: &mut Noted,
    ) -> Result<Progress, Halted> {
        for act in &acts {
            progress = self
                .record(plan, progress, Event::Intended { act: act.clone() })
                .await?;
        }
        self.note(plan, &progress, noted).await?;
        let known = progress.clone();
        let mut running: FuturesUnordered<_> = acts
            .into_iter()
            .map(|act| async {
                let result = perform(self, plan, &known, &act).await;
                (act, result)
            })
            .collect();
        while let Some((act, result)) = running.next().await {
            let event = match result {
                Ok(gave) => Event::Done { act, gave },
                Err(failure) => Event::Failed { act, failure },
            };
            progress = self.record(plan, progress, event).await?;
        }
        Ok(progress)
    }

    /// Keeps the schema record where the journal is: what may change the schema is in both before it is begun.
    async fn note(
        &self,
        plan: &Plan,
        progress: &Progress,
        known: &mut Noted,
    ) -> Result<(), Halted> {
        let upto = Some(progress.next_sequence());
        if known.upto == upto {
            return Ok(());
        }
        let entries = noted(plan, progress);
        for entry in entries.iter().filter(|it| !known.entries.contains(it)) {
            self.ledger.note(entry).await.map_err(Halted::Schema)?;
        }
        *known = Noted { upto, entries };
        Ok(())
    }

    async fn record(
        &self,
        plan: &Plan,
        progress: Progress,
        event: Event,
    ) -> Result<Progress, Halted> {
        let record = Record {
            sequence: progress.next_sequence(),
            at: self.clock.now(),
            deployment: plan.deployment.clone(),
            event,
        };
        self.journal
            .append(&record)
            .await
            .map_err(|failure| match failure.kind {
                FailureKind::Conflict => Halted::Lost(failure),
                FailureKind::Throttled
                | FailureKind::Denied
                | FailureKind::Unauthenticated
                | FailureKind::NotFound
                | FailureKind::Unavailable
                | FailureKind::Rejected => Halted::Journal(failure),
            })?;
        let progress = progress.apply(&record).map_err(Halted::Illegal)?;
        self.report.recorded(&record);
        Ok(progress)
    }
}

/// What the schema record was told, and how far the journal was then: entries are made of the journal.
#[derive(Debug, Default)]
struct Noted {
    upto: Option<u64>,
    entries: Vec<SchemaEntry>,
}

/// A decision may ask for a second look at once, but never for a third: then the polling interval holds.
#[derive(Clone, Copy, Debug, Default)]
struct Pause {
    immediate: u32,
}

impl Pause {
    fn at_least(&mut self, until: Timestamp, now: Timestamp, plan: &Plan) -> Timestamp {
        if until > now {
            self.immediate = 0;
            return until;
        }
        self.immediate += 1;
        if self.immediate > 2 {
            after(now, plan.policy.poll)
        } else {
            until
        }
    }
}
