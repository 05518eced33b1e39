//! The schema record by itself: which migrations are the same, how a release stands to what is recorded, what must be undone.

use jiff::Timestamp;

use super::world::{migration, release, start, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::observation::JobState;
use crate::release::{MigrationRelease, Release};
use crate::schema::{Fit, Revision, SchemaEntry, SchemaRecord, Way, same};

fn app_with(compatibility: Compatibility, way_down: WayDown) -> App {
    App {
        migration: Some(migration(compatibility, way_down)),
        ..whole_app()
    }
}

pub(super) fn of(version: &str) -> Release {
    release(
        &app_with(Compatibility::Compatible, WayDown::Lossless),
        version,
    )
}

pub(super) fn ran(version: &str) -> MigrationRelease {
    of(version).migration.unwrap()
}

fn minute(minute: i64) -> Timestamp {
    start() + jiff::SignedDuration::from_mins(minute)
}

/// A migration up of a version that ended well.
pub(super) fn up(version: &str) -> SchemaEntry {
    let release = of(version);
    SchemaEntry {
        deployment: Some(format!("d-{version}test").parse().unwrap()),
        release: release.id.clone(),
        version: release.version,
        way: Way::Up,
        migration: release.migration,
        intended: Some(start()),
        end: Some(JobState::Exited(0)),
        before: None,
        after: None,
        revisions: None,
        anchor: None,
    }
}

pub(super) fn read(mut entry: SchemaEntry, before: &str, after: &str) -> SchemaEntry {
    let revision = |text: &str| (!text.is_empty()).then(|| Revision::new(text));
    (entry.before, entry.after) = (revision(before), revision(after));
    entry
}

pub(super) fn ended(mut entry: SchemaEntry, end: Option<JobState>) -> SchemaEntry {
    entry.end = end;
    entry
}

pub(super) fn breaking(mut entry: SchemaEntry) -> SchemaEntry {
    entry.migration.as_mut().unwrap().compatibility = Compatibility::Breaking;
    entry
}

/// A way down that undoes what `of` did.
pub(super) fn down(of: &SchemaEntry, to: &str, end: JobState) -> SchemaEntry {
    SchemaEntry {
        deployment: Some("d-back".parse().unwrap()),
        way: Way::Down {
            to: Revision::new(to),
            undoes: of.undone(),
        },
        end: Some(end),
        ..up("back")
    }
}

fn accepted(version: &str) -> SchemaEntry {
    SchemaEntry {
        way: Way::Accepted,
        end: None,
        ..up(version)
    }
}

pub(super) fn record(entries: &[SchemaEntry]) -> SchemaRecord {
    SchemaRecord {
        entries: entries.to_vec(),
    }
}

fn words(fit: &Fit<'_>) -> String {
    match fit {
        Fit::Made => "made".to_owned(),
        Fit::Runs { since, .. } => format!("runs since {since}"),
        Fit::Behind => "behind".to_owned(),
        Fit::Ahead { steps, lowered } => {
            let one = |step: &crate::schema::Step<'_>| {
                let before = step.before.as_ref();
                let before = before.map_or("-".to_owned(), ToString::to_string);
                let brings: Vec<&str> = step.brings.iter().map(|it| it.version.as_str()).collect();
                format!("{} from {before} with {brings:?}", step.entry.version)
            };
            let steps: Vec<String> = steps.iter().map(one).collect();
            let lowered = lowered.map_or("", |_| ", lowered");
            format!("behind by {}{lowered}", steps.join(", "))
        }
    }
}

#[test]
fn the_same_migration_is_the_same_image_and_the_same_definition() {
    let one = ran("v1");
    let other = ran("v2");
    let image = MigrationRelease {
        definition: other.definition.clone(),
        ..one.clone()
    };
    let definition = MigrationRelease {
        image: other.image.clone(),
        ..one.clone()
    };
    let declared = MigrationRelease {
        compatibility: Compatibility::Breaking,
        way_down: WayDown::Absent,
        ..one.clone()
    };
    let rows = [
        (&one, true),
        (&declared, true),
        (&image, false),
        (&definition, false),
        (&other, false),
    ];
    for (that, expected) in rows {
        assert_eq!(same(&one, that), expected, "{that:?}");
        assert_eq!(same(that, &one), expected, "{that:?}");
    }
}

#[test]
fn how_a_release_stands_to_what_is_recorded() {
    let (v1, v2, v3) = (up("v1"), up("v2"), up("v3"));
    let failed = |entry: &SchemaEntry| ended(entry.clone(), Some(JobState::Exited(1)));
    let never =
        |entry: &SchemaEntry| ended(entry.clone(), Some(JobState::NeverStarted("no".to_owned())));
    let same_as_before = read(v2.clone(), "r1", "r1");
    let moved = read(v2.clone(), "r1", "r2");
    let lowered = down(&v2, "r1", JobState::Exited(0));
    let half = down(&v2, "r1", JobState::Exited(1));
    let rows: [(&str, Vec<SchemaEntry>, &str); 20] = [
        ("nothing ran", vec![], "behind"),
        ("its own", vec![v1.clone()], "made"),
        ("only another", vec![v2.clone()], "behind"),
        ("its own failed", vec![failed(&v1)], "behind"),
        (
            "nobody saw its own end",
            vec![ended(v1.clone(), None)],
            "behind",
        ),
        ("its own did not start", vec![never(&v1)], "behind"),
        (
            "a compatible one since",
            vec![v1.clone(), v2.clone()],
            "runs since v2",
        ),
        (
            "a breaking one since",
            vec![v1.clone(), breaking(v2.clone())],
            "behind by v2 from - with []",
        ),
        (
            "two since",
            vec![v1.clone(), v2.clone(), v3.clone()],
            "behind by v2 from - with [], v3 from - with []",
        ),
        (
            "one that changed nothing",
            vec![v1.clone(), same_as_before.clone()],
            "made",
        ),
        (
            "one that changed something",
            vec![v1.clone(), breaking(moved.clone())],
            "behind by v2 from r1 with []",
        ),
        (
            "one of which only the revision before is known",
            vec![v1.clone(), breaking(read(v2.clone(), "r1", ""))],
            "behind by v2 from r1 with []",
        ),
        (
            "what was read after one is before the next",
            vec![read(v1.clone(), "", "r1"), breaking(v2.clone())],
            "behind by v2 from r1 with []",
        ),
        (
            "one that never started, and the next",
            vec![v1.clone(), never(&v2), v3.clone()],
            "behind by v3 from - with [\"v2\"]",
        ),
        (
            "an attempt of its own is not brought along",
            vec![v1.clone(), never(&v2), v2.clone()],
            "runs since v2",
        ),
        (
            "undone",
            vec![v1.clone(), v2.clone(), lowered.clone()],
            "made",
        ),
        (
            "undone, and the next brings it along",
            vec![v1.clone(), v2.clone(), lowered.clone(), v3.clone()],
            "behind by v3 from r1 with [\"v2\"]",
        ),
        (
            "undone, though it had changed nothing",
            vec![v1.clone(), same_as_before, lowered, v3.clone()],
            "runs since v3",
        ),
        (
            "undone half way",
            vec![v1.clone(), v2.clone(), half.clone()],
            "behind by v2 from - with [], lowered",
        ),
        (
            "a human vouched for another",
            vec![v1.clone(), accepted("v3")],
            "behind",
        ),
    ];
    for (situation, entries, expected) in rows {
        let record = record(&entries);
        assert_eq!(words(&record.fit(&of("v1"), None)), expected, "{situation}");
    }
    // What the record says of another one than v1.
    let half_way = record(&[v1.clone(), v2.clone(), half]);
    assert_eq!(words(&half_way.fit(&of("v2"), None)), "behind");
    let vouched = record(&[v1, v2, accepted("v1")]);
    assert_eq!(words(&vouched.fit(&of("v1"), None)), "made");
    assert_eq!(words(&vouched.fit(&of("v2"), None)), "behind");
    assert_eq!(vouched.newest().unwrap().version.as_str(), "v2");
}

/// Code without a migration is found by when it was last proven.
#[test]
fn code_without_a_migration_stands_where_it_was_proven() {
    let mut code = of("v1");
    code.migration = None;
    let at = |entry: SchemaEntry, when| SchemaEntry {
        intended: Some(minute(when)),
        ..entry
    };
    let own_word = SchemaEntry {
        release: code.id.clone(),
        ..accepted("v1")
    };
    let (early, late) = (at(up("v2"), 10), at(up("v3"), 20));
    let both = [early.clone(), late.clone()];
    let rows = [
        (
            "never proven",
            record(&both),
            None,
            "behind by v2 from - with [], v3 from - with []",
        ),
        ("proven between", record(&both), Some(15), "runs since v3"),
        ("proven as one began", record(&both), Some(20), "made"),
        ("proven last", record(&both), Some(25), "made"),
        (
            "proven first",
            record(&both),
            Some(5),
            "behind by v2 from - with [], v3 from - with []",
        ),
        (
            "vouched for since",
            record(&[early, at(own_word, 15), late]),
            Some(5),
            "runs since v3",
        ),
        ("nothing ran", record(&[]), None, "made"),
        (
            "a human's word for another one",
            record(&[at(accepted("v2"), 10)]),
            Some(5),
            "made",
        ),
    ];
    for (situation, record, proven, expected) in rows {
        let fit = record.fit(&code, proven.map(minute));
        assert_eq!(words(&fit), expected, "{situation}");
    }
}

/// What a resumed deployment notes once more completes what is there; anything else is another entry.
#[test]
fn an_entry_is_completed_by_the_same_step_of_the_same_deployment_only() {
    let begun = ended(up("v2"), None);
    let one = record(std::slice::from_ref(&begun));
    let noting = |entry: &SchemaEntry| {
        let mut record = one.clone();
        record.note(entry);
        record.entries
    };
    let other_deployment = SchemaEntry {
        deployment: Some("d-other".parse().unwrap()),
        ..up("v2")
    };
    let other_release = SchemaEntry {
        release: of("v3").id,
        ..up("v2")
    };
    let other_way = SchemaEntry {
        way: Way::Accepted,
        ..up("v2")
    };
    for other in [other_deployment, other_release, other_way] {
        assert!(!begun.is(&other), "{other:?}");
        assert_eq!(noting(&other), [begun.clone(), other.clone()]);
    }
    let known = read(up("v2"), "r1", "r2");
    assert_eq!(noting(&known).as_slice(), std::slice::from_ref(&known));
    let mut again = record(std::slice::from_ref(&known));
    again.note(&begun);
    assert_eq!(again.entries, [known], "what is known is not forgotten");
    let no = ended(up("v2"), Some(JobState::NeverStarted("no".to_owned())));
    let mut tried = record(&[no]);
    tried.note(&begun);
    assert_eq!(tried.entries, [begun], "it may have been tried again");
}
