//! What can be wrong with a journal, named so that a person can act on it.

use backstay_domain::DeploymentId;
use backstay_domain::ports::PortFailure;
use backstay_domain::progress::Illegal;

use super::envelope::FORMAT;

/// A journal that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The store refuses, or somebody else goes on with it.
    #[error("the journal cannot be used")]
    Port(#[from] PortFailure),
    /// There is no such deployment.
    #[error("there is no journal of {0}")]
    Missing(DeploymentId),
    /// There is one already.
    #[error("there is a journal of {0} already")]
    Exists(DeploymentId),
    /// It was changed since it was written, or was written by something else or a newer version.
    #[error("the journal of {deployment} cannot be believed: {problem}")]
    Unsound {
        /// Of which deployment.
        deployment: DeploymentId,
        /// The first thing that is wrong with it.
        problem: Problem,
    },
}

/// Something that is wrong with a journal. Records are numbered from 0, as they are in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// See the message.
    #[error("record {record} cannot be read: {why}")]
    Unreadable {
        /// Which, or which it should be.
        record: u64,
        /// What the parser says.
        why: String,
    },
    /// See the message.
    #[error("record {record} was changed after it was written")]
    Changed {
        /// Which.
        record: u64,
    },
    /// See the message.
    #[error("{}", missing(*from, *to))]
    Missing {
        /// The first one.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// See the message.
    #[error("record {record} follows something else than what is before it")]
    Unchained {
        /// Which.
        record: u64,
    },
    /// See the message.
    #[error("record {record} is there again, where record {expected} should be")]
    Repeated {
        /// Which.
        record: u64,
        /// Instead of which.
        expected: u64,
    },
    /// See the message.
    #[error("record {record} is in the place of record {position}")]
    Misplaced {
        /// Which.
        record: u64,
        /// Where.
        position: u64,
    },
    /// A crash leaves this; what was torn was never acknowledged.
    #[error("{bytes} bytes of a record that was not written to its end are behind the last one")]
    Torn {
        /// How many.
        bytes: usize,
    },
    /// See the message.
    #[error(
        "record {record} is newer than this version of Backstay, which knows formats up to {FORMAT}: {what}"
    )]
    TooNew {
        /// Which.
        record: u64,
        /// Its format, or what is new in it.
        what: String,
    },
    /// See the message.
    #[error("record {record} was written under fence {fence}, after fence {before}")]
    FenceFell {
        /// Which.
        record: u64,
        /// Its fence.
        fence: u64,
        /// The fence of the record before it.
        before: u64,
    },
    /// See the message.
    #[error("record {record} belongs to {deployment}")]
    Foreign {
        /// Which.
        record: u64,
        /// To which deployment.
        deployment: DeploymentId,
    },
    /// See the message.
    #[error("record {record} makes no sense: {why}")]
    Senseless {
        /// Which.
        record: u64,
        /// Why it cannot follow what is before it.
        why: Illegal,
    },
    /// See the message.
    #[error("record {record} is not the one that the deployment ended with")]
    EndedOtherwise {
        /// Which.
        record: u64,
    },
    /// See the message.
    #[error("what was noted at the deployment's end cannot be read: {why}")]
    SealUnreadable {
        /// Why.
        why: String,
    },
    /// See the message.
    #[error("there is no journal")]
    Absent,
}

impl Problem {
    /// Whether the records that can be read are all that were ever acknowledged.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::Torn { .. })
    }
}

fn missing(from: u64, to: u64) -> String {
    if from == to {
        format!("record {from} is missing")
    } else {
        format!("records {from} to {to} are missing")
    }
}
