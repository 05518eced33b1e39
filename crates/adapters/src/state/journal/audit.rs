//! An audit: everything that is wrong with a journal, not only the first thing.

use backstay_domain::DeploymentId;
use backstay_domain::journal::Record;
use backstay_domain::ports::PortFailure;
use backstay_domain::progress::Progress;

use super::problem::Problem;
use super::verify::verify;
use super::{log, seal};
use crate::state::store::Store;

/// What an audit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// Of which deployment.
    pub deployment: DeploymentId,
    /// The records before the first problem.
    pub records: Vec<Record>,
    /// How many records its journal had when it ended, if that was noted.
    pub ended_with: Option<u64>,
    /// What is wrong, in the order of the records.
    pub problems: Vec<Problem>,
}

impl Audit {
    /// Whether everything that was ever acknowledged is there as it was written.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(Problem::is_harmless)
    }
}

/// Audits a journal, whether or not it is in use.
///
/// # Errors
/// When the store does not answer, or refuses. What is wrong with the journal is no error here.
pub async fn audit<S: Store>(store: &S, deployment: &DeploymentId) -> Result<Audit, PortFailure> {
    let mut verified = verify(deployment, &store.lines(&log(deployment)).await?);
    let mut problems = std::mem::take(&mut verified.problems);
    let folded = verified
        .records
        .iter()
        .try_fold(Progress::default(), Progress::apply);
    if let Err(illegal) = folded {
        problems.push(Problem::Senseless {
            record: illegal.sequence,
            why: illegal.why,
        });
    }
    let mut ended_with = None;
    match seal::get(store, deployment).await? {
        Ok(seal) => {
            ended_with = seal.as_ref().map(|seal| seal.records);
            // What is missing or changed further up is named already, and is why this does not agree.
            if problems.iter().all(Problem::is_harmless) {
                problems.extend(seal.and_then(|seal| seal::broken(&seal, &verified)));
            }
        }
        Err(problem) => problems.push(problem),
    }
    if verified.records.is_empty() && problems.is_empty() {
        problems.push(Problem::Absent);
    }
    Ok(Audit {
        deployment: deployment.clone(),
        records: verified.records,
        ended_with,
        problems,
    })
}
