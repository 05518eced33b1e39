//! Acts that users cannot notice, before everything else and at the end: how a set of them is brought to its end.

use jiff::Timestamp;

use super::Decision;
use super::back::left;
use crate::journal::{Act, Cause, Outcome, Stuck};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::ports::PortFailure;
use crate::progress::{Progress, Standing};
use crate::reason::Reason;

pub(super) fn prepare(acts: &[Act], progress: &Progress, now: Timestamp) -> Decision {
    perform_all(acts, progress, now)
        .unwrap_or_else(|(act, failure)| Decision::turn_back(Cause::ActFailed { act, failure }))
}

/// The release is live and proven: that it cannot be recorded is no reason to take it back, but a human must know.
pub(super) fn record(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    perform_all(&[Act::RecordRelease], progress, now).unwrap_or_else(|(act, failure)| {
        let cause = Cause::ActFailed {
            act: act.clone(),
            failure: failure.clone(),
        };
        Decision::finish(Outcome::Stuck {
            cause,
            because: Stuck::ActFailed { act, failure },
            left: left(plan, progress, seen),
        })
    })
}

/// Brings acts that may be repeated to their end, all at once.
///
/// # Errors
/// The first act that will not succeed, and why.
pub(crate) fn perform_all(
    acts: &[Act],
    progress: &Progress,
    now: Timestamp,
) -> Result<Decision, (Act, PortFailure)> {
    let mut ready = Vec::new();
    let mut later: Option<(Timestamp, Reason)> = None;
    for act in acts {
        match progress.standing_repeatable(act, now) {
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
