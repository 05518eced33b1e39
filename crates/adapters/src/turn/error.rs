//! Why a turn cannot be had, or ends without an outcome.

use backstay_domain::DeploymentId;
use backstay_domain::engine::Halted;
use backstay_domain::journal::Record;
use backstay_domain::progress::Progress;

use crate::state::journal::JournalError;
use crate::state::lease::LeaseError;

/// Why a turn cannot be had, or ends without an outcome.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Somebody else has the lease, or has taken it from us, or it cannot be used.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// A journal cannot be begun or gone on with.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The deployment stopped without an outcome.
    #[error(transparent)]
    Halted(#[from] Halted),
    /// An earlier deployment is unfinished, and its policy does not bring it to its end by itself.
    #[error("{0} was left unfinished")]
    Unfinished(DeploymentId),
    /// The process was asked to leave at once.
    #[error("{0}: left at once")]
    Left(String),
    /// Nobody can be listened to who might ask the process to leave.
    #[error("signals cannot be listened for")]
    Signals(#[source] std::io::Error),
}

/// What a journal says.
///
/// # Errors
/// When it contradicts itself.
pub(super) fn folded(records: &[Record]) -> Result<Progress, TurnError> {
    let fold = |progress: Progress, record| progress.apply(record);
    let progress = records.iter().try_fold(Progress::default(), fold);
    progress.map_err(|error| TurnError::Halted(Halted::Illegal(error)))
}
