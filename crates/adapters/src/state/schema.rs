//! The schema record of an environment: one cell, written by compare-and-swap, and what earlier versions left in its place.

use backstay_domain::journal::{Event, Outcome, Record};
use backstay_domain::ledger::Entry;
use backstay_domain::observation::JobState;
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use backstay_domain::progress::Progress;
use backstay_domain::schema::{SchemaEntry, SchemaRecord, Undone, Way, noted};
use serde::{Deserialize, Serialize};

use super::store::{Store, Swapped, Tag};
use super::{document, journal};

const READ: &str = "schema.read";
const WRITE: &str = "schema.note";
const CELL: &str = "schema";
const FORMAT: u32 = 1;

/// Times that somebody else may write at the same moment before that is somebody's mistake.
const TRIES: u32 = 20;

#[derive(Serialize, Deserialize)]
struct Written<R> {
    format: u32,
    record: R,
}

/// The record, and which of its states it is; nothing when none was kept yet.
pub(super) async fn read<S: Store>(store: &S) -> Result<Option<(SchemaRecord, Tag)>, PortFailure> {
    let Some(cell) = store.cell(CELL).await? else {
        return Ok(None);
    };
    let written: Written<SchemaRecord> = document::read(READ, CELL, FORMAT, &cell.bytes)?;
    Ok(Some((written.record, cell.tag)))
}

/// Adds an entry or completes it. What was kept by others meanwhile stays.
pub(super) async fn note<S: Store>(
    store: &S,
    entry: &SchemaEntry,
    ledger: impl AsyncFn() -> Result<Vec<Entry>, PortFailure>,
) -> Result<(), PortFailure> {
    for _ in 0..TRIES {
        let (mut record, tag) = match read(store).await? {
            Some((record, tag)) => (record, Some(tag)),
            None => (seed(store, &ledger().await?).await?, None),
        };
        record.note(entry);
        let format = FORMAT;
        let bytes = document::write(WRITE, &Written { format, record })?;
        match store.swap(CELL, tag.as_ref(), &bytes).await? {
            Swapped::Done(_) => return Ok(()),
            Swapped::Conflict => {}
        }
    }
    Err(PortFailure {
        kind: FailureKind::Conflict,
        effect: Effect::None,
        operation: WRITE.to_owned(),
        message: "somebody else writes it all the time".to_owned(),
    })
}

/// What journals and the ledger tell of an environment whose record was not kept: what is live ran its migration; what did not
/// become live may have run it.
pub(super) async fn seed<S: Store>(
    store: &S,
    ledger: &[Entry],
) -> Result<SchemaRecord, PortFailure> {
    let mut record = SchemaRecord::of_ledger(ledger);
    for (deployment, heads) in journal::history(store).await? {
        // What is wrong with one journal does not hide the others.
        let Ok(heads) = heads else { continue };
        let Event::Started { plan, .. } = heads.first.event else {
            continue;
        };
        let changes = plan.migrates().is_some() || plan.migrates_down().is_some();
        if !changes {
            continue;
        }
        let live = matches!(
            heads.last.event,
            Event::Finished {
                outcome: Outcome::Live { .. }
            }
        );
        let entries = match live {
            true => went_well(&plan, ledger),
            false => match journal::read(store, &deployment).await {
                Ok(records) => as_journalled(&plan, &records),
                Err(_) => went_well(&plan, ledger)
                    .into_iter()
                    .map(|entry| SchemaEntry { end: None, ..entry })
                    .collect(),
            },
        };
        for entry in entries {
            let entry = SchemaEntry {
                intended: entry.intended.or(Some(heads.first.at)),
                ..entry
            };
            record.note(&entry);
        }
    }
    record.entries.sort_by_key(|entry| entry.intended);
    Ok(record)
}

fn as_journalled(plan: &Plan, records: &[Record]) -> Vec<SchemaEntry> {
    let folded = records
        .iter()
        .try_fold(Progress::default(), |progress, record| {
            progress.apply(record)
        });
    folded
        .map(|progress| noted(plan, &progress))
        .unwrap_or_default()
}

/// A migration of a deployment that became live ended with 0.
fn went_well(plan: &Plan, ledger: &[Entry]) -> Vec<SchemaEntry> {
    let way = match plan.migrates_down() {
        None => Way::Up,
        Some((_, to)) => {
            // Earlier versions returned to the revision before the first migration that they undid.
            let first = ledger
                .iter()
                .rfind(|entry| entry.schema_before.as_ref() == Some(to));
            let Some(first) = first else {
                return Vec::new();
            };
            Way::Down {
                to: to.clone(),
                undoes: Undone {
                    deployment: first.deployment.clone(),
                    release: first.release.id.clone(),
                },
            }
        }
    };
    let own = |entry: &&Entry| entry.deployment.as_ref() == Some(&plan.deployment);
    let before = ledger
        .iter()
        .find(own)
        .and_then(|entry| entry.schema_before.clone());
    vec![SchemaEntry {
        deployment: Some(plan.deployment.clone()),
        release: plan.release.id.clone(),
        version: plan.release.version.clone(),
        way,
        migration: plan.release.migration.clone(),
        intended: None,
        end: Some(JobState::Exited(0)),
        before,
        after: None,
        revisions: None,
        anchor: None,
    }]
}
