//! What starts scheduled jobs: moved when the rest of the release is proven, proven by what is read back, and put back before the schema is. The
//! same for both sides.

use std::time::Duration;

use jiff::Timestamp;

use super::Decision;
use super::look::{IN_DOUBT, overdue};
use super::serving::beside;
use super::step::{Step, merge};
use crate::journal::{Act, Cause, Finding, Obstacle, Side};
use crate::observation::{Observation, Seen};
use crate::plan::Plan;
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::scheduled::{JobChange, JobPlan, JobSeen, TriggerState};
use crate::verdict::{Component, Proof, Witness, WitnessKind};
use crate::{DefinitionRef, JobName};

/// How long what was written may be read otherwise, or not at all.
const READ_WITHIN: Duration = Duration::from_secs(120);
/// The same on the way back, where nobody else can help.
const READ_BACK_WITHIN: Duration = Duration::from_secs(600);

/// The triggers of these jobs start what the new release has.
pub(super) fn schedules(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    jobs: &[JobName],
) -> Decision {
    if let Some(decision) = beside(plan, progress, seen, now, &[]) {
        return decision;
    }
    let steps = jobs.iter().filter_map(|name| {
        let facts = Facts::of(plan, progress, seen, now, name)?;
        Some(facts.step(Side::New).unwrap_or_else(|obstacle| {
            Step::turn_back(match obstacle {
                Obstacle::Act { act, failure } => Cause::ActFailed { act, failure },
                Obstacle::Wrong { witness } => Cause::NotProven {
                    component: Component::Job(name.clone()),
                    witness,
                },
                Obstacle::Slow => Cause::TimedOut {
                    what: name.to_string(),
                    limit_ms: super::look::milliseconds(READ_WITHIN),
                    grounds: crate::journal::Grounds::default(),
                },
            })
        }))
    });
    merge(plan, now, steps.collect::<Vec<_>>())
}

/// The triggers of these jobs start again what they started before. Trouble is noted, and the rest goes on.
pub(super) fn put_back(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    jobs: &[JobName],
) -> Decision {
    let steps = jobs.iter().filter_map(|name| {
        let facts = Facts::of(plan, progress, seen, now, name)?;
        let arriving = facts.arriving();
        Some(
            arriving
                .map_or_else(|| facts.step(Side::Old), Ok)
                .unwrap_or_else(|obstacle| {
                    Step::found(Finding::ScheduleStays {
                        job: name.clone(),
                        obstacle,
                    })
                }),
        )
    });
    merge(plan, now, steps.collect::<Vec<_>>())
}

/// The jobs whose triggers may start the new release's revision, and were not put back.
pub(super) fn open_on_the_way_back(plan: &Plan, progress: &Progress) -> Vec<JobName> {
    let open = |name: &&JobName| {
        let touched = Act::Schedule {
            job: (*name).clone(),
            side: Side::New,
        };
        let registered = Act::Register {
            component: Component::Job((*name).clone()),
        };
        // One that names a family starts the new revision as soon as that is registered.
        let follows = plan
            .jobs
            .get(*name)
            .is_some_and(|job| job.unpinned.is_some());
        let moved = follows && progress.may_have_done(&registered);
        (progress.may_have_done(&touched) || moved)
            && !progress.proven(Side::Old, &Component::Job((*name).clone()))
            && !progress.schedules_stay().contains_key(*name)
    };
    plan.jobs.keys().filter(open).cloned().collect()
}

/// The revision that a job's trigger starts on one side, where that is known.
pub(crate) fn starts<'p>(
    progress: &'p Progress,
    (name, job): (&JobName, &'p JobPlan),
    side: Side,
) -> Option<&'p DefinitionRef> {
    let before = job.before.as_ref().map(|before| &before.definition);
    match (side, job.change) {
        (Side::New, JobChange::Update | JobChange::Register) => {
            progress.definition(&Component::Job(name.clone()))
        }
        (Side::New, JobChange::Unchanged) | (Side::Old, _) => before,
    }
}

struct Facts<'f> {
    plan: &'f Plan,
    progress: &'f Progress,
    seen: &'f Observation,
    now: Timestamp,
    name: &'f JobName,
    job: &'f JobPlan,
}

impl<'f> Facts<'f> {
    fn of(
        plan: &'f Plan,
        progress: &'f Progress,
        seen: &'f Observation,
        now: Timestamp,
        name: &'f JobName,
    ) -> Option<Self> {
        let job = plan.jobs.get(name)?;
        Some(Self {
            plan,
            progress,
            seen,
            now,
            name,
            job,
        })
    }

    fn act(&self, side: Side) -> Act {
        Act::Schedule {
            job: self.name.clone(),
            side,
        }
    }

    /// What was sent may still be on its way: what is put back before it arrives would be overwritten.
    fn arriving(&self) -> Option<Step> {
        let act = self.act(Side::New);
        let arrives = after(self.progress.on_its_way(&act)?, IN_DOUBT);
        let early = !self.progress.done(&self.act(Side::Old));
        (early && self.now <= arrives).then(|| {
            let poll = after(self.now, self.plan.policy.poll);
            let past = after(arrives, Duration::from_secs(1));
            Step::Wait(poll.min(past), Reason::Looking { act })
        })
    }

    /// Writes what is to be started, and proves it.
    fn step(&self, side: Side) -> Result<Step, Obstacle> {
        if self
            .progress
            .proven(side, &Component::Job(self.name.clone()))
        {
            return Ok(Step::Settled);
        }
        if side == Side::Old || self.job.change != JobChange::Unchanged {
            let act = self.act(side);
            match self.progress.standing_repeatable(&act, self.now) {
                Standing::Done(..) => {}
                Standing::Ready | Standing::InDoubt(_) => return Ok(Step::Act(act)),
                Standing::Later(until, failure) => {
                    let failure = failure.clone();
                    return Ok(Step::Wait(until, Reason::Again { act, failure }));
                }
                Standing::GaveUp(failure) => {
                    let failure = failure.clone();
                    return Err(Obstacle::Act { act, failure });
                }
            }
        }
        self.proven(side)
    }

    fn proven(&self, side: Side) -> Result<Step, Obstacle> {
        let since = self.progress.moved_at().unwrap_or(self.now);
        let limit = match side {
            Side::New => READ_WITHIN,
            Side::Old => READ_BACK_WITHIN,
        };
        let is_late = overdue(self.now, since, limit);
        let missing = match self.seen.schedules.get(self.name) {
            None => return Ok(Step::Wait(self.now, Reason::FirstLook)),
            Some(Seen::Unseen(failure)) if is_late => {
                Witness::unheard(WitnessKind::Schedule, failure)
            }
            Some(Seen::Unseen(failure)) => {
                let (what, failure) = (self.name.to_string(), failure.clone());
                return Ok(Step::poll(
                    self.plan,
                    self.now,
                    Reason::Unseen { what, failure },
                ));
            }
            Some(Seen::Known(found)) => {
                match witness(self.progress, (self.name, self.job), found, side) {
                    Ok(witness) => {
                        let component = Component::Job(self.name.clone());
                        let witnesses = vec![witness];
                        let proof = Proof {
                            component,
                            witnesses,
                        };
                        return Ok(Step::found(Finding::Proven { side, proof }));
                    }
                    Err(witness) => witness,
                }
            }
        };
        if is_late {
            return Err(Obstacle::Wrong { witness: missing });
        }
        let reason = Reason::Proving {
            component: Component::Job(self.name.clone()),
            missing: missing.to_string(),
        };
        Ok(Step::poll(self.plan, self.now, reason))
    }
}

/// What is read of the trigger; an error where that is not what it should start.
pub(crate) fn witness(
    progress: &Progress,
    (name, job): (&JobName, &JobPlan),
    found: &JobSeen,
    side: Side,
) -> Result<Witness, Witness> {
    let kind = WitnessKind::Schedule;
    let trigger = job.trigger.as_ref();
    let trigger = trigger.map(ToString::to_string).unwrap_or_default();
    let Some(now) = &found.starts else {
        return Err(Witness::contradicts(kind, format!("there is no {trigger}")));
    };
    let mut said = format!("{trigger} starts {}", now.definition.short());
    if now.state == TriggerState::Disabled {
        said.push_str(" (it is disabled)");
    }
    match starts(progress, (name, job), side) {
        Some(expected) if *expected == now.definition => {
            if let [first, more @ ..] = found.running.as_slice() {
                said.push_str(&format!("; {first} runs"));
                if !more.is_empty() {
                    said.push_str(&format!(", and {} more", more.len()));
                }
            }
            Ok(Witness::confirms(kind, said))
        }
        Some(expected) => {
            said.push_str(&format!(", not {}", expected.short()));
            Err(Witness::contradicts(kind, said))
        }
        None => Err(Witness::silent(kind, "nobody knows what it should start")),
    }
}
