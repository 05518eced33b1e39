//! The local journal: what is acknowledged is there after any crash, and nothing that was changed is believed.

use std::fs;
use std::path::Path;

use backstay_adapters::journal::{self, JournalError, LocalJournal};
use backstay_domain::DeploymentId;
use backstay_domain::journal::{Event, Finding, Record};
use backstay_domain::ports::Journal;

fn id() -> DeploymentId {
    DeploymentId::parse("d-1234").unwrap()
}

fn record(sequence: u64) -> Record {
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    Record {
        sequence,
        at,
        deployment: id(),
        event: Event::Found {
            finding: Finding::ChecksPassed,
        },
    }
}

async fn written(directory: &Path, records: u64) -> String {
    let journal = LocalJournal::create(directory, &id()).unwrap();
    for sequence in 0..records {
        journal.append(&record(sequence)).await.unwrap();
    }
    fs::read_to_string(directory.join("d-1234.jsonl")).unwrap()
}

#[tokio::test]
async fn records_come_back_and_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let text = written(directory.path(), 2).await;
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.starts_with(r#"{"format":1,"after":"","record":{"sequence":0,"#),
        "{text}"
    );
    let (journal, records) = LocalJournal::open(directory.path(), &id()).unwrap();
    assert_eq!(records, [record(0), record(1)]);
    journal.append(&record(2)).await.unwrap();
    assert_eq!(journal::read(directory.path(), &id()).unwrap().len(), 3);
    assert_eq!(journal::list(directory.path()).unwrap(), [id()]);
    assert!(
        journal.append(&record(2)).await.is_err(),
        "no gap and no repetition"
    );
    assert!(matches!(
        LocalJournal::create(directory.path(), &id()),
        Err(JournalError::Disk { .. })
    ));
}

#[tokio::test]
async fn a_journal_has_one_writer() {
    let directory = tempfile::tempdir().unwrap();
    let journal = LocalJournal::create(directory.path(), &id()).unwrap();
    assert!(matches!(
        LocalJournal::open(directory.path(), &id()),
        Err(JournalError::InUse(_))
    ));
    drop(journal);
    assert!(LocalJournal::open(directory.path(), &id()).is_ok());
}

#[tokio::test]
async fn a_crash_at_any_byte_leaves_a_journal_that_can_be_continued() {
    let whole = written(tempfile::tempdir().unwrap().path(), 3).await;
    for length in 0..whole.len() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("d-1234.jsonl"), &whole[..length]).unwrap();
        let (journal, records) = LocalJournal::open(directory.path(), &id()).unwrap();
        assert_eq!(
            records.len(),
            whole[..length].matches('\n').count(),
            "cut at {length}"
        );
        journal.append(&record(records.len() as u64)).await.unwrap();
        assert_eq!(
            journal::read(directory.path(), &id()).unwrap().len(),
            records.len() + 1
        );
    }
}

#[tokio::test]
async fn what_was_changed_is_refused() {
    let whole = written(tempfile::tempdir().unwrap().path(), 3).await;
    let lines: Vec<&str> = whole.lines().collect();
    let rows = [
        (
            "without its middle",
            format!("{}\n{}\n", lines[0], lines[2]),
        ),
        ("edited", whole.replacen("03:04:05", "03:04:06", 1)),
        ("not ours", "hello\n".to_owned()),
    ];
    for (what, text) in rows {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("d-1234.jsonl"), text).unwrap();
        let refused = LocalJournal::open(directory.path(), &id());
        assert!(
            matches!(refused, Err(JournalError::Damaged { .. })),
            "{what}: {refused:?}"
        );
    }
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("d-1234.jsonl"), "{\"format\":2}\n").unwrap();
    assert!(matches!(
        LocalJournal::open(directory.path(), &id()),
        Err(JournalError::TooNew { found: 2, .. })
    ));
}

#[test]
fn a_directory_that_does_not_exist_has_no_journals() {
    assert_eq!(journal::list(Path::new("/nowhere/at/all")).unwrap(), []);
}
