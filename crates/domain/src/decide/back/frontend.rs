//! The frontends on their way back: their mutable files first of all, proven last of all. Trouble is noted, and the rest goes on.

use jiff::Timestamp;

use crate::FrontendName;
use crate::decide::frontend::{Of, invalidated, pointed, together};
use crate::decide::look::IN_DOUBT;
use crate::decide::{Decision, frontend_moves};
use crate::journal::{Act, Finding, Side};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::progress::{Progress, after};
use crate::reason::Reason;

/// Whether mutable files of any frontend still have to be put back.
pub(super) fn is_open(plan: &Plan, progress: &Progress) -> bool {
    plan.frontends.iter().any(|of| is_away(progress, of))
}

/// Whether this one's have.
fn is_away(progress: &Progress, of: Of<'_>) -> bool {
    let (name, frontend) = of;
    let cdn = frontend.frontend.distribution.is_some();
    let back = progress.done(&point(name, Side::Old))
        && (!cdn || progress.invalidated(name, Side::Old).is_some());
    let stays = progress.frontends_stay().contains_key(name);
    frontend_moves(progress, of, Side::Old) && !back && !stays
}

fn point(name: &FrontendName, side: Side) -> Act {
    let frontend = name.clone();
    Act::Point { frontend, side }
}

/// Puts the mutable files of every frontend back and makes the CDNs forget the new ones.
pub(super) fn undo(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    let away = plan.frontends.iter().filter(|of| is_away(progress, *of));
    together(away.map(|of| undo_one(plan, progress, seen, now, of)), now)
}

fn undo_one(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    of: Of<'_>,
) -> Decision {
    let name = of.0;
    // The new files may still be on their way to the bucket: what is put back before they arrive would be overwritten.
    let act = point(name, Side::New);
    let arrives = progress
        .on_its_way(&act)
        .map(|since| after(since, IN_DOUBT));
    let early = !progress.done(&point(name, Side::Old));
    if let Some(arrives) = arrives.filter(|arrives| early && now <= *arrives) {
        let poll = after(now, plan.policy.poll);
        return Decision::Wait(poll.min(after(arrives, POLL)), Reason::Looking { act });
    }
    let side = Side::Old;
    let step = pointed(progress, now, name, side).and_then(|step| {
        step.map_or_else(
            || invalidated(plan, progress, seen, now, of, side),
            |step| Ok(Some(step)),
        )
    });
    match step {
        Ok(Some(decision)) => decision,
        Ok(None) => Decision::Wait(now, Reason::FirstLook),
        Err(obstacle) => Decision::Find(vec![Finding::FrontendStays {
            frontend: name.clone(),
            obstacle,
        }]),
    }
}

/// Once more after the moment itself.
const POLL: std::time::Duration = std::time::Duration::from_secs(1);
