//! A command's turn at an environment: who takes it, which signals end it, and what its failures are called here.

use backstay_adapters::turn::{Aim, Opened, Patience, Turn, TurnError, take};
use backstay_domain::DeploymentId;
use backstay_domain::lease::Manner;
use backstay_domain::ports::{Clock, Cloud};

use super::operator::operator;
use super::signals::Signals;
use crate::failure::Failure;

/// A turn that a process may be asked to end by signals.
pub type OurTurn<'t, C, K> = Turn<'t, C, K, Signals>;

/// What a command takes a turn for.
pub struct For<'a> {
    /// The deployment it is about.
    pub deployment: DeploymentId,
    /// In a few words.
    pub doing: String,
    /// Whether a holder is respected.
    pub manner: Manner,
    /// Whether a lease that may be a dead holder's is waited for.
    pub patience: Patience<'a>,
}

/// Takes a turn, does `work` in it, and gives it back whatever comes of that.
///
/// # Errors
/// When somebody else has the lease, the store refuses, or what `work` fails with.
pub async fn turn<C: Cloud, K: Clock, T>(
    opened: Opened<'_, C, K>,
    what: For<'_>,
    work: impl AsyncFnOnce(&OurTurn<'_, C, K>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let aim = Aim {
        deployment: what.deployment,
        doing: what.doing,
        manner: what.manner,
        patience: what.patience,
        operator: operator(),
    };
    take(opened, &Signals::default(), aim, work).await
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Lease(error) => Self::Lease(error),
            TurnError::Journal(error) => Self::Journal(error),
            TurnError::Halted(halted) => Self::Halted(halted),
            TurnError::Unfinished(deployment) => Self::Unfinished(deployment),
            TurnError::Left(signal) => Self::Left(signal),
            TurnError::Signals(source) => Self::File {
                path: "the signals".into(),
                source,
            },
        }
    }
}
