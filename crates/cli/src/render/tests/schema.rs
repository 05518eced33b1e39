//! The schema record: what the database is on, and what may have run.

use backstay_domain::app::Compatibility;
use backstay_domain::observation::JobState;
use backstay_domain::release::MigrationRelease;
use backstay_domain::schema::{Revision, SchemaEntry, SchemaRecord, Undone, Way};

use super::build::{ok, plan};
use crate::render::json;
use crate::render::schema::{migration_words, schema_lines};

/// A migration up by a deployment, from and to a revision.
fn up(
    deployment: &str,
    version: &str,
    end: Option<JobState>,
    read: (Option<&str>, Option<&str>),
) -> SchemaEntry {
    let release = plan().release;
    SchemaEntry {
        deployment: Some(ok(deployment.parse())),
        release: release.id,
        version: ok(version.parse()),
        way: Way::Up,
        migration: plan().migration.map(|migration| MigrationRelease {
            image: migration.image,
            definition: migration.definition,
            compatibility: Compatibility::Breaking,
            way_down: migration.way_down,
            version: None,
        }),
        intended: None,
        end,
        before: read.0.map(Revision::new),
        after: read.1.map(Revision::new),
        revisions: None,
        anchor: None,
    }
}

/// One migration ran, and nobody saw the end of another.
pub(super) fn record() -> SchemaRecord {
    let entries = vec![
        up(
            "d-1111aaaa",
            "2f9c1e7",
            Some(JobState::Exited(0)),
            (Some("8f2"), Some("9c1")),
        ),
        up("d-5555eeee", "3333334", None, (Some("9c1"), None)),
    ];
    SchemaRecord { entries }
}

#[test]
fn what_the_database_is_on_and_what_is_not_certain() {
    let ended = |end, read| up("d-2222", "3333333", Some(end), read);
    let first = record().entries[0].clone();
    let lowered = SchemaEntry {
        way: Way::Down {
            to: Revision::new("8f2"),
            undoes: Undone {
                deployment: first.deployment.clone(),
                release: first.release.clone(),
            },
        },
        migration: None,
        ..ended(JobState::Exited(0), (Some("9c1"), Some("8f2")))
    };
    let accepted = SchemaEntry {
        way: Way::Accepted,
        ..ended(JobState::Exited(0), (None, None))
    };
    let breaking = "the newest migration is that of";
    let rows: [(&str, Vec<SchemaEntry>, Vec<String>); 7] = [
        ("nothing known", vec![], vec![]),
        (
            "one ran",
            vec![first.clone()],
            vec![format!("revision 9c1, as last read; {breaking} 2f9c1e7 (breaking)")],
        ),
        (
            "nobody saw it end",
            record().entries,
            vec![
                format!("its revision is not known; {breaking} 3333334 (breaking)"),
                "migration of 3333334: its end was not seen, it may have run, from 9c1; not read since".to_owned(),
            ],
        ),
        (
            "it failed and was read",
            vec![first.clone(), ended(JobState::Exited(1), (Some("9c1"), Some("9c1")))],
            vec![
                format!("revision 9c1, as last read; {breaking} 3333333 (breaking)"),
                "migration of 3333333: exit code 1, 9c1 → 9c1".to_owned(),
            ],
        ),
        (
            "it never started",
            vec![first.clone(), ended(JobState::NeverStarted("no image".to_owned()), (None, None))],
            vec![format!("revision 9c1, as last read; {breaking} 2f9c1e7 (breaking)")],
        ),
        (
            "it was taken back",
            vec![first.clone(), lowered],
            vec!["revision 8f2, as last read; no migration stands".to_owned()],
        ),
        (
            "somebody answered for it",
            vec![first, accepted.clone()],
            vec![format!("revision 9c1, as last read; {breaking} 2f9c1e7 (breaking)")],
        ),
    ];
    for (situation, entries, expected) in rows {
        assert_eq!(
            schema_lines(&SchemaRecord { entries }),
            expected,
            "{situation}"
        );
    }
    assert_eq!(
        migration_words(&accepted),
        "somebody said that 3333333 runs on the schema as it is"
    );
}

#[test]
fn as_json_every_migration_is_there() {
    let history = super::history::history(4);
    let object = json::history(&history);
    let schema = &object["schema"];
    assert_eq!(schema["revision"], serde_json::Value::Null);
    assert_eq!(schema["migrations"][0]["after"], "9c1");
    assert_eq!(schema["migrations"][0]["way"], "up");
    assert_eq!(schema["migrations"][1]["end"], serde_json::Value::Null);
    assert_eq!(schema["text"].as_array().map(Vec::len), Some(2));
    let mut report = super::status::report(None);
    assert_eq!(json::status(&report, 0)["schema"], serde_json::Value::Null);
    report.status.schema = Ok(history.schema);
    assert_eq!(&json::status(&report, 0)["schema"], schema);
}
