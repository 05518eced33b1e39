//! Observe, decide, record the intent, perform, record the result. Short: every choice is made in `decide`.

mod perform;
mod survey;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;

pub use survey::{Unassembled, assemble, survey};

use crate::decide::{Decision, decide};
use crate::journal::{Act, Event, Outcome, Record};
use crate::observe::observe;
use crate::plan::Plan;
use crate::ports::{Caller, Clock, Cloud, Journal, Ledger, PortFailure, Report};
use crate::progress::{IllegalEvent, Progress, after};
use crate::watch::watch;

/// Everything outside that a deployment needs.
#[derive(Clone, Copy, Debug)]
pub struct Ports<'a, C, J, L, K, R> {
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
}

/// Why a deployment stopped without an outcome. What was begun is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halted {
    /// The journal cannot be written.
    #[error("the journal cannot be written")]
    Journal(#[source] PortFailure),
    /// The journal contradicts itself.
    #[error("the journal contradicts itself")]
    Illegal(#[source] IllegalEvent),
}

/// Carries a plan out to its outcome.
///
/// # Errors
/// When the journal cannot be written, or contradicts itself.
pub async fn deploy<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report>(
    ports: &Ports<'_, C, J, L, K, R>,
    plan: &Plan,
    by: Option<Caller>,
) -> Result<Outcome, Halted> {
    let progress = Progress::default();
    let started = Event::Started {
        plan: Box::new(plan.clone()),
        by,
    };
    let progress = ports.record(plan, progress, started).await?;
    ports.run(plan, progress).await
}

impl<C: Cloud, J: Journal, L: Ledger, K: Clock, R: Report> Ports<'_, C, J, L, K, R> {
    /// Goes on from what the journal says, live or resumed, to the outcome.
    ///
    /// # Errors
    /// When the journal cannot be written, or contradicts itself.
    pub async fn run(&self, plan: &Plan, mut progress: Progress) -> Result<Outcome, Halted> {
        let mut pause = Pause::default();
        loop {
            let seen = observe(
                self.cloud,
                self.clock,
                &watch(plan, &progress, self.clock.now()),
            )
            .await;
            self.report.observed(&seen);
            // Findings need no new look; anything else does.
            progress = loop {
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
                        break self.perform_all(plan, progress, acts).await?;
                    }
                    Decision::Wait(until, reason) => {
                        if progress.waiting() != Some(&reason) && until > self.clock.now() {
                            progress = self
                                .record(plan, progress, Event::Waiting { reason })
                                .await?;
                        }
                        self.clock
                            .sleep_until(pause.at_least(until, self.clock.now(), plan))
                            .await;
                        break progress;
                    }
                    Decision::Finish(outcome) => {
                        let event = Event::Finished {
                            outcome: outcome.clone(),
                        };
                        self.record(plan, progress, event).await?;
                        return Ok(outcome);
                    }
                }
            };
        }
    }

    /// Intent before effect, for each; then all at once; then each result as it comes.
    async fn perform_all(
        &self,
        plan: &Plan,
        mut progress: Progress,
        acts: Vec<Act>,
    ) -> Result<Progress, Halted> {
        for act in &acts {
            progress = self
                .record(plan, progress, Event::Intended { act: act.clone() })
                .await?;
        }
        let known = progress.clone();
        let mut running: FuturesUnordered<_> = acts
            .into_iter()
            .map(|act| async {
                let result = perform::perform(self, plan, &known, &act).await;
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
            .map_err(Halted::Journal)?;
        let progress = progress.apply(&record).map_err(Halted::Illegal)?;
        self.report.recorded(&record);
        Ok(progress)
    }
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
