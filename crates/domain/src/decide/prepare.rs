//! What is done before anything that users could notice, and the ledger at the end. Also: how a set of acts is brought to its end.

use jiff::Timestamp;

use super::Decision;
use super::phase::preparations;
use crate::journal::{Act, Cause};
use crate::plan::Plan;
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;

pub(super) fn decide(plan: &Plan, progress: &Progress, now: Timestamp) -> Decision {
    let acts = preparations(plan);
    perform_all(&acts, progress, now)
        .unwrap_or_else(|(act, failure)| Decision::turn_back(Cause::ActFailed { act, failure }))
}

pub(super) fn record(plan: &Plan, progress: &Progress, now: Timestamp) -> Decision {
    let act = Act::RecordRelease;
    match progress.standing(&act, now) {
        // The release is live and proven; that it cannot be recorded is not a reason to take it back. Keep trying.
        Standing::GaveUp(failure) => Decision::Wait(
            after(now, plan.policy.poll),
            Reason::Again {
                act,
                failure: failure.clone(),
            },
        ),
        Standing::Ready | Standing::InDoubt(_) => Decision::Act(vec![act]),
        Standing::Later(until, failure) => Decision::Wait(
            until,
            Reason::Again {
                act,
                failure: failure.clone(),
            },
        ),
        Standing::Done(..) => Decision::Wait(now, Reason::FirstLook),
    }
}

/// Brings acts that may be repeated to their end, all at once.
///
/// # Errors
/// The first act that will not succeed, and why.
pub(crate) fn perform_all(
    acts: &[Act],
    progress: &Progress,
    now: Timestamp,
) -> Result<Decision, (Act, crate::ports::PortFailure)> {
    let mut ready = Vec::new();
    let mut later: Option<(Timestamp, Reason)> = None;
    for act in acts {
        match progress.standing(act, now) {
            Standing::Ready | Standing::InDoubt(_) => ready.push(act.clone()),
            Standing::Later(until, failure) => {
                let reason = Reason::Again {
                    act: act.clone(),
                    failure: failure.clone(),
                };
                if later.as_ref().is_none_or(|(earliest, _)| until < *earliest) {
                    later = Some((until, reason));
                }
            }
            Standing::Done(..) => {}
            Standing::GaveUp(failure) => return Err((act.clone(), failure.clone())),
        }
    }
    Ok(match (ready.is_empty(), later) {
        (false, _) => Decision::Act(ready),
        (true, Some((until, reason))) => Decision::Wait(until, reason),
        (true, None) => Decision::Wait(now, Reason::FirstLook),
    })
}
