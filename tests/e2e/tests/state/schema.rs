//! The schema record over every store: kept, completed, never forgotten; and what stands in its place where none was kept.

use backstay_adapters::state::journal::StoreJournal;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::journal::{Act, Event, Job, Record};
use backstay_domain::observation::JobState;
use backstay_domain::ports::{Journal as _, Ledger as _};
use backstay_domain::schema::{Revision, SchemaEntry, Way};
use backstay_domain::{ReleaseId, Version};

use crate::places::in_every_place;
use crate::records::{deployment, id};

fn entry(deployment: &str, end: Option<JobState>) -> SchemaEntry {
    SchemaEntry {
        deployment: Some(id(deployment)),
        release: ReleaseId::parse("r-0123456789ab").unwrap(),
        version: Version::parse("v1").unwrap(),
        way: Way::Up,
        migration: None,
        intended: None,
        end,
        before: None,
        after: None,
        revisions: None,
        anchor: None,
    }
}

#[test]
fn an_entry_is_completed_and_not_forgotten() {
    in_every_place(async |place| {
        let ledger = StoreLedger::new(place.store());
        assert!(ledger.schema().await.unwrap().entries.is_empty());
        let begun = entry("d-0001", None);
        ledger.note(&begun).await.unwrap();
        ledger.note(&entry("d-0002", None)).await.unwrap();
        let ended = SchemaEntry {
            after: Some(Revision::new("9c1")),
            ..entry("d-0001", Some(JobState::Exited(0)))
        };
        ledger.note(&ended).await.unwrap();
        // A process that comes late, or goes on from an older journal, knows less.
        StoreLedger::new(place.store()).note(&begun).await.unwrap();
        let found = StoreLedger::new(place.store()).schema().await.unwrap();
        assert_eq!(
            found.entries,
            [ended, entry("d-0002", None)],
            "{}",
            place.name
        );
    });
}

#[test]
fn what_had_not_started_may_have_been_tried_again() {
    in_every_place(async |place| {
        let ledger = StoreLedger::new(place.store());
        let never = JobState::NeverStarted("denied".to_owned());
        ledger.note(&entry("d-0001", Some(never))).await.unwrap();
        ledger.note(&entry("d-0001", None)).await.unwrap();
        let found = ledger.schema().await.unwrap();
        assert_eq!(found.entries, [entry("d-0001", None)], "{}", place.name);
    });
}

/// An environment of an earlier version: its journals say what may have run.
#[test]
fn journals_stand_in_for_a_record_that_was_not_kept() {
    in_every_place(async |place| {
        let records = deployment();
        let up = |record: &Record| {
            let act = Act::StartJob { job: Job::Up };
            record.event == Event::Intended { act }
        };
        let begun = records.iter().position(up).unwrap();
        let id = &records[0].deployment;
        let journal = StoreJournal::create(place.store(), 1, id).await.unwrap();
        for record in &records[..=begun] {
            journal.append(record).await.unwrap();
        }
        let found = StoreLedger::new(place.store()).schema().await.unwrap();
        let runs: Vec<_> = found
            .entries
            .iter()
            .map(|entry| (&entry.version, &entry.end))
            .collect();
        let version = Version::parse("2f9c1e7").unwrap();
        assert_eq!(runs, [(&version, &None)], "{}", place.name);
    });
}
