//! What is noted when a deployment ends: how many records its journal has, and the hash of the last. Without it nobody could
//! tell a journal that lost its end from one whose deployment was interrupted.
//!
//! It is a help, not a part of the journal: one that cannot be written is left out, and a journal without it is read as it
//! is. A deployment that was stuck goes on after it, and is noted again at its next end.

use backstay_domain::DeploymentId;
use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::PortFailure;
use serde::{Deserialize, Serialize};

use super::problem::{JournalError, Problem};
use super::verify::Verified;
use crate::state::document;
use crate::state::store::{Store, Swapped};

const FORMAT: u32 = 1;
const SEAL: &str = "journal.seal";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    format: u32,
    /// How many records.
    pub(super) records: u64,
    /// The hash of the last one's line.
    last: String,
    /// Over the two.
    check: String,
}

impl Seal {
    fn new(records: u64, last: &str) -> Self {
        Self {
            format: FORMAT,
            records,
            last: last.to_owned(),
            check: sha256_hex(format!("{FORMAT} {records} {last}").as_bytes()),
        }
    }
}

/// Notes the end of a deployment.
pub(super) async fn set<S: Store>(store: &S, deployment: &DeploymentId, records: u64, last: &str) {
    if let Err(failure) = try_set(store, deployment, &Seal::new(records, last)).await {
        tracing::warn!(%deployment, %failure, "the end of the journal could not be noted");
    }
}

async fn try_set<S: Store>(
    store: &S,
    deployment: &DeploymentId,
    seal: &Seal,
) -> Result<(), PortFailure> {
    let (name, bytes) = (name(deployment), document::write(SEAL, seal)?);
    let found = store.cell(&name).await?;
    if found.as_ref().is_some_and(|found| found.bytes == bytes) {
        return Ok(());
    }
    let tag = found.as_ref().map(|found| &found.tag);
    match store.swap(&name, tag, &bytes).await? {
        // Somebody else has ended it, and has noted that.
        Swapped::Done(_) | Swapped::Conflict => Ok(()),
    }
}

/// What was noted, if it was.
pub(super) async fn get<S: Store>(
    store: &S,
    deployment: &DeploymentId,
) -> Result<Result<Option<Seal>, Problem>, PortFailure> {
    let name = name(deployment);
    let Some(found) = store.cell(&name).await? else {
        return Ok(Ok(None));
    };
    let unreadable = |why: String| Problem::SealUnreadable { why };
    let seal = document::read::<Seal>(SEAL, &name, FORMAT, &found.bytes);
    Ok(seal
        .map_err(|failure| unreadable(failure.message))
        .and_then(|seal| {
            if seal == Seal::new(seal.records, &seal.last) {
                Ok(Some(seal))
            } else {
                Err(unreadable("it was changed after it was written".to_owned()))
            }
        }))
}

/// Refuses a journal that has lost what was noted.
pub(super) async fn check<S: Store>(
    store: &S,
    deployment: &DeploymentId,
    verified: &Verified,
) -> Result<(), JournalError> {
    let problem = match get(store, deployment).await? {
        Ok(None) => None,
        Ok(Some(seal)) => broken(&seal, verified),
        Err(problem) => Some(problem),
    };
    problem.map_or(Ok(()), |problem| {
        Err(JournalError::Unsound {
            deployment: deployment.clone(),
            problem,
        })
    })
}

/// Whether a journal that is otherwise sound is not the one whose end was noted.
pub(super) fn broken(seal: &Seal, verified: &Verified) -> Option<Problem> {
    let last = seal.records.checked_sub(1)?;
    let found = usize::try_from(last)
        .ok()
        .and_then(|last| verified.hashes.get(last));
    match found {
        Some(hash) if *hash == seal.last => None,
        Some(_) => Some(Problem::EndedOtherwise { record: last }),
        None => Some(Problem::Missing {
            from: verified.records.len() as u64,
            to: last,
        }),
    }
}

/// Where the notes are.
pub(super) const ENDED: &str = "ended";

fn name(deployment: &DeploymentId) -> String {
    format!("{ENDED}/{deployment}")
}
