//! How far a deployment has come: a fold over its journal, live or resumed.

mod facts;
mod hashed;
mod held;
mod resumed;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use held::HeldFor;
pub use standing::{ActState, Standing};

use crate::anchor::Anchored;
use crate::journal::{Act, Cause, Event, Finding, Gave, Job, Obstacle, Outcome, Record, Side};
use crate::observation::{JobState, Reading};
use crate::ports::{Effect, FailureKind, PortFailure};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Witness};
use crate::{DefinitionRef, DeploymentId, FrontendName, JobName, RolloutHandle, ServiceName};

/// Everything that the journal says so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    deployment: Option<DeploymentId>,
    started_at: Option<Timestamp>,
    moved_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    next_sequence: u64,
    acts: BTreeMap<Act, ActState>,
    adopted: BTreeMap<(ServiceName, Side), (RolloutHandle, Timestamp)>,
    ended: BTreeMap<(ServiceName, Side), Timestamp>,
    anchored: Option<Anchored>,
    anchors_stay: bool,
    serving: BTreeMap<(ServiceName, Side), Timestamp>,
    held: BTreeMap<ServiceName, HeldFor>,
    jobs: BTreeMap<Job, JobEnd>,
    jobs_intended: BTreeMap<Job, Timestamp>,
    anchor_intended: Option<Timestamp>,
    checks: BTreeMap<String, CheckState>,
    checks_passed: bool,
    invalidated: BTreeMap<(FrontendName, Side), Timestamp>,
    proven: BTreeSet<(Side, Component)>,
    proofs: BTreeMap<(Side, Component), Proof>,
    retired: BTreeSet<ServiceName>,
    bake_began: Option<Timestamp>,
    bake_ended: bool,
    turned_back: Option<(Cause, Timestamp)>,
    cannot_return: BTreeMap<ServiceName, String>,
    left_alone: BTreeMap<ServiceName, DefinitionRef>,
    frontends_stay: BTreeMap<FrontendName, Obstacle>,
    schedules_stay: BTreeMap<JobName, Obstacle>,
    undone: Option<Timestamp>,
    unproven: BTreeMap<Component, Witness>,
    waiting: Option<Reason>,
    away_since: Option<Timestamp>,
    outcome: Option<Outcome>,
    abandoned: bool,
}

/// How a one-off task ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobEnd {
    /// How.
    pub state: JobState,
    /// Its log's last lines.
    pub log: Vec<String>,
    /// The revision that it reported.
    pub reading: Option<Reading>,
}

/// Failed attempts of a check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CheckState {
    /// How many.
    pub failures: u32,
    /// The last one.
    pub at: Timestamp,
    /// What it saw.
    pub seen: String,
}

/// An event that cannot follow what the journal says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence} cannot follow: {why}")]
pub struct IllegalEvent {
    /// The record's position.
    pub sequence: u64,
    /// What is wrong with it.
    pub why: Illegal,
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// See the message.
    #[error("its sequence number is not the next one")]
    OutOfSequence,
    /// See the message.
    #[error("the deployment was abandoned before it began")]
    AfterAbandoned,
    /// See the message.
    #[error("the deployment has begun")]
    AbandonedAfterBegun,
    /// See the message.
    #[error("the deployment has not begun")]
    NotBegun,
    /// See the message.
    #[error("the deployment has begun already")]
    BegunTwice,
    /// See the message.
    #[error("it belongs to another deployment")]
    AnotherDeployment,
    /// See the message.
    #[error("the deployment has ended")]
    AfterTheEnd,
    /// See the message.
    #[error("an act is intended again that is done")]
    IntendedAfterDone,
    /// See the message.
    #[error("an act ends that was never intended")]
    EndedUnintended,
    /// See the message.
    #[error("an act ends that has ended already")]
    EndedTwice,
    /// See the message.
    #[error("an act had no effect that was never intended")]
    NoEffectUnintended,
    /// See the message.
    #[error("it is live although it turned back")]
    LiveAfterTurnedBack,
    /// See the message.
    #[error("it is rolled back but never turned back")]
    RolledBackUnturned,
    /// See the message.
    #[error("it has turned back already")]
    TurnedBackTwice,
}

impl Progress {
    /// The only way progress changes.
    ///
    /// # Errors
    /// When the record cannot follow what was recorded before.
    pub fn apply(mut self, record: &Record) -> Result<Self, IllegalEvent> {
        self.notice_absence(record);
        self.step(record).map_err(|why| IllegalEvent {
            sequence: record.sequence,
            why,
        })?;
        if !matches!(record.event, Event::Waiting { .. }) {
            self.waiting = None;
            self.moved_at = Some(record.at);
        }
        self.last_at = Some(record.at);
        self.next_sequence += 1;
        Ok(self)
    }

    fn step(&mut self, record: &Record) -> Result<(), Illegal> {
        if record.sequence != self.next_sequence {
            return Err(Illegal::OutOfSequence);
        }
        if self.abandoned {
            return Err(Illegal::AfterAbandoned);
        }
        self.may_follow_the_end(&record.event)?;
        match (&self.deployment, &record.event) {
            (None, Event::Started { .. }) => {
                self.deployment = Some(record.deployment.clone());
                self.started_at = Some(record.at);
                return Ok(());
            }
            (None, Event::Abandoned { .. }) => {
                self.deployment = Some(record.deployment.clone());
                self.abandoned = true;
                return Ok(());
            }
            (Some(_), Event::Abandoned { .. }) => return Err(Illegal::AbandonedAfterBegun),
            (None, _) => return Err(Illegal::NotBegun),
            (Some(_), Event::Started { .. }) => return Err(Illegal::BegunTwice),
            (Some(this), _) if this != &record.deployment => {
                return Err(Illegal::AnotherDeployment);
            }
            (Some(_), _) => {}
        }
        match &record.event {
            Event::Started { .. }
            | Event::Abandoned { .. }
            | Event::Unlocked { .. }
            | Event::Interrupted { .. } => Ok(()),
            Event::Resumed { .. } => {
                self.resume(record.at);
                Ok(())
            }
            Event::Intended { act } => self.intend(act, record.at),
            Event::Done { act, gave } => self.end(act, record.at, Ok(gave.clone())),
            Event::Failed { act, failure } => self.end(act, record.at, Err(failure.clone())),
            Event::Waiting { reason } => {
                self.waiting = Some(reason.clone());
                Ok(())
            }
            Event::Found { finding } => self.find(finding, record.at),
            Event::Finished { outcome } => self.finish(outcome),
        }
    }

    /// After its end nothing happens any more; only what is stuck can be taken up again.
    fn may_follow_the_end(&self, event: &Event) -> Result<(), Illegal> {
        match (&self.outcome, event) {
            (None, _)
            | (Some(Outcome::Stuck { .. }), Event::Resumed { .. } | Event::Unlocked { .. }) => {
                Ok(())
            }
            (Some(_), _) => Err(Illegal::AfterTheEnd),
        }
    }

    fn intend(&mut self, act: &Act, at: Timestamp) -> Result<(), Illegal> {
        if let Act::StartJob { job } = act {
            self.jobs_intended.entry(*job).or_insert(at);
        }
        if *act == Act::Anchor {
            self.anchor_intended.get_or_insert(at);
        }
        let untried = ActState::untried(at);
        let state = self.acts.entry(act.clone()).or_insert(untried);
        if matches!(state.result, Some(Ok(_))) {
            return Err(Illegal::IntendedAfterDone);
        }
        *state = ActState {
            at,
            attempts: state.attempts + 1,
            result: None,
            left_traces: state.may_have_effect(),
            failing_since: state.failing_since,
            unsettled: state.on_its_way(),
        };
        Ok(())
    }

    fn end(
        &mut self,
        act: &Act,
        at: Timestamp,
        result: Result<Gave, PortFailure>,
    ) -> Result<(), Illegal> {
        match self.acts.get_mut(act) {
            None => Err(Illegal::EndedUnintended),
            Some(state) if state.result.is_some() => Err(Illegal::EndedTwice),
            Some(state) => {
                state.failing_since = match result {
                    Ok(_) => None,
                    Err(_) => state.failing_since.or(Some(at)),
                };
                (state.at, state.result) = (at, Some(result));
                Ok(())
            }
        }
    }

    fn finish(&mut self, outcome: &Outcome) -> Result<(), Illegal> {
        match (outcome, &self.turned_back) {
            (Outcome::Live { .. }, Some(_)) => Err(Illegal::LiveAfterTurnedBack),
            (Outcome::RolledBack { .. }, None) => Err(Illegal::RolledBackUnturned),
            (Outcome::Live { .. } | Outcome::Stuck { .. }, None)
            | (Outcome::RolledBack { .. } | Outcome::Stuck { .. }, Some(_)) => {
                self.outcome = Some(outcome.clone());
                Ok(())
            }
        }
    }

    fn find(&mut self, finding: &Finding, at: Timestamp) -> Result<(), Illegal> {
        match finding.clone() {
            Finding::Adopted {
                service,
                side,
                rollout,
            } => {
                self.adopted.insert((service, side), (rollout, at));
            }
            Finding::NoEffect { act } => match self.acts.get_mut(&act) {
                Some(state) => {
                    (state.left_traces, state.unsettled) = (false, None);
                    state.result = Some(Err(without_effect(&act)));
                }
                None => return Err(Illegal::NoEffectUnintended),
            },
            Finding::RolloutEnded { service, side } => {
                self.ended.insert((service, side), at);
            }
            Finding::Serves { side, proof } => {
                if let Component::Service(service) = proof.component {
                    self.serving.insert((service, side), at);
                }
            }
            Finding::Held { service, .. } => self.held.entry(service).or_default().begin(at),
            Finding::WentOn { service } => self.held.entry(service).or_default().end(at),
            Finding::CheckFailed { name, seen } => {
                let failures = self.checks.get(&name).map_or(0, |state| state.failures) + 1;
                self.checks.insert(name, CheckState { failures, at, seen });
            }
            Finding::ChecksPassed => self.checks_passed = true,
            Finding::Anchored { anchor } => self.anchored = Some(anchor),
            Finding::AnchorsStay { .. } => self.anchors_stay = true,
            Finding::JobEnded {
                job,
                state,
                log,
                reading,
            } => {
                self.jobs.insert(
                    job,
                    JobEnd {
                        state,
                        log,
                        reading,
                    },
                );
            }
            Finding::Invalidated { frontend, side } => {
                self.invalidated.insert((frontend, side), at);
            }
            Finding::Proven { side, proof } => {
                self.proven.insert((side, proof.component.clone()));
                self.proofs.insert((side, proof.component.clone()), proof);
            }
            Finding::Retired { service } => {
                self.retired.insert(service);
            }
            Finding::BakeBegan => self.begin_bake(at),
            Finding::BakeEnded => self.bake_ended = true,
            Finding::TurnedBack { .. } if self.turned_back.is_some() => {
                return Err(Illegal::TurnedBackTwice);
            }
            Finding::TurnedBack { cause } => self.turned_back = Some((cause, at)),
            Finding::CannotReturn { service, why, .. } => {
                self.cannot_return.insert(service, why);
            }
            Finding::LeftAlone { service, runs } => {
                self.left_alone.insert(service, runs);
            }
            Finding::FrontendStays { frontend, obstacle } => {
                self.frontends_stay.insert(frontend, obstacle);
            }
            Finding::ScheduleStays { job, obstacle } => {
                self.schedules_stay.insert(job, obstacle);
            }
            Finding::Undone => self.undone = Some(at),
            Finding::Unproven { component, witness } => {
                self.unproven.insert(component, witness);
            }
        }
        Ok(())
    }

    /// The services are proven once more at the end of the watch: what was proven before it does not count then.
    fn begin_bake(&mut self, at: Timestamp) {
        self.bake_began = Some(at);
        self.checks.clear();
        self.proofs
            .retain(|(_, component), _| !matches!(component, Component::Service(_)));
    }
}

fn without_effect(act: &Act) -> PortFailure {
    PortFailure {
        kind: FailureKind::Unavailable,
        effect: Effect::None,
        operation: act.to_string(),
        message: "it had no effect".to_owned(),
    }
}

/// `at` plus a duration.
#[must_use]
pub fn after(at: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|d| at.checked_add(d).ok())
        .unwrap_or(Timestamp::MAX)
}
