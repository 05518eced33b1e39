//! Where an act stands: whether it may be done, done again, or not any more.

use std::time::Duration;

use jiff::Timestamp;

use super::{Progress, after};
use crate::journal::{Act, Gave};
use crate::ports::{Effect, PortFailure};

/// How often an act that fails in passing is tried: with the pauses below, for about five minutes.
const MOST_ATTEMPTS: u32 = 14;

/// Where an act stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ActState {
    /// When its last event was recorded.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Its last result; nothing when only the intent is known.
    pub result: Option<Result<Gave, PortFailure>>,
    /// Whether an attempt before the last one may have taken effect: what the last one says does not undo that.
    pub left_traces: bool,
    /// Since when every attempt fails.
    pub failing_since: Option<Timestamp>,
    /// When the last attempt before this one ended of which nobody knows whether it arrived: it may arrive still.
    pub unsettled: Option<Timestamp>,
}

/// What may be done about an act now.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<'a> {
    /// Do it.
    Ready,
    /// Not before this moment, because of this failure.
    Later(Timestamp, &'a PortFailure),
    /// It may have taken effect: look first. Since when.
    InDoubt(Timestamp),
    /// It is done. Since when, and what it gave.
    Done(Timestamp, &'a Gave),
    /// It will not succeed.
    GaveUp(&'a PortFailure),
}

impl ActState {
    /// An act that was never tried.
    #[must_use]
    pub fn untried(at: Timestamp) -> Self {
        Self {
            at,
            attempts: 0,
            result: None,
            left_traces: false,
            failing_since: None,
            unsettled: None,
        }
    }

    /// Since when an attempt may still be on its way: its intent is known, but not what became of it.
    #[must_use]
    pub fn on_its_way(&self) -> Option<Timestamp> {
        let open = match &self.result {
            None => self.attempts > 0,
            Some(Err(failure)) => failure.effect == Effect::Unknown,
            Some(Ok(_)) => false,
        };
        if open { Some(self.at) } else { self.unsettled }
    }

    /// Whether it may have taken effect.
    #[must_use]
    pub fn may_have_effect(&self) -> bool {
        let last = match &self.result {
            Some(Err(failure)) => failure.effect != Effect::None,
            None | Some(Ok(_)) => self.attempts > 0,
        };
        last || self.left_traces
    }

    /// A failed act is tried again while that may help: with growing pauses, and not for ever.
    fn again<'a>(&self, failure: &'a PortFailure, now: Timestamp) -> Standing<'a> {
        if !failure.is_passing() || self.attempts >= MOST_ATTEMPTS {
            return Standing::GaveUp(failure);
        }
        let again = after(self.at, pause(self.attempts));
        if now >= again {
            Standing::Ready
        } else {
            Standing::Later(again, failure)
        }
    }
}

impl Progress {
    /// What may be done about an act that must not be done twice: after a lost reply it is in doubt until somebody looks.
    #[must_use]
    pub fn standing(&self, act: &Act, now: Timestamp) -> Standing<'_> {
        let Some(state) = self.acts.get(act) else {
            return Standing::Ready;
        };
        match &state.result {
            None => Standing::InDoubt(state.at),
            Some(Ok(gave)) => Standing::Done(state.at, gave),
            Some(Err(failure)) => match failure.effect {
                Effect::Unknown | Effect::Applied => Standing::InDoubt(state.at),
                Effect::None => state.again(failure, now),
            },
        }
    }

    /// What may be done about an act that is the same when repeated: never in doubt, since doing it again is the look.
    #[must_use]
    pub fn standing_repeatable(&self, act: &Act, now: Timestamp) -> Standing<'_> {
        let Some(state) = self.acts.get(act) else {
            return Standing::Ready;
        };
        match &state.result {
            None => Standing::Ready,
            Some(Ok(gave)) => Standing::Done(state.at, gave),
            Some(Err(failure)) => state.again(failure, now),
        }
    }

    /// Acts that fail, each since when, until when it was tried, and how it failed last. That earlier anchors stay is in nobody's
    /// way.
    pub fn failing(&self) -> impl Iterator<Item = ((Timestamp, Timestamp), &PortFailure)> {
        let acts = self.acts.iter();
        let acts = acts.filter(|(act, _)| **act != Act::ForgetAnchors);
        acts.filter_map(|(_, state)| match &state.result {
            Some(Err(failure)) => Some(((state.failing_since?, state.at), failure)),
            Some(Ok(_)) | None => None,
        })
    }

    /// How often an act was tried, and when its last event was recorded.
    #[must_use]
    pub fn tried(&self, act: &Act) -> Option<(u32, Timestamp)> {
        self.acts.get(act).map(|state| (state.attempts, state.at))
    }

    /// Whether the act was ever intended, and may have had an effect.
    #[must_use]
    pub fn may_have_done(&self, act: &Act) -> bool {
        self.acts.get(act).is_some_and(ActState::may_have_effect)
    }

    /// Since when an attempt of the act may still be on its way.
    #[must_use]
    pub fn on_its_way(&self, act: &Act) -> Option<Timestamp> {
        self.acts.get(act)?.on_its_way()
    }

    /// Whether the act is done.
    #[must_use]
    pub fn done(&self, act: &Act) -> bool {
        matches!(
            self.acts.get(act),
            Some(ActState {
                result: Some(Ok(_)),
                ..
            })
        )
    }
}

/// The pause after a failed attempt: 1, 2, 4, … at most 30 seconds.
fn pause(attempts: u32) -> Duration {
    Duration::from_secs((1_u64 << attempts.saturating_sub(1).min(5)).min(30))
}
