//! The frontends' pointers: flipped last and all at once, each invalidated by path and proven through its CDN. The same,
//! mirrored, on the way back.

mod sides;

use std::time::Duration;

use jiff::Timestamp;

pub use sides::{expected_files, forgets, pointers};

use super::Decision;
use super::look::milliseconds;
use super::serving::beside;
use crate::FrontendName;
use crate::journal::{Act, Cause, Finding, Grounds, Obstacle, Side};
use crate::observation::{FrontendView, InvalidationView, Observation, Seen};
use crate::plan::{FrontendChange, FrontendPlan, Plan};
use crate::ports::{FailureKind, PortFailure};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Witness};

/// A frontend of the plan.
pub(crate) type Of<'p> = (&'p FrontendName, &'p FrontendPlan);

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
    let open = plan.frontends.iter().filter(|(name, _)| {
        let component = Component::Frontend((*name).clone());
        !progress.proven(Side::New, &component)
    });
    let decisions = open.map(|of| {
        let decision = side(plan, progress, seen, now, of, Side::New);
        decision.unwrap_or_else(|obstacle| Decision::turn_back(cause(of.0, obstacle)))
    });
    together(decisions, now)
}

fn cause(name: &FrontendName, obstacle: Obstacle) -> Cause {
    match obstacle {
        Obstacle::Act { act, failure } => Cause::ActFailed { act, failure },
        Obstacle::Slow => Cause::TimedOut {
            what: match name.is_usual() {
                true => "the CDN's invalidation".to_owned(),
                false => format!("the CDN's invalidation of {name}"),
            },
            limit_ms: milliseconds(INVALIDATE_WITHIN),
            grounds: Grounds::default(),
        },
        Obstacle::Wrong { witness } => Cause::NotProven {
            component: Component::Frontend(name.clone()),
            witness,
        },
    }
}

/// What becomes of each frontend, as one decision: findings first, then acts, all of them at once; otherwise the first reason to
/// wait, until the first of them needs another look. What turns the deployment back comes alone.
pub(super) fn together(decisions: impl Iterator<Item = Decision>, now: Timestamp) -> Decision {
    let (mut findings, mut acts) = (Vec::new(), Vec::new());
    let mut waits: Option<(Timestamp, Reason)> = None;
    for decision in decisions {
        match decision {
            Decision::Find(found) => findings.extend(found),
            Decision::Act(more) => acts.extend(more),
            Decision::Wait(until, reason) => {
                waits = Some(match waits {
                    // What was not looked at yet is no reason that people read.
                    Some((at, first)) if first != Reason::FirstLook => (at.min(until), first),
                    Some((at, _)) => (at.min(until), reason),
                    None => (until, reason),
                });
            }
            over @ (Decision::Finish(_) | Decision::Leave(_)) => return over,
        }
    }
    let turns = |finding: &Finding| matches!(finding, Finding::TurnedBack { .. });
    if let Some(first) = findings.iter().position(turns) {
        return Decision::Find(vec![findings.swap_remove(first)]);
    }
    match (findings.is_empty(), acts.is_empty()) {
        (false, _) => Decision::Find(findings),
        (true, false) => Decision::Act(acts),
        (true, true) => {
            let (until, reason) = waits.unwrap_or((now, Reason::FirstLook));
            Decision::Wait(until, reason)
        }
    }
}

/// Brings a frontend to one side and proves it.
fn side(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    of: Of<'_>,
    side: Side,
) -> Result<Decision, Obstacle> {
    if moves(progress, of, side)
        && let Some(decision) = pointed(progress, now, of.0, side)?
    {
        return Ok(decision);
    }
    if let Some(decision) = invalidated(plan, progress, seen, now, of, side)? {
        return Ok(decision);
    }
    // Nothing but frontends moves while they are proven: the last event is when all of them could be.
    let since = progress.moved_at().unwrap_or(now);
    proven(plan, progress, seen, now, (of, since), side)
}

/// Proves that visitors get one side's files, which could be so since that moment.
pub(super) fn proven(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    (of, since): (Of<'_>, Timestamp),
    side: Side,
) -> Result<Decision, Obstacle> {
    let (name, frontend) = of;
    match seen.frontends.get(name) {
        None => Ok(Decision::Wait(now, Reason::FirstLook)),
        Some(Seen::Unseen(failure)) if now <= after(since, patience(frontend, Side::Old)) => {
            let what = name.said().to_owned();
            let failure = failure.clone();
            Ok(Decision::poll(plan, now, Reason::Unseen { what, failure }))
        }
        Some(Seen::Unseen(failure)) => Err(Obstacle::Wrong {
            witness: Witness::unheard(frontend.witness(), failure),
        }),
        Some(Seen::Known(view)) => {
            let limit = after(since, patience(frontend, side));
            judge(plan, progress, of, view, (now, limit), side)
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
    (name, frontend): Of<'_>,
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
                component: Component::Frontend(name.clone()),
                witnesses: vec![witness],
            };
            return Ok(Decision::Find(vec![Finding::Proven { side, proof }]));
        }
    };
    // A look of a large build may itself take longer than the limit: nothing is judged by one look alone. On the way back
    // other components are waited for as well, and the limit is long. Whatever is waited for, since the last event every frontend
    // was looked at.
    let looked_before = side == Side::Old
        || matches!(
            progress.waiting(),
            Some(
                Reason::Proving {
                    component: Component::Frontend(_),
                    ..
                } | Reason::Unseen { .. }
                    | Reason::Invalidating { .. }
                    | Reason::Again { .. }
            )
        );
    if now > limit && looked_before {
        return Err(Obstacle::Wrong { witness: missing });
    }
    Ok(Decision::poll(
        plan,
        now,
        Reason::Proving {
            component: Component::Frontend(name.clone()),
            missing: missing.to_string(),
        },
    ))
}

/// Whether visitors' files have to change to be on one side; otherwise they only have to be proven.
pub(crate) fn moves(progress: &Progress, (name, frontend): Of<'_>, side: Side) -> bool {
    match side {
        Side::New => frontend.change == FrontendChange::Publish,
        Side::Old => progress.may_have_done(&point(name, Side::New)),
    }
}

fn point(name: &FrontendName, side: Side) -> Act {
    let frontend = name.clone();
    Act::Point { frontend, side }
}

/// Whether visitors' files are those of one side, as far as acts go.
pub(crate) fn is_pointed(progress: &Progress, of: Of<'_>, side: Side) -> bool {
    !moves(progress, of, side) || progress.done(&point(of.0, side))
}

/// Whether the CDN has nothing to forget, or forgot it. Headers that were put right stay right on the way back: there only
/// moved files have to be forgotten.
pub(crate) fn forgotten(progress: &Progress, of: Of<'_>, side: Side) -> bool {
    let (name, frontend) = of;
    let uploads = frontend.change != FrontendChange::Unchanged;
    let changed = match side {
        Side::New => !forgets(frontend, side).is_empty() && uploads,
        Side::Old => moves(progress, of, side),
    };
    let forgot = progress.invalidated(name, side).is_some();
    frontend.frontend.distribution.is_none() || !changed || forgot
}

/// The mutable files are those of one side; otherwise the next step to there.
pub(super) fn pointed(
    progress: &Progress,
    now: Timestamp,
    name: &FrontendName,
    side: Side,
) -> Result<Option<Decision>, Obstacle> {
    act(progress, now, point(name, side))
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
    of: Of<'_>,
    side: Side,
) -> Result<Option<Decision>, Obstacle> {
    if forgotten(progress, of, side) {
        return Ok(None);
    }
    let name = of.0;
    let frontend = name.clone();
    let invalidate = Act::Invalidate { frontend, side };
    if let Some(decision) = act(progress, now, invalidate)? {
        return Ok(Some(decision));
    }
    let asked = progress.invalidation(name, side);
    let since = asked.map_or(now, |(_, since)| since);
    let frontend = name.clone();
    match seen.invalidations.get(name) {
        None => Ok(Some(Decision::Wait(now, Reason::FirstLook))),
        Some(Seen::Known(InvalidationView::Completed)) => {
            let finding = Finding::Invalidated { frontend, side };
            Ok(Some(Decision::Find(vec![finding])))
        }
        Some(Seen::Known(InvalidationView::InProgress) | Seen::Unseen(_))
            if now > after(since, INVALIDATE_WITHIN) =>
        {
            Err(Obstacle::Slow)
        }
        Some(Seen::Known(InvalidationView::InProgress) | Seen::Unseen(_)) => {
            let reason = Reason::Invalidating { frontend };
            Ok(Some(Decision::poll(plan, now, reason)))
        }
    }
}
