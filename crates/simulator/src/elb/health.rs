//! When a target's health turns: computed from what the task will answer, so that no check has to be played one by one.

use std::sync::Arc;

use super::{TargetGroup, TargetState};
use crate::agenda::{Event, TaskSerial};
use crate::timings::{DRAIN, FIRST_CHECK};
use crate::{Millis, World};

use super::group::{Answers, Target};

/// The next change of state after `now_ms`, if any.
///
/// A new target becomes healthy after one success (D [MEM]); one that was unhealthy needs HealthyThresholdCount successes, and
/// UnhealthyThresholdCount failures in a row make it unhealthy (D [MODEL]).
fn next_turn(
    group: &TargetGroup,
    first_check_ms: Millis,
    state: TargetState,
    answers: Answers,
    now_ms: Millis,
) -> Option<(Millis, TargetState)> {
    let interval_ms = group.interval_seconds * 1_000;
    let check_at_or_after = |at_ms: Millis| {
        let missed = at_ms.saturating_sub(first_check_ms).div_ceil(interval_ms);
        first_check_ms + missed * interval_ms
    };
    let next_check_ms = check_at_or_after(now_ms + 1);
    let first_good_ms = answers
        .ready_ms
        .map(|ready_ms| check_at_or_after(ready_ms.max(now_ms + 1)));
    let failing_ms =
        |from_ms: Millis| from_ms + u64::from(group.unhealthy_threshold - 1) * interval_ms;
    let failed = |at_ms: Millis| {
        if answers.listens_at(at_ms) {
            TargetState::UnhealthyCode(503)
        } else {
            TargetState::UnhealthyTimeout
        }
    };
    match state {
        TargetState::Initial => {
            let bad_ms = failing_ms(next_check_ms);
            match first_good_ms {
                Some(good_ms) if answers.good_at(good_ms) && good_ms <= bad_ms => {
                    Some((good_ms, TargetState::Healthy))
                }
                Some(_) | None => Some((bad_ms, failed(bad_ms))),
            }
        }
        TargetState::Healthy => {
            let bad_ms = failing_ms(check_at_or_after(answers.bad_from_ms?.max(now_ms + 1)));
            Some((bad_ms, failed(bad_ms)))
        }
        TargetState::UnhealthyCode(_) | TargetState::UnhealthyTimeout => {
            let healthy_ms = first_good_ms? + u64::from(group.healthy_threshold - 1) * interval_ms;
            answers
                .good_at(healthy_ms)
                .then_some((healthy_ms, TargetState::Healthy))
        }
        TargetState::Draining | TargetState::Unused => None,
    }
}

/// A target's health turns now, if the event is still the one that was planned. `true`: something changed.
pub(crate) fn turned(world: &mut World, group_name: &Arc<str>, task: TaskSerial) -> bool {
    let now_ms = world.now_ms;
    let Some(target) = world.elb.target_mut(group_name, task) else {
        return false;
    };
    let Some((at_ms, state)) = target.next else {
        return false;
    };
    if at_ms != now_ms {
        return false;
    }
    target.state = state;
    world.plan_turn(group_name, task);
    true
}

impl World {
    /// Registers a task's address and plans its health.
    pub(crate) fn register_target(
        &mut self,
        group_name: &Arc<str>,
        task: TaskSerial,
        ip: &str,
        port: u16,
        answers: Answers,
    ) {
        let first_ms = FIRST_CHECK.draw(self.weather, &mut self.random);
        let in_use = self.elb.in_use(group_name);
        let Some(group) = self.elb.groups.get_mut(group_name) else {
            return;
        };
        let first_check_ms = self.now_ms + first_ms.min(group.interval_seconds * 1_000);
        let state = if in_use {
            TargetState::Initial
        } else {
            TargetState::Unused
        };
        group.targets.push(Target {
            ip: ip.to_owned(),
            port,
            task,
            registered_ms: self.now_ms,
            first_check_ms,
            state,
            next: None,
            answers,
        });
        self.plan_turn(group_name, task);
    }

    /// The target starts draining; answers how long that takes.
    ///
    /// At most the deregistration delay; earlier when no request is in flight (D [MEM]), which is always so here.
    pub(crate) fn drain_target(&mut self, group_name: &Arc<str>, task: TaskSerial) -> Millis {
        let drain_ms = DRAIN.draw(self.weather, &mut self.random);
        let Some(group) = self.elb.groups.get_mut(group_name) else {
            return 0;
        };
        let limit_ms = group.deregistration_delay_seconds * 1_000;
        if let Some(target) = group.targets.iter_mut().find(|target| target.task == task) {
            target.state = TargetState::Draining;
            target.next = None;
        }
        drain_ms.min(limit_ms)
    }

    /// The target is gone.
    pub(crate) fn remove_target(&mut self, group_name: &Arc<str>, task: TaskSerial) {
        if let Some(group) = self.elb.groups.get_mut(group_name) {
            group.targets.retain(|target| target.task != task);
        }
    }

    /// From now on as if the target had just been registered.
    pub(super) fn restart_checks(&mut self, group_name: &Arc<str>, task: TaskSerial) {
        let first_ms = FIRST_CHECK.draw(self.weather, &mut self.random);
        let now_ms = self.now_ms;
        let interval_ms =
            (self.elb.groups.get(group_name)).map_or(0, |it| it.interval_seconds * 1_000);
        if let Some(target) = self.elb.target_mut(group_name, task) {
            target.first_check_ms = now_ms + first_ms.min(interval_ms);
        }
        self.plan_turn(group_name, task);
    }

    fn plan_turn(&mut self, group_name: &Arc<str>, task: TaskSerial) {
        let now_ms = self.now_ms;
        let Some(group) = self.elb.groups.get(group_name) else {
            return;
        };
        let Some(target) = group.targets.iter().find(|target| target.task == task) else {
            return;
        };
        let next = next_turn(
            group,
            target.first_check_ms,
            target.state,
            target.answers,
            now_ms,
        );
        if let Some(target) = self.elb.target_mut(group_name, task) {
            target.next = next;
        }
        if let Some((at_ms, _)) = next {
            self.agenda
                .add(at_ms, Event::Target(Arc::clone(group_name), task));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, TargetGroup, TargetState, next_turn};

    fn group() -> TargetGroup {
        TargetGroup {
            arn: String::new(),
            name: "web".into(),
            port: 80,
            health_check_path: "/health".to_owned(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
            deregistration_delay_seconds: 300,
            targets: Vec::new(),
            turn: 0,
        }
    }

    /// Checks at 10, 25, 40, 55 ... seconds.
    #[test]
    fn turns() {
        use TargetState as S;
        let good = (Some(0), None);
        for (state, (ready_s, bad_from_s), now_s, expected) in [
            (S::Initial, good, 0, Some((10, S::Healthy))),
            (S::Initial, (Some(11), None), 0, Some((25, S::Healthy))),
            (S::Initial, (Some(40), None), 0, Some((40, S::Healthy))),
            (
                S::Initial,
                (Some(41), None),
                0,
                Some((40, S::UnhealthyTimeout)),
            ),
            (S::Initial, (None, None), 0, Some((40, S::UnhealthyTimeout))),
            (
                S::Initial,
                (Some(0), Some(0)),
                0,
                Some((40, S::UnhealthyCode(503))),
            ),
            (S::Healthy, good, 10, None),
            (
                S::Healthy,
                (Some(0), Some(60)),
                10,
                Some((100, S::UnhealthyCode(503))),
            ),
            (
                S::UnhealthyTimeout,
                (Some(41), None),
                40,
                Some((70, S::Healthy)),
            ),
            (S::UnhealthyCode(503), (Some(0), Some(0)), 40, None),
            (S::Draining, good, 40, None),
            (S::Unused, good, 0, None),
        ] {
            let answers = Answers {
                ready_ms: ready_s.map(|seconds: u64| seconds * 1_000),
                bad_from_ms: bad_from_s.map(|seconds: u64| seconds * 1_000),
            };
            let found = next_turn(&group(), 10_000, state, answers, now_s * 1_000);
            let expected = expected.map(|(at_s, state): (u64, S)| (at_s * 1_000, state));
            assert_eq!(
                found, expected,
                "{state:?} ready {ready_s:?} bad {bad_from_s:?} now {now_s}"
            );
        }
    }
}
