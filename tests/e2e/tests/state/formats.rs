//! Journals of every format that was ever written can be read, and what is newer says so.

use std::fs;
use std::path::PathBuf;

use backstay_adapters::state::journal::{JournalError, Problem, StoreJournal, audit, read};
use backstay_adapters::state::{AnyStore, Store as _};
use backstay_domain::DeploymentId;
use backstay_domain::ports::Journal as _;
use backstay_domain::progress::Progress;
use backstay_e2e::fixtures;

use crate::places::paused;
use crate::records::{deployment, id, note, of};

fn kept(format: &str) -> Vec<(DeploymentId, PathBuf)> {
    let mut kept: Vec<(DeploymentId, PathBuf)> =
        fs::read_dir(fixtures().join("journals").join(format))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (id(path.file_stem().unwrap().to_str().unwrap()), path))
            .collect();
    kept.sort();
    kept
}

#[test]
fn every_journal_that_was_kept_still_folds() {
    bless();
    let mut read_so_far = 0;
    for format in ["format-1", "format-2"] {
        let journals = kept(format);
        assert!(!journals.is_empty(), "{format} has no journal");
        for (id, path) in journals {
            let directory = tempfile::tempdir().unwrap();
            fs::create_dir(directory.path().join("journal")).unwrap();
            fs::copy(&path, directory.path().join(format!("journal/{id}.jsonl"))).unwrap();
            let store = AnyStore::local(directory.path());
            paused(async {
                let records = read(&store, &id).await.unwrap();
                let progress = records
                    .iter()
                    .try_fold(Progress::default(), Progress::apply);
                let progress =
                    progress.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                assert!(progress.outcome().is_some(), "{}", path.display());
                assert_eq!(audit(&store, &id).await.unwrap().problems, []);
                let (_, again) = StoreJournal::open(store.clone(), 9, &id).await.unwrap();
                assert_eq!(again, records);
            });
            read_so_far += 1;
        }
    }
    println!("{read_so_far} journals read");
}

/// `BACKSTAY_BLESS=1` adds the journals that are written today, unless they are kept already: those never change.
fn bless() {
    if std::env::var_os("BACKSTAY_BLESS").is_none() || fixtures().join("journals/format-2").exists()
    {
        return;
    }
    for scenario in ["everything-is-good", "update-service-denied"] {
        let mut records = of(scenario);
        let id = id(if scenario.starts_with("every") {
            "d-live"
        } else {
            "d-rolledback"
        });
        for record in &mut records {
            record.deployment = id.clone();
        }
        let directory = tempfile::tempdir().unwrap();
        paused(async {
            let journal = StoreJournal::create(AnyStore::local(directory.path()), 7, &id)
                .await
                .unwrap();
            for record in &records {
                journal.append(record).await.unwrap();
            }
        });
        let folder = fixtures().join("journals/format-2");
        fs::create_dir_all(&folder).unwrap();
        let name = format!("{id}.jsonl");
        fs::copy(
            directory.path().join("journal").join(&name),
            folder.join(&name),
        )
        .unwrap();
    }
}

/// What a line of some version would be, with a hash that fits.
fn hashed(body: &str) -> Vec<u8> {
    let hash = backstay_domain::definition::sha256_hex(body.as_bytes());
    format!(r#"{body},"hash":"{hash}"}}"#).into_bytes()
}

#[test]
fn what_is_newer_says_so() {
    let record = serde_json::to_string(&note(&id("d-1234"), 0)).unwrap();
    let unknown = record.replacen("found", "transcended", 1);
    let rows = [
        (br#"{"format":3,"anything":true}"#.to_vec(), "format 3"),
        (
            hashed(&format!(
                r#"{{"format":2,"fence":1,"after":"","record":{unknown}"#
            )),
            "transcended",
        ),
    ];
    for (line, says) in rows {
        paused(async {
            let (store, id) = (AnyStore::memory(), id("d-1234"));
            let _ = store.append("journal/d-1234", 0, &line).await.unwrap();
            let refused = StoreJournal::open(store.clone(), 1, &id).await.unwrap_err();
            let JournalError::Unsound {
                problem: Problem::TooNew { record: 0, what },
                ..
            } = &refused
            else {
                panic!("{refused}");
            };
            assert!(what.contains(says), "{refused}");
            assert_eq!(audit(&store, &id).await.unwrap().problems.len(), 1);
        });
    }
}

#[test]
fn a_line_names_its_fence_the_line_before_and_itself() {
    paused(async {
        let store = AnyStore::memory();
        let records = &deployment()[..2];
        let journal = StoreJournal::create(store.clone(), 7, &records[0].deployment)
            .await
            .unwrap();
        for record in records {
            journal.append(record).await.unwrap();
        }
        let log = format!("journal/{}", records[0].deployment);
        let lines = store.lines(&log).await.unwrap().lines;
        let line = String::from_utf8(lines[1].1.clone()).unwrap();
        let before = backstay_domain::definition::sha256_hex(&lines[0].1);
        assert!(
            line.starts_with(&format!(
                r#"{{"format":2,"fence":7,"after":"{before}","record":{{"sequence":1,"#
            )),
            "{line}"
        );
        let body = &line[..line.len() - 75];
        assert_eq!(hashed(body), line.as_bytes());
    });
}

#[test]
fn fences_never_fall_along_a_journal() {
    paused(async {
        let store = AnyStore::memory();
        let records = &deployment()[..2];
        let id = &records[0].deployment;
        let journal = StoreJournal::create(store.clone(), 7, id).await.unwrap();
        journal.append(&records[0]).await.unwrap();
        let log = format!("journal/{id}");
        let before =
            backstay_domain::definition::sha256_hex(&store.lines(&log).await.unwrap().lines[0].1);
        let record = serde_json::to_string(&records[1]).unwrap();
        let line = hashed(&format!(
            r#"{{"format":2,"fence":6,"after":"{before}","record":{record}"#
        ));
        let _ = store.append(&log, 1, &line).await.unwrap();
        let fell = Problem::FenceFell {
            record: 1,
            fence: 6,
            before: 7,
        };
        assert_eq!(audit(&store, id).await.unwrap().problems, [fell]);
    });
}
