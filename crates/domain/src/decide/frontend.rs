//! The frontend's pointer: flipped last, invalidated by path, proven through the CDN. The same, mirrored, on the way back.

mod sides;

use std::time::Duration;

use jiff::Timestamp;

pub use sides::{expected_files, forgets, pointers};

use super::Decision;
use super::look::milliseconds;
use super::serving::beside;
use crate::journal::{Act, Cause, Finding, Grounds, Obstacle, Side};
use crate::observation::{FrontendView, InvalidationView, Observation, Seen};
use crate::plan::{FrontendPlan, Plan};
use crate::ports::{FailureKind, PortFailure};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Witness};

/// How long the CDN may take to forget files.
const INVALIDATE_WITHIN: Duration = Duration::from_secs(15 * 60);
/// How long visitors may still get something else after that.
const PROVE_WITHIN: Duration = Duration::from_secs(120);
/// And how much longer for each file that has to be looked at.
const PER_FILE: Duration = Duration::from_millis(50);
/// How long a CDN is given to end other invalidations: the usual five minutes, and then so many attempts, a minute apart.
const MOST_CROWDED: u32 = 14 + 25;
const CROWDED_PAUSE: Duration = Duration::from_secs(60);

pub(super) fn publish(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    if let Some(decision) = beside(plan, progress, seen, now, &[]) {
        return decision;
    }
    side(plan, progress, seen, now, Side::New).unwrap_or_else(|obstacle| {
        Decision::turn_back(match obstacle {
            Obstacle::Act { act, failure } => Cause::ActFailed { act, failure },
            Obstacle::Slow => Cause::TimedOut {
                what: "the CDN's invalidation".to_owned(),
                limit_ms: milliseconds(INVALIDATE_WITHIN),
                grounds: Grounds::default(),
            },
            Obstacle::Wrong { witness } => Cause::NotProven {
                component: Component::Frontend,
                witness,
            },
        })
    })
}

/// Brings the frontend to one side and proves it.
fn side(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    side: Side,
) -> Result<Decision, Obstacle> {
    if moves(plan, progress, side)
        && let Some(decision) = pointed(progress, now, side)?
    {
        return Ok(decision);
    }
    if let Some(decision) = invalidated(plan, progress, seen, now, side)? {
        return Ok(decision);
    }
    // Nothing else happens while the frontend is proven: the last event is when it could be.
    let since = progress.moved_at().unwrap_or(now);
    proven(plan, progress, seen, now, since, side)
}

/// Proves that visitors get one side's files, which could be so since that moment.
pub(super) fn proven(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    since: Timestamp,
    side: Side,
) -> Result<Decision, Obstacle> {
    let Some(frontend) = &plan.frontend else {
        return Ok(Decision::Wait(now, Reason::FirstLook));
    };
    match &seen.frontend {
        None => Ok(Decision::Wait(now, Reason::FirstLook)),
        Some(Seen::Unseen(failure)) if now <= after(since, patience(frontend, Side::Old)) => {
            let what = "the frontend".to_owned();
            let failure = failure.clone();
            Ok(Decision::poll(plan, now, Reason::Unseen { what, failure }))
        }
        Some(Seen::Unseen(failure)) => Err(Obstacle::Wrong {
            witness: Witness::unheard(frontend.witness(), failure),
        }),
        Some(Seen::Known(view)) => {
            let limit = after(since, patience(frontend, side));
            judge(plan, progress, frontend, view, (now, limit), side)
        }
    }
}

/// How long the files may be wrong or unseen. A large build takes longer to look at: each of its files counts.
pub(super) fn patience(frontend: &FrontendPlan, side: Side) -> Duration {
    let files = u32::try_from(frontend.manifest.files.len()).unwrap_or(u32::MAX);
    let looking = PER_FILE.saturating_mul(files);
    match side {
        Side::New => PROVE_WITHIN + looking,
        Side::Old => PROVE_WITHIN * 5 + looking,
    }
}

fn judge(
    plan: &Plan,
    progress: &Progress,
    frontend: &FrontendPlan,
    view: &FrontendView,
    (now, limit): (Timestamp, Timestamp),
    side: Side,
) -> Result<Decision, Obstacle> {
    let kind = frontend.witness();
    let missing = match view.wrong.iter().next() {
        Some((path, found)) => Witness::contradicts(kind, format!("/{path}: {found}")),
        None if view.unseen > 0 => {
            let seen = view.files.saturating_sub(view.unseen);
            Witness::silent(kind, format!("{seen}/{} files seen so far", view.files))
        }
        None => {
            let witness = Witness::confirms(kind, frontend.as_built(view.files, side));
            let proof = Proof {
                component: Component::Frontend,
                witnesses: vec![witness],
            };
            return Ok(Decision::Find(vec![Finding::Proven { side, proof }]));
        }
    };
    // A look of a large build may itself take longer than the limit: nothing is judged by one look alone. On the way back
    // other components are waited for as well, and the limit is long.
    let looked_before = side == Side::Old
        || matches!(
            progress.waiting(),
            Some(
                Reason::Proving {
                    component: Component::Frontend,
                    ..
                } | Reason::Unseen { .. }
            )
        );
    if now > limit && looked_before {
        return Err(Obstacle::Wrong { witness: missing });
    }
    Ok(Decision::poll(
        plan,
        now,
        Reason::Proving {
            component: Component::Frontend,
            missing: missing.to_string(),
        },
    ))
}

/// Whether visitors' files have to change to be on one side; otherwise they only have to be proven.
pub(crate) fn moves(plan: &Plan, progress: &Progress, side: Side) -> bool {
    match side {
        Side::New => plan.publishes().is_some(),
        Side::Old => progress.may_have_done(&Act::Point { side: Side::New }),
    }
}

/// Whether visitors' files are those of one side, as far as acts go.
pub(crate) fn is_pointed(plan: &Plan, progress: &Progress, side: Side) -> bool {
    !moves(plan, progress, side) || progress.done(&Act::Point { side })
}

/// Whether the CDN has nothing to forget, or forgot it. Headers that were put right stay right on the way back: there only
/// moved files have to be forgotten.
pub(crate) fn forgotten(plan: &Plan, progress: &Progress, side: Side) -> bool {
    let Some(frontend) = &plan.frontend else {
        return true;
    };
    let changed = match side {
        Side::New => !forgets(frontend, side).is_empty() && plan.uploads().is_some(),
        Side::Old => moves(plan, progress, side),
    };
    frontend.frontend.distribution.is_none() || !changed || progress.invalidated(side).is_some()
}

/// The mutable files are those of one side; otherwise the next step to there.
pub(super) fn pointed(
    progress: &Progress,
    now: Timestamp,
    side: Side,
) -> Result<Option<Decision>, Obstacle> {
    act(progress, now, Act::Point { side })
}

/// Both acts may be repeated: the same files, the same caller reference.
fn act(progress: &Progress, now: Timestamp, act: Act) -> Result<Option<Decision>, Obstacle> {
    match progress.standing_repeatable(&act, now) {
        Standing::Done(..) => Ok(None),
        Standing::Ready | Standing::InDoubt(_) => Ok(Some(Decision::Act(vec![act]))),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            Ok(Some(Decision::Wait(until, Reason::Again { act, failure })))
        }
        Standing::GaveUp(failure) => match crowded(progress, &act, failure, now) {
            Some(decision) => Ok(Some(decision)),
            None => {
                let failure = failure.clone();
                Err(Obstacle::Act { act, failure })
            }
        },
    }
}

/// A CDN that has too many invalidations in progress ends them one after the other: that is waited for longer than for other
/// calls, once a minute.
fn crowded(
    progress: &Progress,
    act: &Act,
    failure: &PortFailure,
    now: Timestamp,
) -> Option<Decision> {
    let waits = matches!(act, Act::Invalidate { .. }) && failure.kind == FailureKind::Throttled;
    let (_, at) = progress
        .tried(act)
        .filter(|(tried, _)| waits && *tried < MOST_CROWDED)?;
    let again = after(at, CROWDED_PAUSE);
    Some(if now >= again {
        Decision::Act(vec![act.clone()])
    } else {
        let (act, failure) = (act.clone(), failure.clone());
        Decision::Wait(again, Reason::Again { act, failure })
    })
}

/// The CDN, where there is one, has forgotten the other side's files; otherwise the next step to there.
pub(super) fn invalidated(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    side: Side,
) -> Result<Option<Decision>, Obstacle> {
    if forgotten(plan, progress, side) {
        return Ok(None);
    }
    if let Some(decision) = act(progress, now, Act::Invalidate { side })? {
        return Ok(Some(decision));
    }
    let since = progress.invalidation(side).map_or(now, |(_, since)| since);
    match &seen.invalidation {
        None => Ok(Some(Decision::Wait(now, Reason::FirstLook))),
        Some(Seen::Known(InvalidationView::Completed)) => {
            Ok(Some(Decision::Find(vec![Finding::Invalidated { side }])))
        }
        Some(Seen::Known(InvalidationView::InProgress) | Seen::Unseen(_))
            if now > after(since, INVALIDATE_WITHIN) =>
        {
            Err(Obstacle::Slow)
        }
        Some(Seen::Known(InvalidationView::InProgress) | Seen::Unseen(_)) => {
            Ok(Some(Decision::poll(plan, now, Reason::Invalidating)))
        }
    }
}
