//! Why a port did not answer as asked, and whether the request had its effect.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A port call that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{operation}: {message}")]
pub struct PortFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// Whether the call took effect.
    pub effect: Effect,
    /// The call, for example `ecs.UpdateService`.
    pub operation: String,
    /// The other side's words, free of secrets.
    pub message: String,
}

/// What kind of failure a port reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Too many calls, or more than is to be had at this moment: try again later.
    Throttled,
    /// Not allowed, and not passing: these credentials may not do this.
    Denied,
    /// Nobody knows who is asking: credentials that are missing, have expired or are nobody's. Whoever gives them may renew them.
    Unauthenticated,
    /// The thing is not there.
    NotFound,
    /// Something else is in the way: somebody else's change, a state that does not allow it.
    Conflict,
    /// No answer, or the other side is broken: try again later.
    Unavailable,
    /// The request is wrong and stays wrong.
    Rejected,
}

/// Whether a failed call took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It did not: it may be repeated.
    None,
    /// It did.
    Applied,
    /// Nobody knows: look before doing it again.
    Unknown,
}

impl PortFailure {
    /// Whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self.kind {
            FailureKind::Throttled | FailureKind::Unavailable | FailureKind::Unauthenticated => {
                true
            }
            FailureKind::Denied
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Rejected => false,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::Unauthenticated => "unauthenticated",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Rejected => "rejected",
        })
    }
}
