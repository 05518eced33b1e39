//! Which release a rollback goes to.

use super::world::{app, release};
use crate::ledger::{Arrival, Entry, before_newest};

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
