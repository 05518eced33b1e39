//! When a service's failing tasks are certain, long before the cloud's circuit breaker says so.

use std::collections::BTreeMap;

use crate::journal::Cause;
use crate::observation::{Evidence, StopCause, StoppedTask};
use crate::{RolloutHandle, ServiceName};

/// What the evidence says about one rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// Nothing against it.
    None,
    /// One more such task and it is certain.
    Suspicious(String),
    /// It fails.
    Certain(Cause),
}

/// The same cause this often is no accident.
const REPEATED: usize = 2;
/// Capacity comes and goes: it takes more to be certain.
const REPEATED_CAPACITY: usize = 4;
/// So many failing tasks of whatever causes are no accident either.
const MANY: usize = 4;

/// Judges the stopped tasks that `rollout` started.
pub(crate) fn suspicion(
    service: &ServiceName,
    rollout: &RolloutHandle,
    evidence: &Evidence,
) -> Suspicion {
    let stopped: Vec<&StoppedTask> = evidence
        .stopped
        .iter()
        .filter(|task| {
            task.rollout.as_ref().is_none_or(|by| by == rollout) && task.cause.is_failure()
        })
        .collect();
    let mut counts: BTreeMap<&StopCause, usize> = BTreeMap::new();
    for task in &stopped {
        *counts.entry(&task.cause).or_default() += 1;
    }
    let certain = counts
        .iter()
        .find(|(cause, count)| cause.is_plain() || **count >= needed(cause));
    let most = counts.iter().max_by_key(|(_, count)| **count);
    match (certain, most) {
        (Some((why, _)), _) => Suspicion::Certain(tasks_fail(service, why, &stopped, evidence)),
        (None, Some((why, _))) if stopped.len() >= MANY && **why != StopCause::NoCapacity => {
            Suspicion::Certain(tasks_fail(service, why, &stopped, evidence))
        }
        (None, Some((why, _))) => Suspicion::Suspicious(why.to_string()),
        (None, None) => Suspicion::None,
    }
}

fn needed(cause: &StopCause) -> usize {
    match cause {
        StopCause::NoCapacity => REPEATED_CAPACITY,
        StopCause::ImageMissing
        | StopCause::WrongPlatform
        | StopCause::SecretDenied
        | StopCause::CannotStart
        | StopCause::Exited(_)
        | StopCause::OutOfMemory
        | StopCause::TargetCheck
        | StopCause::ContainerCheck
        | StopCause::Replaced
        | StopCause::ByUser
        | StopCause::Infrastructure
        | StopCause::Other => REPEATED,
    }
}

fn tasks_fail(
    service: &ServiceName,
    why: &StopCause,
    stopped: &[&StoppedTask],
    evidence: &Evidence,
) -> Cause {
    let alike: Vec<&&StoppedTask> = stopped.iter().filter(|task| task.cause == *why).collect();
    let first = alike
        .first()
        .map(|task| format!("task {}: {}", task.task.short(), task.detail));
    let others = match alike.len() {
        0 | 1 => None,
        count => Some(format!("{count} tasks ended like this")),
    };
    let detail = first
        .into_iter()
        .chain(others)
        .chain(explain(evidence))
        .collect();
    Cause::TasksFail {
        service: service.clone(),
        why: why.clone(),
        detail,
    }
}

/// What health checks saw and what the log said, in a few lines.
pub(super) fn explain(evidence: &Evidence) -> Vec<String> {
    let unhealthy = evidence
        .unhealthy
        .iter()
        .take(1)
        .map(|task| format!("task {}: {}", task.task.short(), task.detail));
    let log = evidence
        .log
        .iter()
        .rev()
        .take(2)
        .rev()
        .map(|line| format!("log: {}", line.trim()));
    unhealthy.chain(log).collect()
}
