//! One way to step: what one component does next, and how the steps of many become one decision.

use jiff::Timestamp;

use super::Decision;
use crate::ServiceName;
use crate::journal::{Act, Cause, Finding};
use crate::plan::Plan;
use crate::progress::after;
use crate::reason::Reason;

/// What one component does or finds now, or until when it waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Do this.
    Act(Act),
    /// Remember these.
    Find(Vec<Finding>),
    /// Look again at that moment, because of this.
    Wait(Timestamp, Reason),
    /// Nothing is left to do.
    Settled,
}

impl Step {
    /// Remember this.
    pub(super) fn found(finding: Finding) -> Self {
        Self::Find(vec![finding])
    }

    /// The whole deployment turns back.
    pub(super) fn turn_back(cause: Cause) -> Self {
        Self::found(Finding::TurnedBack { cause })
    }

    /// Look again after the plan's polling interval.
    pub(super) fn poll(plan: &Plan, now: Timestamp, reason: Reason) -> Self {
        Self::Wait(after(now, plan.policy.poll), reason)
    }
}

/// The steps of all members as one decision: findings first, then acts, then the most telling reason to wait, not longer
/// than the polling interval. What turns the deployment back comes alone: what was proven beside it does not count.
pub(super) fn merge(
    plan: &Plan,
    now: Timestamp,
    steps: impl IntoIterator<Item = Step>,
) -> Decision {
    let (mut acts, mut findings, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let mut until = after(now, plan.policy.poll);
    for step in steps {
        match step {
            Step::Act(act) => acts.push(act),
            Step::Find(found) => findings.extend(found),
            Step::Wait(at, reason) => {
                until = until.min(at);
                reasons.push(reason);
            }
            Step::Settled => {}
        }
    }
    let turns = |finding: &Finding| matches!(finding, Finding::TurnedBack { .. });
    if let Some(first) = findings.iter().position(turns) {
        return Decision::Find(vec![findings.swap_remove(first)]);
    }
    match (findings.is_empty(), acts.is_empty()) {
        (false, _) => Decision::Find(findings),
        (true, false) => Decision::Act(acts),
        (true, true) => Decision::Wait(until, most_telling(reasons)),
    }
}

/// Several services on their way are one reason; anything else tells more than that.
fn most_telling(reasons: Vec<Reason>) -> Reason {
    let (mut out, mut back): (Vec<ServiceName>, Vec<ServiceName>) = (Vec::new(), Vec::new());
    for reason in reasons {
        match reason {
            Reason::RollingOut { services } => out.extend(services),
            Reason::Returning { services } => back.extend(services),
            other => return other,
        }
    }
    match (out.is_empty(), back.is_empty()) {
        (false, _) => Reason::RollingOut { services: out },
        (true, false) => Reason::Returning { services: back },
        (true, true) => Reason::FirstLook,
    }
}
