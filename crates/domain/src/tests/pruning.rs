//! What of earlier releases is kept, and what goes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};

use super::world::{app, frontend, release};
use crate::app::{App, Keep};
use crate::ledger::{Arrival, Entry};
use crate::prune::{Attempt, Stored, StoredFile, prune};
use crate::release::Manifest;

/// The days since the first of January 2026.
fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    first + (24 * number).hours()
}

/// `v1@3 <v1@5` is: v1 deployed on day 3, rolled back to it on day 5.
fn entries(text: &str) -> Vec<Entry> {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    text.split_whitespace()
        .map(|word| {
            let (arrival, word) = match word.strip_prefix('<') {
                Some(word) => (Arrival::RolledBack, word),
                None => (Arrival::Deployed, word),
            };
            let (version, at) = word.split_once('@').unwrap();
            Entry {
                arrival,
                at: Some(day(at.parse().unwrap())),
                ..Entry::bare(release(&app, version))
            }
        })
        .collect()
}

fn manifest(version: &str) -> Manifest {
    super::world::manifest(&super::world::version(version))
}

/// Everything that these versions published.
fn stored(versions: &str) -> Stored {
    let mut stored = Stored::default();
    for version in versions.split_whitespace() {
        for (path, file) in manifest(version).files {
            match path.as_str() {
                "index.html" => {
                    stored.copies.insert(file.sha256);
                }
                _ => {
                    let there = StoredFile {
                        size: file.size,
                        etag: "0".repeat(32),
                    };
                    stored.files.insert(path, there);
                }
            }
        }
    }
    stored
}

/// What is kept and what goes, on day 100 with ten days.
fn picture(history: &str, attempts: &[Attempt], releases: u32) -> String {
    let entries = entries(history);
    let stored = stored("v1 v2 v3 v4 tried");
    let keep = Keep { releases, days: 10 };
    let found = prune(
        (&entries, attempts),
        &crate::frontends::alone(stored),
        keep,
        day(100),
    );
    let goes = &found.frontends[&Default::default()];
    let kept: Vec<String> = found.kept.iter().map(|it| it.version.to_string()).collect();
    let copies = ["v1", "v2", "v3", "v4", "tried"].into_iter();
    let copies = copies.filter(|version| {
        let page = &manifest(version).files["index.html"];
        goes.copies.contains(&page.sha256)
    });
    let copies: Vec<&str> = copies.collect();
    let files: Vec<&str> = goes.files.keys().map(String::as_str).collect();
    format!(
        "kept {}; {}; copies {}",
        kept.join(" "),
        files.join(" "),
        copies.join(" ")
    )
}

#[test]
fn nothing_goes_that_a_kept_release_has_or_an_open_tab_may_ask_for() {
    let rows = [
        // All of it is old: two stay.
        (
            "v1@1 v2@2 v3@3 v4@4",
            2,
            "kept v3 v4; app-v1.js app-v2.js; copies v1 v2",
        ),
        (
            "v1@1 v2@2 v3@3 v4@4",
            1,
            "kept v4; app-v1.js app-v2.js app-v3.js; copies v1 v2 v3",
        ),
        // The second one was live until nine days ago.
        (
            "v1@1 v2@2 v3@91 v4@92",
            1,
            "kept v2 v3 v4; app-v1.js; copies v1",
        ),
        // It was live until exactly ten days ago.
        (
            "v1@1 v2@2 v3@90",
            1,
            "kept v3; app-v1.js app-v2.js; copies v1 v2",
        ),
        // What was taken back is kept for its tabs, and for nothing else.
        (
            "v1@1 v2@2 v3@3 <v2@4",
            2,
            "kept v1 v2; app-v3.js; copies v3",
        ),
        (
            "v1@1 v2@2 v3@95 <v2@96",
            1,
            "kept v2 v3; app-v1.js; copies v1",
        ),
        // What is live is kept, however old.
        ("v1@1", 1, "kept v1; ; copies "),
        // What nobody here published is nobody's to take away.
        ("", 1, "kept ; ; copies "),
    ];
    for (history, releases, expected) in rows {
        assert_eq!(picture(history, &[], releases), expected, "{history}");
    }
}

#[test]
fn what_a_deployment_uploaded_that_was_taken_back_goes_when_its_tabs_are_closed() {
    let attempt = |until| Attempt {
        frontend: Default::default(),
        manifest: manifest("tried"),
        before: BTreeMap::from([(
            "index.html".to_owned(),
            manifest("v1").files["index.html"].sha256.clone(),
        )]),
        until: day(until),
    };
    let history = "v1@1 v2@2";
    assert_eq!(
        picture(history, &[attempt(50)], 1),
        "kept v2; app-tried.js app-v1.js; copies v1 tried"
    );
    assert_eq!(
        picture(history, &[attempt(95)], 1),
        "kept v2; app-v1.js; copies ",
        "and the page that it would put back stays"
    );
}

#[test]
fn a_file_that_somebody_else_wrote_stays() {
    let entries = entries("v1@1 v2@2");
    let mut stored = stored("v1 v2");
    stored.files.get_mut("app-v1.js").unwrap().size = 7;
    stored.copies.insert("nobody's".to_owned());
    let keep = Keep {
        releases: 1,
        days: 0,
    };
    let stored = crate::frontends::alone(stored);
    let found = prune((&entries, &[]), &stored, keep, day(100));
    let found = &found.frontends[&Default::default()];
    assert_eq!(found.foreign, BTreeSet::from(["app-v1.js".to_owned()]));
    assert!(found.files.is_empty());
    assert!(!found.copies.contains("nobody's"));
    assert_eq!(found.whole, BTreeSet::from([manifest("v2").id]));
}
