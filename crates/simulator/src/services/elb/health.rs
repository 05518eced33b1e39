//! When a target's health turns: computed from what the task will answer, so that no check has to be played one by one.

use std::sync::Arc;

use super::observed::Observed;
use super::reach::Reach;
use super::{Answers, BalancerKind, Target, TargetGroup, TargetState};
use crate::Millis;
use crate::base::agenda::{Due, TaskSerial};
use crate::base::here::Here;
use crate::base::timings::FIRST_CHECK;
use crate::services::elb::Elb;

/// The next change of state after `now_ms`, if any.
///
/// A new target becomes healthy after one success (D [DOC]); one that was unhealthy needs HealthyThresholdCount successes, and
/// UnhealthyThresholdCount failures in a row make it unhealthy (D [MODEL]). A network load balancer gives one reason for all failures:
/// Target.FailedHealthChecks (Network Load Balancer guide, target health reason codes [DOC]).
fn next_turn(
    group: &TargetGroup,
    first_check_ms: Millis,
    state: TargetState,
    answers: Answers,
    now_ms: Millis,
) -> Option<(Millis, TargetState)> {
    let interval_ms = group.interval_seconds.max(1) * 1_000;
    let check_at_or_after = |at_ms: Millis| {
        let missed = at_ms.saturating_sub(first_check_ms).div_ceil(interval_ms);
        first_check_ms + missed * interval_ms
    };
    let after_more = |from_ms: Millis, threshold: u32| {
        let more = u64::from(threshold.saturating_sub(1));
        from_ms.saturating_add(more.saturating_mul(interval_ms))
    };
    // Whoever only opens a connection does not hear how the app is.
    let passes = |at_ms: Millis| {
        if group.checks_connections() {
            return answers.listens_at(at_ms);
        }
        let status = if answers.good_at(at_ms) {
            answers.status
        } else {
            503
        };
        answers.listens_at(at_ms) && group.accepts(status)
    };
    let failed = |at_ms: Millis| match (answers.listens_at(at_ms), answers.good_at(at_ms)) {
        _ if group.kind() == BalancerKind::Network => TargetState::UnhealthyFailed,
        (true, true) => TargetState::UnhealthyCode(answers.status),
        (true, false) => TargetState::UnhealthyCode(503),
        (false, _) => TargetState::UnhealthyTimeout,
    };
    let next_check_ms = check_at_or_after(now_ms + 1);
    let ready_ms = answers.ready_ms.map(|ready_ms| ready_ms.max(now_ms + 1));
    let first_good_ms = ready_ms
        .map(check_at_or_after)
        .filter(|at_ms| passes(*at_ms));
    match state {
        TargetState::Initial => {
            let bad_ms = after_more(next_check_ms, group.unhealthy_threshold);
            match first_good_ms {
                Some(good_ms) if good_ms <= bad_ms => Some((good_ms, TargetState::Healthy)),
                Some(_) | None => Some((bad_ms, failed(bad_ms))),
            }
        }
        TargetState::Healthy => {
            // A changed matcher may fail what has passed so far.
            let from_ms = if passes(next_check_ms) {
                answers.bad_from_ms?.max(now_ms + 1)
            } else {
                next_check_ms
            };
            let first_bad_ms = check_at_or_after(from_ms);
            if passes(first_bad_ms) {
                return None;
            }
            let bad_ms = after_more(first_bad_ms, group.unhealthy_threshold);
            Some((bad_ms, failed(bad_ms)))
        }
        TargetState::UnhealthyCode(_)
        | TargetState::UnhealthyTimeout
        | TargetState::UnhealthyFailed => {
            let healthy_ms = after_more(first_good_ms?, group.healthy_threshold);
            passes(healthy_ms).then_some((healthy_ms, TargetState::Healthy))
        }
        TargetState::Draining | TargetState::Unused => None,
    }
}

/// Until when a target that turns now gets a growing share only: when another one that is no beginner is healthy [DOC].
pub(super) fn slow_start(
    group: &TargetGroup,
    state: TargetState,
    now_ms: Millis,
) -> Option<Millis> {
    let slow_ms = group.number("slow_start.duration_seconds")? * 1_000;
    let is_experienced = |target: &Target| {
        let slow = target
            .slow_until_ms
            .is_some_and(|until_ms| now_ms < until_ms);
        target.state == TargetState::Healthy && !slow
    };
    let begins = state == TargetState::Healthy && slow_ms > 0;
    (begins && group.targets.iter().any(is_experienced)).then_some(now_ms + slow_ms)
}

impl Here<'_, Elb> {
    /// A target's health turns now, or it has drained, if the event is still the one that was planned. Answers whose target
    /// changed. `reach` says who answers there.
    pub(crate) fn turned(
        &mut self,
        group_name: &Arc<str>,
        serial: u64,
        reach: Reach,
    ) -> Option<TaskSerial> {
        let now_ms = self.now_ms;
        let group = self.own.groups.get_mut(group_name)?;
        let index = group.targets.iter().position(|it| it.serial == serial)?;
        let target = group.targets.get(index)?;
        // Planned before anybody could reach it for real.
        if target.state != TargetState::Draining && reach != Reach::Scripted {
            return None;
        }
        let (task, state) = (
            target.task,
            target.next.filter(|(at_ms, _)| *at_ms == now_ms)?.1,
        );
        if target.state == TargetState::Draining {
            group.targets.remove(index);
            return task;
        }
        let slow_until_ms = slow_start(group, state, now_ms);
        let target = group.targets.get_mut(index)?;
        target.state = state;
        target.slow_until_ms = slow_until_ms;
        self.plan_turn(group_name, serial, reach);
        task
    }

    /// From now on as if the target had just been registered.
    pub(crate) fn restart_checks(&mut self, group_name: &Arc<str>, serial: u64, reach: Reach) {
        let first_ms = FIRST_CHECK.draw(self.weather, self.random);
        let now_ms = self.now_ms;
        let group = self.own.groups.get(group_name);
        let interval_ms = group.map_or(0, |group| group.interval_seconds * 1_000);
        if let Some(target) = self.own.numbered_mut(group_name, serial) {
            target.first_check_ms = now_ms + first_ms.min(interval_ms);
            target.observed = Observed::default();
        }
        self.plan_turn(group_name, serial, reach);
    }

    /// Plans when its health turns next.
    pub(crate) fn plan_turn(&mut self, group_name: &Arc<str>, serial: u64, reach: Reach) {
        let now_ms = self.now_ms;
        let Some(group) = self.own.groups.get(group_name) else {
            return;
        };
        let Some(target) = group.targets.iter().find(|it| it.serial == serial) else {
            return;
        };
        if target.state == TargetState::Draining {
            return;
        }
        if reach != Reach::Scripted {
            // Whoever can reach it looks how it is.
            if let Some(target) = self.own.numbered_mut(group_name, serial) {
                target.next = None;
            }
            return;
        }
        let next = next_turn(
            group,
            target.first_check_ms,
            target.state,
            target.answers,
            now_ms,
        );
        if let Some(target) = self.own.numbered_mut(group_name, serial) {
            target.next = next;
        }
        if let Some((at_ms, _)) = next {
            self.agenda
                .add(at_ms, Due::Target(Arc::clone(group_name), serial));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, TargetGroup, TargetState, next_turn};

    fn group() -> TargetGroup {
        TargetGroup {
            interval_seconds: 15,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
            ..TargetGroup::new(String::new(), "web".into(), 80)
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
                status: 200,
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
