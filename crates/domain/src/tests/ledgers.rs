//! Which release a rollback goes to.

use super::world::{app, name, release};
use crate::ledger::{Arrival, Entry, Runs, answers, before_newest};
use crate::plan::Direction;
use crate::retreat::{Retreat, Unrecorded, retreat};

/// `v1 v2 <v1` is: v1 deployed, v2 deployed, rolled back to v1.
fn entries(text: &str) -> Vec<Entry> {
    text.split_whitespace()
        .map(|word| {
            let (arrival, version) = match word.strip_prefix('<') {
                Some(version) => (Arrival::RolledBack, version),
                None => (Arrival::Deployed, word),
            };
            Entry {
                arrival,
                ..Entry::bare(release(&app(), version))
            }
        })
        .collect()
}

#[test]
fn a_rollback_goes_to_the_last_proven_release_and_never_to_what_was_taken_back() {
    let rows = [
        ("", None),
        ("v1", None),
        ("v1 v2", Some("v1")),
        ("v1 v2 v3", Some("v2")),
        ("v1 v2 v2", Some("v1")),
        ("v1 v2 v3 <v2", Some("v1")),
        ("v1 v2 v3 <v2 <v1", None),
        ("v1 v2 v3 <v1", None),
        ("v1 v2 <v1 v3", Some("v1")),
        ("v1 v2 <v1 v2", Some("v1")),
        ("v1 v2 v1", Some("v2")),
    ];
    for (history, expected) in rows {
        let entries = entries(history);
        let target = before_newest(&entries).map(|entry| entry.release.version.to_string());
        assert_eq!(target.as_deref(), expected, "{history}");
    }
}

#[test]
fn a_rollback_never_goes_to_the_release_that_was_newest() {
    // What is recorded, what was tried and not recorded (`<v1`: a rollback), where it goes, and whether what runs counts.
    let rows = [
        ("", "", None),
        ("", "v1", None),
        ("v1", "", Some("past v1 to nothing")),
        ("v1 v2", "", Some("past v2 to v1")),
        ("v1 v2 <v1", "", Some("past v1 to nothing")),
        ("v1", "v2", Some("to v1")),
        ("v1 v2", "v3", Some("to v2")),
        ("v1 v2", "<v1", Some("to v1")),
        ("v1 v2 v3", "<v1", Some("to v1")),
        ("v1 v2", "v2", Some("to v1")),
        ("v1", "v1", None),
        ("v1 v2 <v1", "v2", Some("to v1")),
    ];
    for (recorded, tried, expected) in rows {
        let entries = entries(recorded);
        let (direction, version) = match tried.strip_prefix('<') {
            Some(version) => (Direction::Backward, version),
            None => (Direction::Forward, tried),
        };
        let unrecorded = (!tried.is_empty()).then(|| {
            let release = release(&app(), version);
            Unrecorded {
                deployment: "d-tried".parse().unwrap(),
                direction,
                release: release.id,
                version: release.version,
            }
        });
        let version = |entry: &Entry| entry.release.version.to_string();
        let found = retreat(&entries, unrecorded.as_ref()).map(|found| match found {
            Retreat::To(entry) => format!("to {}", version(entry)),
            Retreat::Past { newest, before } => {
                let before = before.map_or("nothing".to_owned(), version);
                format!("past {} to {before}", version(newest))
            }
        });
        assert_eq!(found.as_deref(), expected, "{recorded:?}, then {tried:?}");
    }
}

#[test]
fn a_service_answers_the_version_of_the_release_that_brought_it() {
    // A release in which auth stays what it was in the release before.
    let mut entries = entries("v1 v2 v3");
    let auth = name("auth");
    let earlier = entries[0].release.services[&auth].clone();
    entries[1].release.services.insert(auth.clone(), earlier);
    let answer = |count: usize| answers(&entries[..count])[&auth].to_string();
    assert_eq!([answer(1), answer(2), answer(3)], ["v1", "v1", "v3"]);
    // What was recorded counts more than what is derived.
    let runs = |version: Option<&str>| Runs {
        definition: "auth:7".parse().unwrap(),
        version: version.map(|version| version.parse().unwrap()),
    };
    entries[2].runs.insert(auth.clone(), runs(Some("v2")));
    assert_eq!(answers(&entries)[&auth].to_string(), "v2");
    entries[2].runs.insert(auth.clone(), runs(None));
    assert_eq!(answers(&entries).get(&auth), None);
}
