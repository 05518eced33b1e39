//! Revisions one by one: whose code goes on over several of them, and what a plan makes of that.

use super::records::{of, read, up};
use super::story::{Story, ended};
use super::world::{migration, survey, try_plan, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::decide::back::{SchemaReturn, schema_return};
use crate::journal::{Act, Job};
use crate::observation::JobState;
use crate::plan::{SchemaRisk, WayBack};
use crate::schema::{
    Applied, Fit, Reach, Repeats, Revision, SchemaEntry, SchemaRecord, runs, way_down,
};

use Reach::{All, JustBefore, Nobody};
use WayDown::{Absent, Lossless, Lossy};

fn applied(place: usize, reach: Reach, way_down: WayDown) -> Applied {
    Applied {
        revision: Revision::new(format!("r{place}")),
        title: String::new(),
        reach,
        way_down,
        because: "a test".to_owned(),
        repeats: Repeats::Once,
    }
}

fn list(of: &[(Reach, WayDown)]) -> Vec<Applied> {
    of.iter()
        .enumerate()
        .map(|(place, (reach, down))| applied(place, *reach, *down))
        .collect()
}

#[test]
fn what_is_declared_does_not_chain() {
    let rows: [(&[Reach], bool); 9] = [
        (&[], true),
        (&[All], true),
        (&[JustBefore], true),
        (&[Nobody], false),
        (&[All, All, All], true),
        (&[JustBefore, All, All], true),
        (&[All, JustBefore], false),
        (&[JustBefore, JustBefore], false),
        (&[All, All, Nobody], false),
    ];
    for (reaches, expected) in rows {
        assert_eq!(runs(reaches.iter().copied()), expected, "{reaches:?}");
    }
}

#[test]
fn several_go_down_as_the_worst_of_them() {
    let rows: [(&[WayDown], WayDown); 5] = [
        (&[], Lossless),
        (&[Lossless, Lossless], Lossless),
        (&[Lossless, Lossy], Lossy),
        (&[Lossy, Absent, Lossless], Absent),
        (&[Absent, Lossy], Absent),
    ];
    for (ways, expected) in rows {
        let all: Vec<(Reach, WayDown)> = ways.iter().map(|way| (All, *way)).collect();
        assert_eq!(way_down(&list(&all)), expected, "{ways:?}");
    }
}

/// What one word says of all of them is not asked where they were read.
#[test]
fn a_plan_is_judged_by_what_it_applies() {
    let app = App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        ..whole_app()
    };
    let planned = |applies: Option<Vec<Applied>>, risk: SchemaRisk| {
        let mut survey = survey(&app);
        survey.applies = applies;
        survey.schema_risk = risk;
        let plan = try_plan(&app, &survey).expect("a plan");
        let migration = plan.migration.expect("a migration");
        (migration.compatibility, migration.way_down, plan.way_back)
    };
    use Compatibility::{Breaking, Compatible};
    use WayBack::{UntilMigration, Whole, WithSchemaDown};
    let rows: [(&[(Reach, WayDown)], _); 6] = [
        (&[], (Compatible, Lossless, Whole)),
        (
            &[(All, Lossless), (All, Absent)],
            (Compatible, Absent, Whole),
        ),
        (
            &[(JustBefore, Lossless), (All, Lossless)],
            (Compatible, Lossless, Whole),
        ),
        (
            &[(All, Lossless), (JustBefore, Lossless)],
            (Breaking, Lossless, WithSchemaDown),
        ),
        (&[(Nobody, Lossless)], (Breaking, Lossless, WithSchemaDown)),
        (
            &[(All, Lossless), (Nobody, Lossy)],
            (Breaking, Lossy, UntilMigration),
        ),
    ];
    for (applies, expected) in rows {
        assert_eq!(
            planned(Some(list(applies)), SchemaRisk::Refused),
            expected,
            "{applies:?}"
        );
    }
    // Nobody could tell which: the word of the configuration is all there is.
    assert_eq!(
        planned(None, SchemaRisk::Refused),
        (Breaking, Lossless, WithSchemaDown)
    );
    // A human answers for the schema: what is on it may be anything.
    let answered = planned(Some(list(&[(All, Lossy)])), SchemaRisk::Accepted);
    assert_eq!(answered, (Breaking, Lossless, WithSchemaDown));
}

#[test]
fn what_was_recorded_before_they_were_read_is_read_as_before() {
    let entry = up("one");
    let written = serde_json::to_value(&entry).expect("JSON");
    assert_eq!(
        written.get("revisions"),
        None,
        "what is not known is not written"
    );
    let read: SchemaEntry = serde_json::from_value(written).expect("an entry");
    assert_eq!(read, entry);
    assert_eq!(
        read.reaches(),
        [JustBefore],
        "one word, for the code just before"
    );
    let known = SchemaEntry {
        revisions: Some(list(&[(All, Lossless), (Nobody, Lossy)])),
        ..entry
    };
    let written = serde_json::to_string(&known).expect("JSON");
    let again: SchemaEntry = serde_json::from_str(&written).expect("an entry");
    assert_eq!(again, known);
    assert_eq!(
        (again.reaches(), again.is_lossless()),
        (vec![All, Nobody], false)
    );
}

#[test]
fn a_revision_that_stays_says_nothing_of_what_it_does_not_tell() {
    for repeats in [Repeats::Once, Repeats::WhenChanged, Repeats::Behind] {
        let view = Applied {
            repeats,
            ..applied(1, Nobody, Absent)
        };
        let (one, two) = (
            read(up("one"), "", "r1"),
            SchemaEntry {
                revisions: Some(vec![view.clone()]),
                ..read(up("two"), "r1", "r1")
            },
        );
        let record = SchemaRecord {
            entries: vec![one, two],
        };
        let is_ahead = matches!(record.fit(&of("one"), None), Fit::Ahead { .. });
        assert_eq!(is_ahead, repeats != Repeats::Once, "{repeats:?}");
        for end in [JobState::Exited(0), JobState::Exited(1)] {
            let app = App {
                migration: Some(migration(Compatibility::Breaking, WayDown::Absent)),
                ..whole_app()
            };
            let mut seen = survey(&app);
            seen.applies = Some(vec![view.clone()]);
            let plan = try_plan(&app, &seen).expect("a plan");
            let story = Story::of(plan)
                .prepared()
                .job(Job::RevisionBefore, JobState::Exited(0), &["r1"])
                .done(Act::StartJob { job: Job::Up })
                .find(ended(Job::Up, end.clone(), vec![]))
                .turned_back()
                .job(Job::RevisionAfter, JobState::Exited(0), &["r1"]);
            let stays = schema_return(&story.plan, &story.progress) == SchemaReturn::Stays;
            assert_eq!(stays, repeats == Repeats::Once, "{repeats:?} {end:?}");
        }
    }
}
