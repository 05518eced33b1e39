//! When a service's failing tasks are certain, long before the cloud's circuit breaker says so.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::journal::{Cause, Grounds};
use crate::observation::{Evidence, StopCause, StoppedTask};
use crate::{RolloutHandle, ServiceName};

/// What the evidence says about one rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// Nothing against it.
    None,
    /// Something, but not enough.
    Suspicious(Doubt),
    /// It fails.
    Certain(Cause),
}

/// What is not enough yet, and how much would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// The most frequent cause.
    pub(crate) why: StopCause,
    /// How many tasks ended like that.
    pub(crate) ended: usize,
    /// How many make it certain; none when this cause never does.
    pub(crate) certain_at: Option<usize>,
}

/// The same cause this often is no accident, in a small service.
const REPEATED: usize = 2;
/// In a large one it takes one of so many of its tasks: ECS itself gives up at half of them.
const ONE_OF: usize = 5;
/// Capacity comes and goes: it takes more to be certain.
const REPEATED_CAPACITY: usize = 4;
/// Who ends without an error after so long has done his work.
const RECYCLED: Duration = Duration::from_secs(300);
/// So many failing tasks of whatever causes are no accident either: twice what one cause takes.
const MIXED: usize = 2;

/// Judges the stopped tasks that `rollout` started, for a service of `desired` tasks.
pub(crate) fn suspicion(
    service: &ServiceName,
    rollout: &RolloutHandle,
    desired: u32,
    evidence: &Evidence,
) -> Suspicion {
    let stopped: Vec<&StoppedTask> = against(evidence, Some(rollout)).collect();
    let mut counts: BTreeMap<&StopCause, usize> = BTreeMap::new();
    for task in &stopped {
        *counts.entry(&task.cause).or_default() += 1;
    }
    let fails = |why: &StopCause| {
        Suspicion::Certain(Cause::TasksFail {
            service: service.clone(),
            why: why.clone(),
            grounds: Grounds::of_tasks(why, &stopped, evidence),
        })
    };
    let enough = |cause: &StopCause, count: usize| {
        certain_at(cause, desired).is_some_and(|needed| count >= needed)
    };
    if let Some((why, _)) = counts.iter().find(|(cause, count)| enough(cause, **count)) {
        return fails(why);
    }
    let speaking = |cause: &StopCause| cause.weight() == Weight::Speaks;
    let against: usize = counts
        .iter()
        .filter(|(cause, _)| speaking(cause))
        .map(|(_, count)| count)
        .sum();
    let most = counts
        .iter()
        .max_by_key(|(cause, count)| (speaking(cause), **count));
    match most {
        None => Suspicion::None,
        Some((why, _)) if speaking(why) && against >= MIXED * alike(desired) => fails(why),
        Some((why, ended)) => Suspicion::Suspicious(Doubt {
            why: (*why).clone(),
            ended: *ended,
            certain_at: certain_at(why, desired),
        }),
    }
}

/// The stopped tasks that say something, of this rollout where one is meant. Whose task it was is not always known.
pub(crate) fn against<'e>(
    evidence: &'e Evidence,
    rollout: Option<&RolloutHandle>,
) -> impl Iterator<Item = &'e StoppedTask> {
    let ours = move |task: &&StoppedTask| match (&task.rollout, rollout) {
        (Some(by), Some(rollout)) => by == rollout,
        (None, _) | (_, None) => true,
    };
    let says = |task: &&StoppedTask| task.weight() != Weight::None;
    evidence.stopped.iter().filter(ours).filter(says)
}

/// How much a stopped task says against the release that started it: more and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Nothing: it was replaced, or the ground under it went away.
    None,
    /// Something happened, but nobody knows that the release is to blame: never enough.
    Unknown,
    /// Capacity comes and goes.
    Passing,
    /// It speaks against the release.
    Speaks,
    /// The next will end the same way: one is enough.
    Plain,
}

impl StopCause {
    /// How much it says against a release.
    pub(crate) fn weight(&self) -> Weight {
        match self {
            Self::Replaced | Self::ByUser | Self::Infrastructure => Weight::None,
            Self::Other => Weight::Unknown,
            Self::NoCapacity => Weight::Passing,
            Self::CannotStart
            | Self::Exited(_)
            | Self::OutOfMemory
            | Self::TargetCheck
            | Self::ContainerCheck => Weight::Speaks,
            Self::ImageMissing | Self::WrongPlatform | Self::SecretDenied => Weight::Plain,
        }
    }
}

impl StoppedTask {
    /// How much it says against a release. One that has worked for a while and ends without an error says nothing: workers
    /// are made to start afresh now and then.
    pub(crate) fn weight(&self) -> Weight {
        let worked = self.life().is_some_and(|life| life >= RECYCLED);
        match self.cause {
            StopCause::Exited(0) if worked => Weight::None,
            _ => self.cause.weight(),
        }
    }
}

/// How many tasks that ended like this are certainty. Thresholds grow with the service.
fn certain_at(cause: &StopCause, desired: u32) -> Option<usize> {
    match cause.weight() {
        Weight::None | Weight::Unknown => None,
        Weight::Plain => Some(1),
        Weight::Speaks => Some(alike(desired)),
        Weight::Passing => Some(REPEATED_CAPACITY.max(alike(desired))),
    }
}

fn alike(desired: u32) -> usize {
    let share = usize::try_from(desired)
        .unwrap_or(usize::MAX)
        .div_ceil(ONE_OF);
    REPEATED.max(share)
}
