//! Looking at journals without writing to them.

use backstay_domain::DeploymentId;
use backstay_domain::journal::Record;
use backstay_domain::ports::PortFailure;
use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::envelope::{self, Unsound};
use super::problem::{JournalError, Problem};
use super::verify::{Verified, verify};
use super::{FOLDER, log, seal};
use crate::state::store::{Ends, Store};

/// Journals that are looked at at once.
const LOOK_AT_ONCE: usize = 16;

/// The first and the last record of a deployment: enough for a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Heads {
    /// How it began.
    pub first: Record,
    /// The last that is known of it.
    pub last: Record,
    /// How many records there are.
    pub count: u64,
}

/// What a text that should name a deployment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// Nothing.
    None,
    /// This one.
    One(DeploymentId),
    /// Any of these.
    Ambiguous(Vec<DeploymentId>),
}

/// The records of a journal, whether or not it is in use.
///
/// # Errors
/// When there is none, it is damaged or too new, or the store refuses.
pub async fn read<S: Store>(
    store: &S,
    deployment: &DeploymentId,
) -> Result<Vec<Record>, JournalError> {
    Ok(whole(store, deployment).await?.records)
}

pub(super) async fn whole<S: Store>(
    store: &S,
    deployment: &DeploymentId,
) -> Result<Verified, JournalError> {
    let verified = verify(deployment, &store.lines(&log(deployment)).await?);
    if let Some(problem) = verified.first_problem() {
        return Err(JournalError::Unsound {
            deployment: deployment.clone(),
            problem: problem.clone(),
        });
    }
    if verified.records.is_empty() {
        return Err(JournalError::Missing(deployment.clone()));
    }
    Ok(verified)
}

/// The first and the last record of a journal. Each is verified, but not what is between them.
///
/// # Errors
/// When there is none, one of the two is damaged or too new, or the store refuses.
pub async fn heads<S: Store>(store: &S, deployment: &DeploymentId) -> Result<Heads, JournalError> {
    let ends = store.ends(&log(deployment)).await?;
    let ends = ends.ok_or_else(|| JournalError::Missing(deployment.clone()))?;
    of(deployment, &ends)
}

fn of(deployment: &DeploymentId, ends: &Ends) -> Result<Heads, JournalError> {
    let record = |line: &[u8], record: u64| {
        let problem = match envelope::parse(line) {
            Ok(line) if line.record.deployment == *deployment => return Ok(line.record),
            Ok(line) => Problem::Foreign {
                record,
                deployment: line.record.deployment,
            },
            Err(Unsound::Unreadable(why)) => Problem::Unreadable { record, why },
            Err(Unsound::Changed) => Problem::Changed { record },
            Err(Unsound::TooNew(what)) => Problem::TooNew { record, what },
        };
        Err(JournalError::Unsound {
            deployment: deployment.clone(),
            problem,
        })
    };
    Ok(Heads {
        first: record(&ends.first, 0)?,
        last: record(&ends.last, ends.count.saturating_sub(1))?,
        count: ends.count,
    })
}

/// All deployments with how they began and what is last known of them, the one that was begun last at the end.
///
/// # Errors
/// When the store does not answer, or refuses. What is wrong with one journal does not hide the others.
pub async fn history<S: Store>(
    store: &S,
) -> Result<Vec<(DeploymentId, Result<Heads, JournalError>)>, PortFailure> {
    let looked = deployments(store)
        .await?
        .into_iter()
        .map(|deployment| async {
            let ends = store.ends(&log(&deployment)).await;
            Ok(ends?.map(|ends| {
                let began = envelope::moment(&ends.first).unwrap_or(Timestamp::MIN);
                let heads = of(&deployment, &ends);
                (began, deployment, heads)
            }))
        });
    let looked: Vec<Result<_, PortFailure>> = futures_util::stream::iter(looked)
        .buffered(LOOK_AT_ONCE)
        .collect()
        .await;
    let mut found = Vec::new();
    for deployment in looked {
        found.extend(deployment?);
    }
    found.sort_by(|(began, one, _), (other_began, other, _)| {
        (began, one).cmp(&(other_began, other))
    });
    Ok(found
        .into_iter()
        .map(|(_, deployment, heads)| (deployment, heads))
        .collect())
}

/// The deployments that have a journal, the one that was begun last at the end.
///
/// # Errors
/// When the store does not answer, or refuses.
pub async fn list<S: Store>(store: &S) -> Result<Vec<DeploymentId>, PortFailure> {
    let history = history(store).await?;
    Ok(history
        .into_iter()
        .map(|(deployment, _)| deployment)
        .collect())
}

/// What an audit looks at: every deployment that has a journal, and every one of which was noted that it had one. Those whose
/// beginning nobody knows are at the end.
///
/// # Errors
/// When the store does not answer, or refuses.
pub async fn known<S: Store>(store: &S) -> Result<Vec<DeploymentId>, PortFailure> {
    let mut known = list(store).await?;
    let ended = store.names(seal::ENDED).await?;
    let ended = ended
        .into_iter()
        .filter_map(|name| DeploymentId::parse(name).ok());
    for deployment in deployments(store).await?.into_iter().chain(ended) {
        if !known.contains(&deployment) {
            known.push(deployment);
        }
    }
    Ok(known)
}

/// The deployment that a person means by the beginning of its id, with or without `d-`.
///
/// # Errors
/// When the store does not answer, or refuses.
pub async fn find_by_prefix<S: Store>(store: &S, text: &str) -> Result<Matching, PortFailure> {
    let wanted = text.strip_prefix("d-").unwrap_or(text);
    let mut found = deployments(store).await?;
    found.retain(|deployment| rest(deployment).starts_with(wanted));
    let exact = found.iter().find(|deployment| rest(deployment) == wanted);
    if let Some(exact) = exact {
        return Ok(Matching::One(exact.clone()));
    }
    Ok(match found.as_slice() {
        [] => Matching::None,
        [one] => Matching::One(one.clone()),
        _ => Matching::Ambiguous(found),
    })
}

fn rest(deployment: &DeploymentId) -> &str {
    let text = deployment.as_str();
    text.strip_prefix("d-").unwrap_or(text)
}

async fn deployments<S: Store>(store: &S) -> Result<Vec<DeploymentId>, PortFailure> {
    let names = store.names(FOLDER).await?;
    Ok(names
        .into_iter()
        .filter_map(|name| DeploymentId::parse(name).ok())
        .collect())
}
