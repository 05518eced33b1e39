//! The frontend's pointer: flipped last, invalidated by path, proven through the CDN. The same, mirrored, on the way back.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::Decision;
use super::look::milliseconds;
use super::relapse::relapse;
use crate::journal::{Act, Cause, Finding, Grounds, Obstacle, Side};
use crate::observation::{FrontendView, InvalidationView, Observation, Seen};
use crate::plan::{FrontendPlan, Plan};
use crate::ports::ExpectedFile;
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::release::FileKind;
use crate::verdict::{Component, Proof, Witness};

/// How long the CDN may take to forget files.
const INVALIDATE_WITHIN: Duration = Duration::from_secs(15 * 60);
/// How long visitors may still get something else after that.
const PROVE_WITHIN: Duration = Duration::from_secs(120);

pub(super) fn publish(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    if let Some(cause) = relapse(plan, progress, seen, now) {
        return Decision::turn_back(cause);
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
    if moves(plan, progress, side) {
        if let Some(decision) = pointed(progress, now, side)? {
            return Ok(decision);
        }
        if let Some(decision) = invalidated(plan, progress, seen, now, side)? {
            return Ok(decision);
        }
    }
    // Nothing else happens while the frontend is proven: the last event is when it could be.
    let since = progress.moved_at().unwrap_or(now);
    proven(plan, seen, now, since, side)
}

/// Proves that visitors get one side's files, which could be so since that moment.
pub(super) fn proven(
    plan: &Plan,
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
        Some(Seen::Unseen(failure)) if now <= after(since, PROVE_WITHIN * 5) => {
            let what = "the frontend".to_owned();
            let failure = failure.clone();
            Ok(Decision::poll(plan, now, Reason::Unseen { what, failure }))
        }
        Some(Seen::Unseen(failure)) => Err(Obstacle::Wrong {
            witness: Witness::silent(frontend.witness(), failure.to_string()),
        }),
        Some(Seen::Known(view)) => judge(plan, frontend, view, now, since, side),
    }
}

fn judge(
    plan: &Plan,
    frontend: &FrontendPlan,
    view: &FrontendView,
    now: Timestamp,
    since: Timestamp,
    side: Side,
) -> Result<Decision, Obstacle> {
    let kind = frontend.witness();
    let Some((path, found)) = view.wrong.iter().next() else {
        let witness = Witness::confirms(kind, format!("{0}/{0} files as built", view.files));
        let proof = Proof {
            component: Component::Frontend,
            witnesses: vec![witness],
        };
        return Ok(Decision::Find(vec![Finding::Proven { side, proof }]));
    };
    let wrong = Witness::contradicts(kind, format!("/{path}: {found}"));
    if now > after(since, PROVE_WITHIN) && side == Side::New || now > after(since, PROVE_WITHIN * 5)
    {
        return Err(Obstacle::Wrong { witness: wrong });
    }
    Ok(Decision::poll(
        plan,
        now,
        Reason::Proving {
            component: Component::Frontend,
            missing: wrong.to_string(),
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
        Standing::GaveUp(failure) => {
            let failure = failure.clone();
            Err(Obstacle::Act { act, failure })
        }
    }
}

/// The CDN, where there is one, has forgotten the other side's files; otherwise the next step to there.
pub(super) fn invalidated(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    side: Side,
) -> Result<Option<Decision>, Obstacle> {
    let cdn = plan
        .frontend
        .as_ref()
        .and_then(|f| f.frontend.distribution.as_ref());
    if cdn.is_none() || progress.invalidated(side).is_some() {
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

/// The mutable files of one side: path to SHA-256, or nothing where the path must not exist.
#[must_use]
pub fn pointers(frontend: &FrontendPlan, side: Side) -> BTreeMap<String, Option<String>> {
    let new = frontend.manifest.of_kind(FileKind::Mutable);
    match side {
        Side::New => new
            .map(|(path, file)| (path.clone(), Some(file.sha256.clone())))
            .collect(),
        Side::Old => {
            let mut old: BTreeMap<String, Option<String>> =
                new.map(|(path, _)| (path.clone(), None)).collect();
            old.extend(
                frontend
                    .before
                    .iter()
                    .map(|(path, hash)| (path.clone(), Some(hash.clone()))),
            );
            old
        }
    }
}

/// The files that visitors must get on one side.
#[must_use]
pub fn expected_files(frontend: &FrontendPlan, side: Side) -> Vec<ExpectedFile> {
    match side {
        Side::New => frontend
            .manifest
            .files
            .iter()
            .map(|(path, file)| {
                let content_type = Some(file.content_type.clone());
                ExpectedFile {
                    path: path.clone(),
                    sha256: file.sha256.clone(),
                    content_type,
                }
            })
            .collect(),
        Side::Old => frontend
            .before
            .iter()
            .map(|(path, hash)| ExpectedFile {
                path: path.clone(),
                sha256: hash.clone(),
                content_type: None,
            })
            .collect(),
    }
}
