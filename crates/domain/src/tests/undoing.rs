//! What has to be undone before earlier code may run again, and which migration a way down undoes.

use super::records::{breaking, down, ended, of, ran, read, record, up};
use crate::app::{SchemaDown, WayDown};
use crate::observation::JobState;
use crate::schema::{Configured, Fit, Revision, SchemaEntry, Terms, Undone, Way, undo};

#[test]
fn what_has_to_be_undone() {
    let terms = Terms {
        schema_down: SchemaDown::Lossless,
        down_command: Configured::Yes,
    };
    let never = Terms {
        schema_down: SchemaDown::Never,
        ..terms
    };
    let no_command = Terms {
        down_command: Configured::No,
        ..terms
    };
    let first = read(up("v2"), "r1", "r2");
    let second = read(up("v3"), "r2", "r3");
    let lossy = |mut entry: SchemaEntry| {
        entry.migration.as_mut().unwrap().way_down = WayDown::Lossy;
        entry
    };
    let unread = |entry: &SchemaEntry| read(entry.clone(), "", "");
    let broken = breaking(first.clone());
    let rows = [
        ("nothing since", vec![], terms, "stays"),
        ("one compatible", vec![first.clone()], terms, "stays"),
        ("one breaking", vec![broken.clone()], terms, "v2 to r1"),
        (
            "two: the first may stay",
            vec![first.clone(), second.clone()],
            terms,
            "v3 to r2",
        ),
        (
            "two, the first breaking",
            vec![broken.clone(), second.clone()],
            terms,
            "v2 to r1",
        ),
        (
            "lossy",
            vec![lossy(broken.clone())],
            terms,
            "v2: its migration has no lossless way down",
        ),
        (
            "the first stays, the second is lossy",
            vec![first.clone(), lossy(second.clone())],
            terms,
            "v3: `compatible` is said of one migration, for the code just before it; this is another one, and it has no lossless way down",
        ),
        (
            "nobody saw it end",
            vec![ended(broken.clone(), None)],
            terms,
            "v2: nobody saw its migration end",
        ),
        (
            "the policy",
            vec![broken.clone()],
            never,
            "v2: the environment's policy keeps rollbacks from the schema",
        ),
        (
            "no command",
            vec![broken.clone()],
            no_command,
            "v2: no `down` command is configured",
        ),
        (
            "no revision",
            vec![unread(&broken)],
            terms,
            "v2: the revision before its migration was not recorded",
        ),
    ];
    for (situation, since, terms, expected) in rows {
        let entries: Vec<SchemaEntry> = [vec![unread(&up("v1"))], since].concat();
        let all = record(&entries);
        let steps = match all.fit(&of("v1"), None) {
            Fit::Ahead { steps, .. } => steps,
            Fit::Runs { .. } | Fit::Made | Fit::Behind => vec![],
        };
        let found = match undo(&steps, terms) {
            Ok(None) => "stays".to_owned(),
            Ok(Some((step, to))) => format!("{} to {to}", step.entry.version),
            Err((version, why)) => format!("{version}: {why}"),
        };
        assert_eq!(found, expected, "{situation}");
    }
}

/// Two deployments of one release are told apart, and two releases of one deployment's kind.
#[test]
fn a_way_down_undoes_the_very_migration_that_it_names() {
    let first = up("v2");
    let again = SchemaEntry {
        deployment: Some("d-again".parse().unwrap()),
        ..up("v2")
    };
    let other = SchemaEntry {
        deployment: first.deployment.clone(),
        ..up("v3")
    };
    let nobody = Undone {
        deployment: None,
        release: first.release.clone(),
    };
    let all = [up("v1"), first.clone(), other.clone(), again.clone()];
    let without = |of: &SchemaEntry| {
        let entries = [all.to_vec(), vec![down(of, "r", JobState::Exited(0))]].concat();
        record(&entries).newest().map(|entry| entry.undone())
    };
    assert_eq!(without(&first), Some(up("v1").undone()));
    assert_eq!(without(&other), Some(first.undone()));
    assert_eq!(without(&again), Some(other.undone()));
    let unknown = SchemaEntry {
        way: Way::Down {
            to: Revision::new("r"),
            undoes: nobody,
        },
        ..down(&first, "r", JobState::Exited(0))
    };
    let entries = [all.to_vec(), vec![unknown]].concat();
    let unknown = record(&entries);
    assert_eq!(unknown.newest(), Some(&all[3]));
    assert_eq!(unknown.revision(), Some(Revision::new("r")));
    let fallen = record(&[
        up("v1"),
        first.clone(),
        down(&first, "r", JobState::Exited(0)),
    ]);
    let brought = |by: &str| fallen.brought_along(&ran(by)).len();
    assert_eq!((brought("v3"), brought("v2")), (1, 0));
}
