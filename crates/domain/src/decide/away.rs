//! Trouble of this process is not trouble of the release: nobody knows its credentials any more, or nobody answers. It looks
//! again for a while, then leaves the rest to `resume`, without a finding. A read that is denied is denied for good.

use std::time::Duration;

use jiff::Timestamp;

use super::Decision;
use crate::journal::Cause;
use crate::observation::{Observation, Seen};
use crate::plan::Plan;
use crate::ports::{FailureKind, PortFailure};
use crate::progress::{Progress, after};
use crate::reason::Reason;

/// Credentials are renewed by whoever gives them within this.
const KNOWN_WITHIN: Duration = Duration::from_secs(120);

/// A network comes back within this. Shorter than an act that fails in passing is tried.
const ANSWERED_WITHIN: Duration = Duration::from_secs(240);

/// What keeps this process from going on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Away {
    /// The credentials have expired, are missing or are nobody's.
    #[error("the cloud does not know these credentials any more")]
    Unauthenticated(#[source] PortFailure),
    /// Nothing that was asked was answered.
    #[error("the cloud does not answer any more")]
    Unanswered(#[source] PortFailure),
}

impl Away {
    /// The trouble that a failed call shows, if it is this process's.
    #[must_use]
    pub fn of(failure: &PortFailure) -> Option<Self> {
        match failure.kind {
            FailureKind::Unauthenticated => Some(Self::Unauthenticated(failure.clone())),
            FailureKind::Unavailable => Some(Self::Unanswered(failure.clone())),
            FailureKind::Throttled
            | FailureKind::Denied
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Rejected => None,
        }
    }

    /// The call that showed it.
    #[must_use]
    pub fn failure(&self) -> &PortFailure {
        match self {
            Self::Unauthenticated(failure) | Self::Unanswered(failure) => failure,
        }
    }

    fn limit(&self) -> Duration {
        match self {
            Self::Unauthenticated(_) => KNOWN_WITHIN,
            Self::Unanswered(_) => ANSWERED_WITHIN,
        }
    }

    fn reason(&self) -> Reason {
        let failure = self.failure().clone();
        match self {
            Self::Unauthenticated(_) => Reason::Unauthenticated { failure },
            Self::Unanswered(_) => Reason::Unanswered { failure },
        }
    }
}

/// What this process's own trouble, or a read that is denied, decides before anything is said of the release.
pub(super) fn away(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Option<Decision> {
    let reads = Reads::of(seen);
    if let Some(away) = reads.trouble() {
        let since = progress.away_since().unwrap_or(now);
        let over = now > after(since, away.limit());
        return Some(match over {
            true => Decision::Leave(away),
            false => Decision::poll(plan, now, away.reason()),
        });
    }
    let forward = progress.turned_back().is_none();
    // Acts have their own pauses: they are tried until then; what was tried no more is in nobody's way. On the way back what cannot be done is noted, and the rest
    // is still tried.
    let mut failing = progress.failing().filter_map(|((since, last), failure)| {
        let away = Away::of(failure)?;
        let ours = match away {
            Away::Unauthenticated(_) => true,
            Away::Unanswered(_) => forward && reads.nobody_was_asked(),
        };
        (ours && last > after(since, away.limit())).then_some(away)
    });
    if let Some(away) = failing.next() {
        return Some(Decision::Leave(away));
    }
    let denied = denied(seen).filter(|_| forward)?;
    Some(Decision::turn_back(Cause::ReadDenied {
        failure: denied.clone(),
    }))
}

/// A read of this look that is not allowed, and will not be: waiting for it helps nobody.
#[must_use]
pub(crate) fn denied(seen: &Observation) -> Option<&PortFailure> {
    let failed = Reads::of(seen).failed;
    failed
        .into_iter()
        .find(|failure| failure.kind == FailureKind::Denied)
}

/// What the cloud was asked in one look. Probes, checks and visitors' files are asked of the web.
#[derive(Default)]
struct Reads<'a> {
    answered: u32,
    failed: Vec<&'a PortFailure>,
}

impl<'a> Reads<'a> {
    fn of(seen: &'a Observation) -> Self {
        let mut reads = Self::default();
        match &seen.services {
            // Where no service is followed, nobody was asked.
            Seen::Known(services) if services.is_empty() => {}
            services => reads.count(services),
        }
        seen.tasks.values().for_each(|tasks| reads.count(tasks));
        seen.anchor.iter().for_each(|anchor| reads.count(anchor));
        seen.job.iter().for_each(|job| reads.count(job));
        seen.invalidations
            .values()
            .for_each(|invalidation| reads.count(invalidation));
        let schedules = seen.schedules.values();
        schedules.for_each(|schedule| reads.count(schedule));
        reads
    }

    fn count<T>(&mut self, read: &'a Seen<T>) {
        match read {
            Seen::Known(_) => self.answered += 1,
            Seen::Unseen(failure) => self.failed.push(failure),
        }
    }

    fn nobody_was_asked(&self) -> bool {
        self.answered == 0 && self.failed.is_empty()
    }

    /// One answer that nobody knows us is enough; that nobody answers, only all of them say.
    fn trouble(&self) -> Option<Away> {
        let all = || self.failed.iter().filter_map(|failure| Away::of(failure));
        let unknown = all().find(|away| matches!(away, Away::Unauthenticated(_)));
        let silent = self.answered == 0 && all().count() == self.failed.len();
        unknown.or_else(|| all().next().filter(|_| silent))
    }
}
