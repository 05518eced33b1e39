//! What one look says of a service, and how long one goes on looking: the same forward and back.

use std::time::Duration;

use jiff::Timestamp;

use super::step::Step;
use crate::ServiceName;
use crate::observation::{Observation, Seen, ServiceView};
use crate::plan::Plan;
use crate::ports::PortFailure;
use crate::progress::after;
use crate::reason::Reason;

/// How long a change that was sent may be on its way before it counts as without effect, counted from its intent.
///
/// Longer than the longest attempt (a minute), the time it may wait for its turn before that (20 s), and the time in which
/// a read may be stale (15 s): until then it may still arrive, whoever sent it.
pub(crate) const IN_DOUBT: Duration = Duration::from_secs(95);

/// How long a read may show the time before a change whose reply was seen.
pub(crate) const STALE_WITHIN: Duration = Duration::from_secs(15);

/// How long the record of an accepted rollout may stay invisible.
pub(crate) const VISIBLE_WITHIN: Duration = Duration::from_secs(120);

/// Why a look says nothing of a service.
#[derive(Clone, Copy, Debug)]
pub(super) enum Blind<'s> {
    /// It could not be looked at.
    Unseen(&'s PortFailure),
    /// The look did not show it.
    Absent,
}

/// What a look says of one service.
///
/// # Errors
/// Why it says nothing.
pub(super) fn view_of<'s>(
    seen: &'s Observation,
    name: &ServiceName,
) -> Result<&'s ServiceView, Blind<'s>> {
    match &seen.services {
        Seen::Known(all) => all.get(name).ok_or(Blind::Absent),
        Seen::Unseen(failure) => Err(Blind::Unseen(failure)),
    }
}

impl Blind<'_> {
    /// In words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Unseen(failure) => failure.to_string(),
            Self::Absent => "the cloud does not show it".to_owned(),
        }
    }

    /// Look again: not seen is not failed.
    pub(super) fn wait(self, plan: &Plan, now: Timestamp, name: &ServiceName) -> Step {
        match self {
            Self::Unseen(failure) => {
                let (what, failure) = (name.to_string(), failure.clone());
                Step::poll(plan, now, Reason::Unseen { what, failure })
            }
            Self::Absent => Step::Wait(now, Reason::FirstLook),
        }
    }
}

/// Whether what goes on since that moment has passed its limit.
pub(super) fn overdue(now: Timestamp, since: Timestamp, limit: Duration) -> bool {
    now > after(since, limit)
}

/// A limit for events that are data, in milliseconds.
pub(super) fn milliseconds(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}
