//! A deployment in a few words, from the first and the last record of its journal: enough for a list. No rule depends on it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::journal::{Cause, Event, Outcome, Record, Stuck};
use crate::operator::{Operator, Why};
use crate::plan::{Before, Direction, Plan};
use crate::ports::Caller;
use crate::{DeploymentId, ReleaseId, Version};

/// What people ask about a deployment before they look closer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Which.
    pub deployment: DeploymentId,
    /// When it began.
    pub began: Timestamp,
    /// When the last thing happened that its journal knows of.
    pub last: Timestamp,
    /// From where to where; none when it never began.
    pub course: Option<Course>,
    /// Who began it, as the cloud sees it.
    pub by: Option<Caller>,
    /// Who began it, as people know it; of one that never began, who took its place.
    pub operator: Operator,
    /// Why.
    pub why: Why,
    /// How it ended.
    pub end: End,
}

/// From where to where a deployment goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// To a new release, or to an earlier one.
    pub direction: Direction,
    /// The recorded release that it began from.
    pub before: Option<Before>,
    /// The release that it goes to.
    pub release: ReleaseId,
    /// Its version.
    pub version: Version,
}

/// How a deployment ended, as far as its journal knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// Its release is live and proven.
    Live,
    /// The release before it is live again and proven.
    RolledBack {
        /// Why.
        cause: Cause,
    },
    /// A human is needed.
    Stuck {
        /// Why it turned back.
        cause: Cause,
        /// What is in the way.
        because: Stuck,
    },
    /// It goes on just now, or was interrupted: its journal does not know which.
    Unfinished,
    /// It was never begun, and now cannot be.
    Abandoned,
}

impl Summary {
    /// A summary of the deployment whose journal begins and ends with these records; none when the first one is not the
    /// beginning of a journal.
    #[must_use]
    pub fn of(first: &Record, last: &Record) -> Option<Self> {
        let summary = Self {
            deployment: first.deployment.clone(),
            began: first.at,
            last: last.at,
            course: None,
            by: None,
            operator: Operator::default(),
            why: Why::default(),
            end: end(&last.event),
        };
        match &first.event {
            Event::Started {
                plan,
                by,
                operator,
                why,
            } => Some(Self {
                course: Some(Course::of(plan)),
                by: by.clone(),
                operator: operator.clone(),
                why: why.clone(),
                ..summary
            }),
            Event::Abandoned { operator } => Some(Self {
                operator: operator.clone(),
                ..summary
            }),
            Event::Intended { .. }
            | Event::Done { .. }
            | Event::Failed { .. }
            | Event::Waiting { .. }
            | Event::Found { .. }
            | Event::Finished { .. }
            | Event::Resumed { .. }
            | Event::Interrupted { .. }
            | Event::Unlocked { .. } => None,
        }
    }

    /// A summary of a whole journal. That somebody took the lease away after the end does not change how it ended.
    #[must_use]
    pub fn of_all(records: &[Record]) -> Option<Self> {
        let unlocked = |record: &&Record| matches!(record.event, Event::Unlocked { .. });
        let last = records.iter().rfind(|record| !unlocked(record))?;
        Self::of(records.first()?, last)
    }

    /// How long it took, or takes until now as far as its journal knows.
    #[must_use]
    pub fn took(&self) -> SignedDuration {
        self.last
            .duration_since(self.began)
            .max(SignedDuration::ZERO)
    }
}

impl Course {
    fn of(plan: &Plan) -> Self {
        Self {
            direction: plan.direction,
            before: plan.before.clone(),
            release: plan.release.id.clone(),
            version: plan.release.version.clone(),
        }
    }
}

impl End {
    /// Why it failed, if it did.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::RolledBack { cause } | Self::Stuck { cause, .. } => Some(cause),
            Self::Live | Self::Unfinished | Self::Abandoned => None,
        }
    }
}

fn end(last: &Event) -> End {
    match last {
        Event::Finished { outcome } => match outcome.clone() {
            Outcome::Live { .. } => End::Live,
            Outcome::RolledBack { cause, .. } => End::RolledBack { cause },
            Outcome::Stuck { cause, because, .. } => End::Stuck { cause, because },
        },
        Event::Abandoned { .. } => End::Abandoned,
        Event::Started { .. }
        | Event::Intended { .. }
        | Event::Done { .. }
        | Event::Failed { .. }
        | Event::Waiting { .. }
        | Event::Found { .. }
        | Event::Resumed { .. }
        | Event::Interrupted { .. }
        | Event::Unlocked { .. } => End::Unfinished,
    }
}
