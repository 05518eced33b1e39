//! Time as a witness, for services that neither a load balancer nor a health check looks at: the cloud calls their tasks healthy
//! once they have run for 40 s, also between two crashes.

use std::time::Duration;

use jiff::Timestamp;

use super::failing::{Weight, against};
use crate::journal::Side;
use crate::observation::{Evidence, Observation, Seen, StoppedTask};
use crate::plan::ServicePlan;
use crate::progress::{Progress, after};
use crate::verdict::{Witness, WitnessKind};

/// How long nothing may happen after a rollout's end, or after a task that ended by itself.
const AT_LEAST: Duration = Duration::from_secs(60);

/// What ended by itself may do so again after the same time: its successor has to live longer, by this factor.
const LIVES: u32 = 2;

/// A loop that is slower than that is found while the release is watched. Nobody waits for a witness for less than two minutes.
const AT_MOST: Duration = Duration::from_secs(110);

/// Whether the tasks of a service that nobody checks run on.
pub(super) fn steady(
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    side: Side,
) -> Witness {
    let kind = WitnessKind::Steady;
    let name = &service.locator.name;
    let evidence = match seen.evidence.get(name) {
        None => return Witness::silent(kind, "its stopped tasks were not looked at yet"),
        Some(Seen::Unseen(failure)) => return Witness::unheard(kind, failure),
        Some(Seen::Known(evidence)) => evidence,
    };
    let ended = ended(progress, service, side, evidence);
    let newest = ended.iter().max_by_key(|task| end(task, seen.at));
    if let Some(newest) = newest {
        let lives = ended.iter().filter_map(|task| task.life()).max();
        let calm = lives.map_or(AT_LEAST, |life| (life * LIVES).clamp(AT_LEAST, AT_MOST));
        if seen.at < after(end(newest, seen.at), calm) {
            let (task, why) = (newest.task.short(), &newest.cause);
            return Witness::silent(kind, format!("task {task} ended by itself: {why}"));
        }
    }
    let since = progress.rollout_ended(name, side);
    if since.is_some_and(|since| seen.at < after(since, AT_LEAST)) {
        let seconds = AT_LEAST.as_secs();
        return Witness::silent(kind, format!("its tasks have to run on for {seconds} s"));
    }
    Witness::confirms(kind, "no task ends by itself")
}

/// When a task of it ended by itself last: its witnesses get their time anew.
pub(super) fn disturbed(
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    side: Side,
) -> Option<Timestamp> {
    let evidence = seen.evidence.get(&service.locator.name)?.known()?;
    let ended = ended(progress, service, side, evidence);
    ended.iter().map(|task| end(task, seen.at)).max()
}

/// The tasks of this side that ended by themselves: of our rollout where there is one, else of whatever rollout.
fn ended<'e>(
    progress: &Progress,
    service: &ServicePlan,
    side: Side,
    evidence: &'e Evidence,
) -> Vec<&'e StoppedTask> {
    let rollout = progress.rollout(&service.locator.name, side);
    against(evidence, rollout.map(|(rollout, _)| rollout))
        .filter(|task| task.weight() >= Weight::Speaks)
        .collect()
}

/// A task that still goes down ends now.
fn end(task: &StoppedTask, now: Timestamp) -> Timestamp {
    task.stopped_at.unwrap_or(now)
}
