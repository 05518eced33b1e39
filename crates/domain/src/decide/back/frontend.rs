//! The frontend on its way back: its mutable files first of all, proven last of all. Trouble is noted, and the rest goes on.

use jiff::Timestamp;

use crate::decide::frontend::{invalidated, pointed};
use crate::decide::look::IN_DOUBT;
use crate::decide::{Decision, frontend_moves};
use crate::journal::{Act, Finding, Side};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::progress::{Progress, after};
use crate::reason::Reason;

/// Whether the mutable files still have to be put back.
pub(super) fn is_open(plan: &Plan, progress: &Progress) -> bool {
    let Some(frontend) = &plan.frontend else {
        return false;
    };
    let cdn = frontend.frontend.distribution.is_some();
    let back = progress.done(&Act::Point { side: Side::Old })
        && (!cdn || progress.invalidated(Side::Old).is_some());
    frontend_moves(plan, progress, Side::Old) && !back && progress.frontend_stays().is_none()
}

/// Puts the mutable files back and makes the CDN forget the new ones.
pub(super) fn undo(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    // The new files may still be on their way to the bucket: what is put back before they arrive would be overwritten.
    let act = Act::Point { side: Side::New };
    let arrives = progress
        .on_its_way(&act)
        .map(|since| after(since, IN_DOUBT));
    let early = !progress.done(&Act::Point { side: Side::Old });
    if let Some(arrives) = arrives.filter(|arrives| early && now <= *arrives) {
        let poll = after(now, plan.policy.poll);
        return Decision::Wait(poll.min(after(arrives, POLL)), Reason::Looking { act });
    }
    let side = Side::Old;
    let step = pointed(progress, now, side).and_then(|step| {
        step.map_or_else(
            || invalidated(plan, progress, seen, now, side),
            |step| Ok(Some(step)),
        )
    });
    match step {
        Ok(Some(decision)) => decision,
        Ok(None) => Decision::Wait(now, Reason::FirstLook),
        Err(obstacle) => Decision::Find(vec![Finding::FrontendStays { obstacle }]),
    }
}

/// Once more after the moment itself.
const POLL: std::time::Duration = std::time::Duration::from_secs(1);
