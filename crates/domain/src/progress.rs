//! How far a deployment has come: a fold over its journal, live or resumed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::journal::{Act, Cause, Event, Finding, Gave, Job, Outcome, Record, Side};
use crate::observation::JobState;
use crate::ports::{Effect, FailureKind, PortFailure};
use crate::reason::Reason;
use crate::verdict::{Component, Proof};
use crate::{DefinitionRef, RolloutHandle, ServiceName, TaskId};

/// Everything that the journal says so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    started_at: Option<Timestamp>,
    next_sequence: u64,
    acts: BTreeMap<Act, ActState>,
    adopted: BTreeMap<(ServiceName, Side), (RolloutHandle, Timestamp)>,
    ended: BTreeMap<(ServiceName, Side), Timestamp>,
    jobs: BTreeMap<Job, JobEnd>,
    checks: BTreeMap<String, CheckState>,
    checks_passed: bool,
    invalidated: BTreeMap<Side, Timestamp>,
    proven: BTreeSet<(Side, Component)>,
    proofs: BTreeMap<(Side, Component), Proof>,
    retired: BTreeSet<ServiceName>,
    bake_began: Option<Timestamp>,
    bake_ended: bool,
    turned_back: Option<(Cause, Timestamp)>,
    cannot_return: BTreeMap<ServiceName, String>,
    left_alone: BTreeMap<ServiceName, DefinitionRef>,
    waiting: Option<Reason>,
    outcome: Option<Outcome>,
}

/// Where an act stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ActState {
    /// When its last event was recorded.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Its last result; nothing when only the intent is known.
    pub result: Option<Result<Gave, PortFailure>>,
}

/// How a one-off task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// How.
    pub state: JobState,
    /// Its log's last lines.
    pub log: Vec<String>,
}

/// Failed attempts of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckState {
    /// How many.
    pub failures: u32,
    /// The last one.
    pub at: Timestamp,
    /// What it saw.
    pub seen: String,
}

/// What may be done about an act now.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<'a> {
    /// Do it.
    Ready,
    /// Not before this moment, because of this failure.
    Later(Timestamp, &'a PortFailure),
    /// It may have taken effect: look first. Since when.
    InDoubt(Timestamp),
    /// It is done. Since when, and what it gave.
    Done(Timestamp, &'a Gave),
    /// It will not succeed.
    GaveUp(&'a PortFailure),
}

/// An event that cannot follow what the journal says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence} cannot follow: {why}")]
pub struct IllegalEvent {
    /// The record's position.
    pub sequence: u64,
    /// What is wrong with it.
    pub why: &'static str,
}

/// How often an act that fails in passing is tried: with the pauses below, for about five minutes.
const MOST_ATTEMPTS: u32 = 14;

impl Progress {
    /// The only way progress changes.
    ///
    /// # Errors
    /// When the record cannot follow what was recorded before.
    pub fn apply(mut self, record: &Record) -> Result<Self, IllegalEvent> {
        let illegal = |why| {
            Err(IllegalEvent {
                sequence: record.sequence,
                why,
            })
        };
        if record.sequence != self.next_sequence {
            return illegal("its sequence number is not the next one");
        }
        if self.outcome.is_some() {
            return illegal("the deployment has ended");
        }
        match (&record.event, self.started_at) {
            (Event::Started { .. }, None) => self.started_at = Some(record.at),
            (Event::Started { .. }, Some(_)) => return illegal("the deployment has begun already"),
            (_, None) => return illegal("the deployment has not begun"),
            (Event::Intended { act }, Some(_)) => self.intend(act, record.at),
            (Event::Done { act, gave }, Some(_)) => match self.acts.get_mut(act) {
                Some(state) => (state.at, state.result) = (record.at, Some(Ok(gave.clone()))),
                None => return illegal("an act is done that was never intended"),
            },
            (Event::Failed { act, failure }, Some(_)) => match self.acts.get_mut(act) {
                Some(state) => (state.at, state.result) = (record.at, Some(Err(failure.clone()))),
                None => return illegal("an act failed that was never intended"),
            },
            (Event::Waiting { reason }, Some(_)) => self.waiting = Some(reason.clone()),
            (Event::Found { finding }, Some(_)) => self.find(finding, record.at),
            (Event::Finished { outcome }, Some(_)) => self.outcome = Some(outcome.clone()),
        }
        self.next_sequence += 1;
        Ok(self)
    }

    fn intend(&mut self, act: &Act, at: Timestamp) {
        self.waiting = None;
        let state = self.acts.entry(act.clone()).or_insert(ActState {
            at,
            attempts: 0,
            result: None,
        });
        state.at = at;
        state.attempts += 1;
        state.result = None;
    }

    fn find(&mut self, finding: &Finding, at: Timestamp) {
        self.waiting = None;
        match finding.clone() {
            Finding::Adopted {
                service,
                side,
                rollout,
            } => {
                self.adopted.insert((service, side), (rollout, at));
            }
            Finding::NoEffect { act } => {
                if let Some(state) = self.acts.get_mut(&act) {
                    state.result = Some(Err(PortFailure {
                        kind: FailureKind::Unavailable,
                        effect: Effect::None,
                        operation: act.to_string(),
                        message: "it had no effect".to_owned(),
                    }));
                }
            }
            Finding::RolloutEnded { service, side } => {
                self.ended.insert((service, side), at);
            }
            Finding::CheckFailed { name, seen } => {
                let state = self.checks.entry(name).or_insert(CheckState {
                    failures: 0,
                    at,
                    seen: String::new(),
                });
                *state = CheckState {
                    failures: state.failures + 1,
                    at,
                    seen,
                };
            }
            Finding::ChecksPassed => self.checks_passed = true,
            Finding::JobEnded { job, state, log } => {
                self.jobs.insert(job, JobEnd { state, log });
            }
            Finding::Invalidated { side } => {
                self.invalidated.insert(side, at);
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
            Finding::TurnedBack { cause } => self.turned_back = Some((cause, at)),
            Finding::CannotReturn { service, why } => {
                self.cannot_return.insert(service, why);
            }
            Finding::LeftAlone { service, runs } => {
                self.left_alone.insert(service, runs);
            }
        }
    }

    /// The services are proven once more at the end of the watch: what was proven before it does not count then.
    fn begin_bake(&mut self, at: Timestamp) {
        self.bake_began = Some(at);
        self.checks.clear();
        self.proofs
            .retain(|(_, component), _| !matches!(component, Component::Service(_)));
    }

    /// What may be done about an act at `now`.
    #[must_use]
    pub fn standing(&self, act: &Act, now: Timestamp) -> Standing<'_> {
        let Some(state) = self.acts.get(act) else {
            return Standing::Ready;
        };
        match &state.result {
            None => Standing::InDoubt(state.at),
            Some(Ok(gave)) => Standing::Done(state.at, gave),
            Some(Err(failure)) => match failure.effect {
                Effect::Unknown | Effect::Applied => Standing::InDoubt(state.at),
                Effect::None if !failure.is_passing() || state.attempts >= MOST_ATTEMPTS => {
                    Standing::GaveUp(failure)
                }
                Effect::None => {
                    let again = after(state.at, pause(state.attempts));
                    if now >= again {
                        Standing::Ready
                    } else {
                        Standing::Later(again, failure)
                    }
                }
            },
        }
    }

    /// Whether the act was ever intended, and may have had an effect.
    #[must_use]
    pub fn may_have_done(&self, act: &Act) -> bool {
        match self.acts.get(act).map(|state| &state.result) {
            None => false,
            Some(Some(Err(failure))) => failure.effect != Effect::None,
            Some(None | Some(Ok(_))) => true,
        }
    }

    /// Whether the act is done.
    #[must_use]
    pub fn done(&self, act: &Act) -> bool {
        matches!(
            self.acts.get(act),
            Some(ActState {
                result: Some(Ok(_)),
                ..
            })
        )
    }

    /// The task definition registered for a component.
    #[must_use]
    pub fn definition(&self, component: &Component) -> Option<&DefinitionRef> {
        match self
            .acts
            .get(&Act::Register {
                component: component.clone(),
            })?
            .result
            .as_ref()?
        {
            Ok(Gave::Definition(definition)) => Some(definition),
            Ok(_) | Err(_) => None,
        }
    }

    /// The rollout of a service to one side, and since when it goes.
    #[must_use]
    pub fn rollout(
        &self,
        service: &ServiceName,
        side: Side,
    ) -> Option<(&RolloutHandle, Timestamp)> {
        if let Some((rollout, at)) = self.adopted.get(&(service.clone(), side)) {
            return Some((rollout, *at));
        }
        let state = self.acts.get(&Act::RollOut {
            service: service.clone(),
            side,
        })?;
        match state.result.as_ref()? {
            Ok(Gave::Rollout(rollout)) => Some((rollout, state.at)),
            Ok(_) | Err(_) => None,
        }
    }

    /// The one-off task started for a job, and since when it goes.
    #[must_use]
    pub fn task(&self, job: Job) -> Option<(&TaskId, Timestamp)> {
        let state = self.acts.get(&Act::StartJob { job })?;
        match state.result.as_ref()? {
            Ok(Gave::Task(task)) => Some((task, state.at)),
            Ok(_) | Err(_) => None,
        }
    }

    /// The invalidation started for one side.
    #[must_use]
    pub fn invalidation(&self, side: Side) -> Option<(&str, Timestamp)> {
        let state = self.acts.get(&Act::Invalidate { side })?;
        match state.result.as_ref()? {
            Ok(Gave::Invalidation(id)) => Some((id, state.at)),
            Ok(_) | Err(_) => None,
        }
    }

    /// When the cloud said that a rollout had ended well.
    #[must_use]
    pub fn rollout_ended(&self, service: &ServiceName, side: Side) -> Option<Timestamp> {
        self.ended.get(&(service.clone(), side)).copied()
    }

    /// How a job ended.
    #[must_use]
    pub fn job_end(&self, job: Job) -> Option<&JobEnd> {
        self.jobs.get(&job)
    }

    /// Failed attempts of a check.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&CheckState> {
        self.checks.get(name)
    }

    /// Whether all smoke checks passed.
    #[must_use]
    pub fn checks_passed(&self) -> bool {
        self.checks_passed
    }

    /// When the CDN was said to serve the files of one side.
    #[must_use]
    pub fn invalidated(&self, side: Side) -> Option<Timestamp> {
        self.invalidated.get(&side).copied()
    }

    /// Whether a component was proven at least once.
    #[must_use]
    pub fn proven(&self, side: Side, component: &Component) -> bool {
        self.proven.contains(&(side, component.clone()))
    }

    /// The proof that counts now.
    #[must_use]
    pub fn proof(&self, side: Side, component: &Component) -> Option<&Proof> {
        self.proofs.get(&(side, component.clone()))
    }

    /// All proofs of one side that count now.
    #[must_use]
    pub fn proofs(&self, side: Side) -> Vec<Proof> {
        self.proofs
            .iter()
            .filter(|((of, _), _)| *of == side)
            .map(|(_, proof)| proof.clone())
            .collect()
    }

    /// Whether a service that left has no task any more.
    #[must_use]
    pub fn retired(&self, service: &ServiceName) -> bool {
        self.retired.contains(service)
    }

    /// When the watch began.
    #[must_use]
    pub fn bake_began(&self) -> Option<Timestamp> {
        self.bake_began
    }

    /// Whether the watch is over.
    #[must_use]
    pub fn bake_ended(&self) -> bool {
        self.bake_ended
    }

    /// Why and when it turned back.
    #[must_use]
    pub fn turned_back(&self) -> Option<(&Cause, Timestamp)> {
        self.turned_back.as_ref().map(|(cause, at)| (cause, *at))
    }

    /// Services that cannot return, and why.
    #[must_use]
    pub fn cannot_return(&self) -> &BTreeMap<ServiceName, String> {
        &self.cannot_return
    }

    /// Services left to somebody else.
    #[must_use]
    pub fn left_alone(&self) -> &BTreeMap<ServiceName, DefinitionRef> {
        &self.left_alone
    }

    /// The last reason for waiting, unless something happened since.
    #[must_use]
    pub fn waiting(&self) -> Option<&Reason> {
        self.waiting.as_ref()
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// When it began.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// The next record's position.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
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

/// The pause after a failed attempt: 1, 2, 4, … at most 30 seconds.
fn pause(attempts: u32) -> Duration {
    Duration::from_secs((1_u64 << attempts.saturating_sub(1).min(5)).min(30))
}
