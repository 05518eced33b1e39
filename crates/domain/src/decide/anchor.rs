//! The database's anchor: made before anything else, waited for until it is there. Without it nothing is migrated.

use jiff::Timestamp;

use super::Decision;
use crate::anchor::{Anchor, AnchorRequest, AnchorView, Outlived, anchor_name};
use crate::journal::{Act, Cause, Finding};
use crate::observation::{Observation, Seen};
use crate::plan::Plan;
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;

/// Makes it, and waits for it.
pub(super) fn anchor(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    let act = Act::Anchor;
    // By its name it is the same one when it is asked for again.
    let since = match progress.standing_repeatable(&act, now) {
        Standing::Ready | Standing::InDoubt(_) => return Decision::Act(vec![act]),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            return Decision::Wait(until, Reason::Again { act, failure });
        }
        Standing::GaveUp(failure) => {
            let failure = failure.clone();
            return Decision::turn_back(Cause::ActFailed { act, failure });
        }
        Standing::Done(since, _) => since,
    };
    let Some(anchor) = plan.anchors() else {
        let why = "the plan has none".to_owned();
        return Decision::turn_back(Cause::AnchorFailed { why });
    };
    let late = now > after(since, anchor.timeout);
    match &seen.anchor {
        None => Decision::Wait(now, Reason::FirstLook),
        Some(Seen::Known(AnchorView::Ready(anchor))) => {
            let anchor = anchor.clone();
            Decision::Find(vec![Finding::Anchored { anchor }])
        }
        Some(Seen::Known(AnchorView::Failed(why))) => {
            Decision::turn_back(Cause::AnchorFailed { why: why.clone() })
        }
        Some(Seen::Known(AnchorView::Making(percent))) if late => {
            let done = percent.map(|percent| format!(", {percent} % of it"));
            too_late(anchor, &done.unwrap_or_default())
        }
        Some(Seen::Unseen(failure)) if late => {
            too_late(anchor, &format!(": it could not be seen: {failure}"))
        }
        Some(Seen::Known(AnchorView::Making(percent))) => {
            let percent = percent.map(|percent| percent / 10 * 10);
            Decision::poll(plan, now, Reason::Anchoring { percent })
        }
        Some(Seen::Unseen(failure)) => {
            let what = "the database's anchor".to_owned();
            let failure = failure.clone();
            Decision::poll(plan, now, Reason::Unseen { what, failure })
        }
    }
}

fn too_late(anchor: &Anchor, how_far: &str) -> Decision {
    let (of, limit) = (&anchor.of, anchor.timeout.as_secs());
    let why = format!("the {of} was not there after {limit} s{how_far}");
    Decision::turn_back(Cause::AnchorFailed { why })
}

/// Earlier anchors are removed when the release is live and recorded. That they stay is noted, and is in nobody's way.
pub(super) fn forget(progress: &Progress, now: Timestamp) -> Decision {
    let act = Act::ForgetAnchors;
    match progress.standing_repeatable(&act, now) {
        Standing::Ready | Standing::InDoubt(_) => Decision::Act(vec![act]),
        Standing::Later(until, failure) if tries(progress) < MOST_TRIES => {
            let failure = failure.clone();
            Decision::Wait(until, Reason::Again { act, failure })
        }
        Standing::Later(_, failure) | Standing::GaveUp(failure) => {
            let failure = failure.clone();
            Decision::Find(vec![Finding::AnchorsStay { failure }])
        }
        Standing::Done(..) => Decision::Wait(now, Reason::FirstLook),
    }
}

/// Nobody waits long for what the next deployment does as well.
const MOST_TRIES: u32 = 3;

fn tries(progress: &Progress) -> u32 {
    progress
        .tried(&Act::ForgetAnchors)
        .map_or(0, |(tries, _)| tries)
}

/// The anchor to make.
#[must_use]
pub(crate) fn anchor_request(plan: &Plan, progress: &Progress) -> Option<AnchorRequest> {
    let anchor = plan.anchors()?.clone();
    let moment = progress.anchor_intended()?;
    Some(AnchorRequest {
        anchor,
        name: anchor_name(&plan.deployment),
        app: plan.release.app.clone(),
        environment: plan.release.environment.clone(),
        deployment: plan.deployment.clone(),
        moment,
    })
}

/// What is to be removed.
#[must_use]
pub(crate) fn outlived(plan: &Plan, now: Timestamp) -> Option<Outlived> {
    let (anchor, keep) = plan.outlives()?;
    Some(Outlived {
        anchor: anchor.clone(),
        app: plan.release.app.clone(),
        environment: plan.release.environment.clone(),
        before: now.checked_sub(keep).ok()?,
        but: anchor_name(&plan.deployment),
    })
}
