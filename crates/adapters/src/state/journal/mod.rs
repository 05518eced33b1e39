//! A deployment's journal in a store: one line per record, durable before `append` returns.
//!
//! Every line names the fence of the lease it was written under, the hash of the line before it, and its own. So a journal
//! that was changed, cut or mixed up is refused, and nobody writes behind the back of whoever took it over.

mod audit;
mod envelope;
mod look;
mod problem;
mod seal;
mod verify;

use backstay_domain::DeploymentId;
use backstay_domain::journal::{Event, Record};
use backstay_domain::ports::{Effect, FailureKind, Journal, PortFailure};
use tokio::sync::Mutex;

use super::store::{Appended, Store};
use super::{AnyStore, document};

pub use audit::{Audit, audit};
pub use look::{Heads, Matching, find_by_prefix, heads, history, known, list, read};
pub use problem::{JournalError, Problem};

const APPEND: &str = "journal.append";

/// The open journal of one deployment.
#[derive(Debug)]
pub struct StoreJournal<S = AnyStore> {
    store: S,
    deployment: DeploymentId,
    fence: u64,
    place: Mutex<Place>,
}

/// Where the next record goes.
#[derive(Debug)]
struct Place {
    next: u64,
    after: String,
    trust: Trust,
}

/// Whether the place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    Sure,
    /// A record may or may not be there: nothing can follow it before the journal is opened again.
    Unsure,
}

impl<S: Store> StoreJournal<S> {
    /// Begins the journal of a new deployment, under this fence of the lease.
    ///
    /// # Errors
    /// When there is one already, or the store refuses.
    pub async fn create(
        store: S,
        fence: u64,
        deployment: &DeploymentId,
    ) -> Result<Self, JournalError> {
        if store.ends(&log(deployment)).await?.is_some() {
            return Err(JournalError::Exists(deployment.clone()));
        }
        let place = Place {
            next: 0,
            after: String::new(),
            trust: Trust::Sure,
        };
        Ok(Self::at(store, fence, deployment, place))
    }

    /// Opens a journal to go on with it under this fence of the lease, and returns its records.
    ///
    /// # Errors
    /// When there is none, it is damaged or too new, somebody with a later fence goes on with it, or the store refuses.
    pub async fn open(
        store: S,
        fence: u64,
        deployment: &DeploymentId,
    ) -> Result<(Self, Vec<Record>), JournalError> {
        let verified = look::whole(&store, deployment).await?;
        if verified.fence > fence {
            let taken = taken_over(deployment, verified.fence);
            return Err(JournalError::Port(taken));
        }
        seal::check(&store, deployment, &verified).await?;
        let place = Place {
            next: verified.records.len() as u64,
            after: verified.last_hash().to_owned(),
            trust: Trust::Sure,
        };
        if verified.records.last().is_some_and(ends) {
            seal::set(&store, deployment, place.next, &place.after).await;
        }
        Ok((Self::at(store, fence, deployment, place), verified.records))
    }

    fn at(store: S, fence: u64, deployment: &DeploymentId, place: Place) -> Self {
        Self {
            store,
            deployment: deployment.clone(),
            fence,
            place: Mutex::new(place),
        }
    }

    /// Who has written where we would have.
    async fn overtaken(&self, position: u64) -> PortFailure {
        let lines = self.store.lines(&log(&self.deployment)).await;
        let found = lines.ok().and_then(|log| {
            let line = log.lines.into_iter().find(|(at, _)| *at == position)?.1;
            envelope::fence(&line)
        });
        match found {
            Some(fence) if fence != self.fence => taken_over(&self.deployment, fence),
            Some(_) | None => PortFailure {
                kind: FailureKind::Conflict,
                effect: Effect::None,
                operation: APPEND.to_owned(),
                message: format!(
                    "record {position} of {} is not the next one, or somebody else has written it",
                    self.deployment
                ),
            },
        }
    }
}

impl<S: Store> Journal for StoreJournal<S> {
    async fn append(&self, record: &Record) -> Result<(), PortFailure> {
        let mut place = self.place.lock().await;
        if place.trust == Trust::Unsure {
            let message = "an earlier record may or may not be written: open the journal again";
            return Err(document::refused(APPEND, message));
        }
        if record.sequence != place.next || record.deployment != self.deployment {
            let message = format!(
                "record {} of {} cannot be record {} of {}",
                record.sequence, record.deployment, place.next, self.deployment
            );
            return Err(document::refused(APPEND, message));
        }
        let line = envelope::line(self.fence, &place.after, record)
            .map_err(|error| document::refused(APPEND, error.to_string()))?;
        // Whoever drops this future does not know either.
        place.trust = Trust::Unsure;
        let appended = self
            .store
            .append(&log(&self.deployment), place.next, &line)
            .await;
        match appended {
            Ok(Appended::Done) => {}
            Ok(Appended::Conflict) => return Err(self.overtaken(place.next).await),
            Err(failure) => {
                if failure.effect == Effect::None {
                    place.trust = Trust::Sure;
                }
                return Err(PortFailure {
                    operation: APPEND.to_owned(),
                    message: format!("{}: {}", failure.operation, failure.message),
                    ..failure
                });
            }
        }
        *place = Place {
            next: place.next + 1,
            after: envelope::hash(&line),
            trust: Trust::Sure,
        };
        if ends(record) {
            seal::set(&self.store, &self.deployment, place.next, &place.after).await;
        }
        Ok(())
    }
}

/// After it, nothing follows but a deployment that was stuck.
fn ends(record: &Record) -> bool {
    matches!(
        record.event,
        Event::Finished { .. } | Event::Abandoned { .. }
    )
}

/// Where the journals are.
const FOLDER: &str = "journal";

fn log(deployment: &DeploymentId) -> String {
    format!("{FOLDER}/{deployment}")
}

fn taken_over(deployment: &DeploymentId, fence: u64) -> PortFailure {
    PortFailure {
        kind: FailureKind::Conflict,
        effect: Effect::None,
        operation: APPEND.to_owned(),
        message: format!("another process took {deployment} over (fence {fence})"),
    }
}
