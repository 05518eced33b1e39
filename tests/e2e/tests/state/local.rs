//! What only a directory can suffer: torn lines, no permission, something else in its place.

use std::fs;

use backstay_adapters::state::journal::{Problem, StoreJournal, audit, read};
use backstay_adapters::state::lease::LeaseKeeper;
use backstay_adapters::state::{AnyStore, Appended, Store as _};
use backstay_domain::lease::Manner;
use backstay_domain::ports::{Effect, Journal as _};

use crate::places::paused;
use crate::records::{holder, id, note};

#[test]
fn a_crash_at_any_byte_leaves_a_journal_that_can_be_continued() {
    let id = &id("d-1234");
    let records = &[0, 1, 2].map(|sequence| note(id, sequence));
    paused(async {
        let first = tempfile::tempdir().unwrap();
        let journal = StoreJournal::create(AnyStore::local(first.path()), 1, id)
            .await
            .unwrap();
        for record in records {
            journal.append(record).await.unwrap();
        }
        let name = format!("journal/{id}.jsonl");
        let whole = fs::read(first.path().join(&name)).unwrap();
        let last = whole[..whole.len() - 1]
            .iter()
            .rposition(|b| *b == b'\n')
            .unwrap()
            + 1;
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("journal")).unwrap();
        for length in last..whole.len() {
            fs::write(directory.path().join(&name), &whole[..length]).unwrap();
            let store = AnyStore::local(directory.path());
            let torn = audit(&store, id).await.unwrap();
            let bytes = length - last;
            let said = torn.problems.contains(&Problem::Torn { bytes });
            assert_eq!(said, bytes > 0, "{bytes} bytes: {:?}", torn.problems);
            assert!(Problem::Torn { bytes }.is_harmless());
            let (journal, found) = StoreJournal::open(store.clone(), 2, id).await.unwrap();
            assert_eq!(found, records[..2], "cut at {length}");
            journal.append(&records[2]).await.unwrap();
            assert_eq!(read(&store, id).await.unwrap(), records);
        }
        println!("{} torn lines continued", whole.len() - last);
    });
}

#[test]
fn what_another_writer_appended_is_noticed_and_what_he_tore_is_cut_off() {
    paused(async {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (
            AnyStore::local(directory.path()),
            AnyStore::local(directory.path()),
        );
        assert_eq!(
            one.append("journal/d-1234", 0, b"a").await.unwrap(),
            Appended::Done
        );
        let path = directory.path().join("journal/d-1234.jsonl");
        fs::write(&path, b"a\ntorn").unwrap();
        assert_eq!(
            one.append("journal/d-1234", 1, b"b").await.unwrap(),
            Appended::Done
        );
        assert_eq!(fs::read(&path).unwrap(), b"a\nb\n");
        assert_eq!(
            other.append("journal/d-1234", 1, b"c").await.unwrap(),
            Appended::Conflict
        );
        assert_eq!(
            one.append("journal/d-1234", 5, b"c").await.unwrap(),
            Appended::Conflict,
            "a gap"
        );
        assert_eq!(fs::read(&path).unwrap(), b"a\nb\n");
    });
}

#[cfg(unix)]
#[test]
fn state_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    paused(async {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("deep/staging");
        let store = AnyStore::local(&state);
        let _ = store
            .swap("releases/000001.json", None, b"1")
            .await
            .unwrap();
        let _ = store.append("journal/d-1234", 0, b"a").await.unwrap();
        let mode =
            |name: &str| fs::metadata(state.join(name)).unwrap().permissions().mode() & 0o777;
        for folder in ["", "../../deep", "journal", "releases"] {
            assert_eq!(mode(folder), 0o700, "{folder}");
        }
        for file in ["releases/000001.json", "journal/d-1234.jsonl"] {
            assert_eq!(mode(file), 0o600, "{file}");
        }
        let cell = store.cell("releases/000001.json").await.unwrap();
        assert!(cell.is_some());
        let left: Vec<_> = fs::read_dir(state.join("releases"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "nothing but the cell and the lock: {left:?}");
    });
}

#[test]
fn where_nothing_can_be_written_nothing_is_and_that_is_said() {
    paused(async {
        // A file where a directory is needed: not even root can write below it.
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        fs::write(&state, "in the way").unwrap();
        let store = AnyStore::local(&state);
        let failures = [
            store.swap("lease", None, b"1").await.unwrap_err(),
            store.append("journal/d-1234", 0, b"a").await.unwrap_err(),
            store.lines("journal/d-1234").await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.effect, Effect::None, "{failure}");
            assert!(
                failure.message.contains(&state.display().to_string()),
                "{failure}"
            );
        }
        assert_eq!(fs::read_to_string(&state).unwrap(), "in the way");
    });
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_only_be_read_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    paused(async {
        let directory = tempfile::tempdir().unwrap();
        let store = AnyStore::local(directory.path());
        let keeper = LeaseKeeper::new(store.clone());
        keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o500)).unwrap();
        if fs::write(directory.path().join("probe"), "").is_ok() {
            println!("skipped: 1 test (root may write where nobody may)");
            return;
        }
        assert!(keeper.look().await.unwrap().is_some());
        let failure = store.swap("other", None, b"1").await.unwrap_err();
        assert_eq!(failure.effect, Effect::None);
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    });
}
