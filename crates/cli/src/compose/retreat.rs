//! Where a rollback goes from and to, by the ledger, the journals and what runs.

use std::fmt;

use backstay_adapters::state::AnyStore;
use backstay_adapters::state::journal;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::engine;
use backstay_domain::journal::Event;
use backstay_domain::ledger::{Entry, standing};
use backstay_domain::ports::{Clock, Cloud, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::retreat::Unrecorded;
use backstay_domain::summary::{End, Summary};

use super::project::Project;
use crate::failure::Failure;

/// From where to where: the first thing that a rollback says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    from: Option<String>,
    to: String,
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.from {
            Some(from) => write!(f, "Going back from {from} to {}.", self.to),
            None => write!(f, "Going back to {}.", self.to),
        }
    }
}

/// The course of a rollback to this release.
///
/// # Errors
/// When the journals cannot be read.
pub async fn course(
    store: &AnyStore,
    entries: &[Entry],
    target: &Release,
) -> Result<Course, Failure> {
    let named = |release: &Release| format!("{} ({})", release.version, release.id);
    let newest = standing(entries).last().map(|entry| named(&entry.release));
    let from = match unrecorded(store, entries).await? {
        Some(left) => Some(format!(
            "{} ({}, never proven by {})",
            left.version, left.release, left.deployment
        )),
        None => newest,
    };
    Ok(Course {
        from,
        to: named(target),
    })
}

/// The release that a rollback without a name goes to.
///
/// # Errors
/// When no earlier release was proven, something else runs than the newest one, or nobody answers.
pub async fn way<'e, C: Cloud, K: Clock>(
    project: &Project,
    ports: (&C, &StoreLedger, &K),
    store: &AnyStore,
    entries: &'e [Entry],
) -> Result<&'e Release, Failure> {
    let unrecorded = unrecorded(store, entries).await?;
    let app = &project.configured.app;
    let found = engine::goes_back_to(ports, app, entries, unrecorded.as_ref()).await?;
    found.ok_or_else(nothing_proven)
}

/// The newest deployment that changed something and was neither recorded nor taken back.
async fn unrecorded(store: &AnyStore, entries: &[Entry]) -> Result<Option<Unrecorded>, Failure> {
    let history = journal::history(store).await.map_err(unlisted)?;
    for (deployment, heads) in history.into_iter().rev() {
        let recorded = |entry: &Entry| entry.deployment.as_ref() == Some(&deployment);
        if entries.iter().any(recorded) {
            return Ok(None);
        }
        // What is wrong with one journal is told where journals are listed; it hides no other.
        let Ok(heads) = heads else { continue };
        let hidden = matches!(heads.last.event, Event::Unlocked { .. });
        let end = Summary::of(&heads.first, &heads.last).map(|summary| summary.end);
        match end {
            Some(End::Live | End::RolledBack { .. } | End::Abandoned) if !hidden => continue,
            Some(_) | None => {}
        }
        let records = journal::read(store, &deployment).await?;
        match Summary::of_all(&records).map(|summary| summary.end) {
            Some(End::Stuck { .. } | End::Unfinished) => {}
            Some(End::Live | End::RolledBack { .. } | End::Abandoned) | None => continue,
        }
        if let Some(found) = Unrecorded::of(&records) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn unlisted(failure: PortFailure) -> Failure {
    Failure::port("the journals cannot be listed")(failure)
}

fn nothing_proven() -> Failure {
    Failure::usage(
        "no earlier release was proven here",
        "`backstay history` shows what was; `backstay deploy --version` deploys any version",
    )
}
