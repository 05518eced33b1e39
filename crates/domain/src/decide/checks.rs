//! Smoke checks, after the services are proven.

use std::time::Duration;

use jiff::Timestamp;

use super::Decision;
use super::look::overdue;
use super::serving::beside;
use crate::app::Check;
use crate::journal::{Cause, Finding};
use crate::observation::{CheckResult, Observation, Seen};
use crate::plan::Plan;
use crate::ports::PortFailure;
use crate::progress::{Progress, after};
use crate::reason::Reason;

/// How long a check may be impossible to ask at least.
const ASKED_WITHIN: Duration = Duration::from_secs(180);

pub(super) fn checks(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    if let Some(decision) = beside(plan, progress, seen, now, &[]) {
        return decision;
    }
    let (mut findings, mut waiting) = (Vec::new(), None);
    for check in &plan.checks {
        let (name, last) = (check.name.clone(), progress.check(&check.name));
        match answer(progress, seen, check) {
            Answer::Passed => {}
            Answer::Failed(seen) => {
                if last.map_or(0, |state| state.failures) + 1 >= check.attempts {
                    return Decision::turn_back(Cause::CheckFailed { name, seen });
                }
                findings.push(Finding::CheckFailed { name, seen });
            }
            Answer::Unseen(failure) => {
                let since = progress.moved_at().unwrap_or(now);
                let limit = ASKED_WITHIN.max(check.interval.saturating_mul(check.attempts));
                if !failure.is_passing() || overdue(now, since, limit) {
                    let seen = format!("it could not be asked ({failure})");
                    return Decision::turn_back(Cause::CheckFailed { name, seen });
                }
                let what = format!("check `{name}`");
                let failure = failure.clone();
                let until = after(now, plan.policy.poll);
                waiting = Some((until, Reason::Unseen { what, failure }));
            }
            Answer::None => {
                let until = last.map_or(now, |state| after(state.at, check.interval));
                let seen = last.map_or_else(String::new, |state| state.seen.clone());
                waiting = Some((until, Reason::Checking { name, seen }));
            }
        }
    }
    match (findings.is_empty(), waiting) {
        (false, _) => Decision::Find(findings),
        (true, Some((until, reason))) => {
            Decision::Wait(until.min(after(now, plan.policy.poll)), reason)
        }
        (true, None) => Decision::Find(vec![Finding::ChecksPassed]),
    }
}

enum Answer<'s> {
    Passed,
    Failed(String),
    /// It could not be asked, which is no attempt.
    Unseen(&'s PortFailure),
    None,
}

/// What this look says of a check. A failed answer is one attempt, however often it is decided upon.
fn answer<'s>(progress: &Progress, seen: &'s Observation, check: &Check) -> Answer<'s> {
    let counted = progress
        .check(&check.name)
        .is_some_and(|last| last.at >= seen.at);
    match seen.checks.get(&check.name).filter(|_| !counted) {
        Some(Seen::Known(CheckResult::Passed(_))) => Answer::Passed,
        Some(Seen::Known(CheckResult::Failed(what) | CheckResult::Unreached(what))) => {
            Answer::Failed(what.clone())
        }
        Some(Seen::Unseen(failure)) => Answer::Unseen(failure),
        None => Answer::None,
    }
}
