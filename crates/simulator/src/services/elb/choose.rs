//! Which target of a group answers: healthy ones in turn, all of them when too few are healthy, new ones little by little.

use std::sync::Arc;

use super::{Backend, Target, TargetGroup, TargetState};
use crate::Millis;
use crate::base::visit::Visit;

/// The cookie that keeps a client with its target [DOC]. AWS encrypts its value; here it says address and time.
const COOKIE: &str = "AWSALB";
const SLOW_START: &str = "slow_start.duration_seconds";

/// Chooses a target; `None` when there is none that may get traffic.
pub(super) fn choose(group: &mut TargetGroup, visit: &Visit, now_ms: Millis) -> Option<Backend> {
    let fail_open = fails_open(group);
    let sticky_seconds = sticky_seconds(group);
    let slow_ms = group.number(SLOW_START).unwrap_or(0) * 1_000;
    let targets = group.targets.iter_mut();
    let mut candidates: Vec<&mut Target> = targets
        .filter(|target| may_get_traffic(target.state, fail_open))
        .collect();
    let remembered =
        sticky_seconds.and_then(|seconds| remembered(&candidates, visit, seconds, now_ms));
    let index = match remembered {
        Some(index) => index,
        None => turn(&mut candidates, slow_ms, now_ms)?,
    };
    let target = candidates.get(index)?;
    let cookie = sticky_seconds.map(|seconds| {
        let (ip, port) = (&target.ip, target.port);
        format!("{COOKIE}={ip}:{port}.{now_ms}; Path=/; Max-Age={seconds}")
    });
    Some(Backend {
        group: Arc::clone(&group.name),
        target: target.serial,
        ip: target.ip.clone(),
        port: target.port,
        cookies: cookie.into_iter().collect(),
    })
}

/// How long a client stays with its target; only by the load balancer's own cookie.
fn sticky_seconds(group: &TargetGroup) -> Option<u64> {
    let is = |key: &str, value: &str| group.attributes.get(key).is_some_and(|it| it == value);
    (is("stickiness.enabled", "true") && is("stickiness.type", "lb_cookie"))
        .then(|| group.number("stickiness.lb_cookie.duration_seconds"))?
}

fn remembered(
    candidates: &[&mut Target],
    visit: &Visit,
    seconds: u64,
    now_ms: Millis,
) -> Option<usize> {
    let (address, since_ms) = visit.cookie(COOKIE)?.rsplit_once('.')?;
    let until_ms = since_ms
        .parse::<Millis>()
        .ok()?
        .checked_add(seconds * 1_000)?;
    let is_it = |target: &&mut Target| format!("{}:{}", target.ip, target.port) == address;
    candidates
        .iter()
        .position(is_it)
        .filter(|_| now_ms < until_ms)
}

/// Every target gets its share in turn; one in slow start gets what it has grown to, in hundredths (D [MODEL]).
fn turn(candidates: &mut [&mut Target], slow_ms: u64, now_ms: Millis) -> Option<usize> {
    let share = |target: &Target| match target.slow_until_ms {
        Some(until_ms) if now_ms < until_ms && slow_ms > 0 => {
            let grown_ms = slow_ms.saturating_sub(until_ms - now_ms);
            i64::try_from((grown_ms * 100 / slow_ms).max(1)).unwrap_or(100)
        }
        Some(_) | None => 100,
    };
    let mut total = 0;
    for target in candidates.iter_mut() {
        let share = share(target);
        total += share;
        target.credit += share;
    }
    // `max_by_key` takes the last of equals; the first one listed is to begin.
    let turns = candidates.iter_mut().enumerate().rev();
    let (index, target) = turns.max_by_key(|(_, target)| target.credit)?;
    target.credit -= total;
    Some(index)
}

/// Too few healthy targets: traffic goes to all (D, unhealthy_state_routing [MODEL]).
fn fails_open(group: &TargetGroup) -> bool {
    let registered = group
        .targets
        .iter()
        .filter(|it| may_get_traffic(it.state, true))
        .count();
    let healthy = group
        .targets
        .iter()
        .filter(|it| it.state == TargetState::Healthy)
        .count();
    let minimum = |what: &str| {
        group.number(&format!(
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.{what}"
        ))
    };
    let [healthy, registered] =
        [healthy, registered].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    let too_few = minimum("count").is_some_and(|count| healthy < count);
    let too_small =
        minimum("percentage").is_some_and(|percentage| healthy * 100 < registered * percentage);
    too_few || too_small
}

fn may_get_traffic(state: TargetState, fail_open: bool) -> bool {
    match state {
        TargetState::Healthy => true,
        TargetState::Initial
        | TargetState::UnhealthyCode(_)
        | TargetState::UnhealthyTimeout
        | TargetState::UnhealthyFailed => fail_open,
        TargetState::Draining | TargetState::Unused => false,
    }
}
