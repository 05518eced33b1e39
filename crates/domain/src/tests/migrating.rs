//! What a plan says about the schema, read from the record of every migration that may have run.

use super::world::{migration, release, survey, try_plan, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::ledger::Entry;
use crate::observation::{JobState, RunningJob};
use crate::plan::{MigrationChange, SchemaRisk};
use crate::schema::{SchemaEntry, SchemaRecord};
use crate::survey::Survey;

fn app_with(compatibility: Compatibility, way_down: WayDown) -> App {
    App {
        migration: Some(migration(compatibility, way_down)),
        ..whole_app()
    }
}

/// Compatible, and nothing is lost when it is undone.
fn gentle() -> App {
    app_with(Compatibility::Compatible, WayDown::Lossless)
}

fn ran(app: &App, version: &str) -> SchemaEntry {
    SchemaEntry::of_ledger(&Entry::bare(release(app, version)))
}

fn never_stood(app: &App, version: &str) -> SchemaEntry {
    SchemaEntry {
        end: Some(JobState::NeverStarted("no image".to_owned())),
        ..ran(app, version)
    }
}

/// What the plan of `new` does about the schema, over a record and whatever else is different.
fn planned(app: &App, entries: Vec<SchemaEntry>, edit: impl FnOnce(&mut Survey)) -> String {
    let mut survey = survey(app);
    survey.schema = SchemaRecord { entries };
    survey.of_the_frontend().absent.clear();
    edit(&mut survey);
    let plan = match try_plan(app, &survey) {
        Ok(plan) => plan,
        Err(refusals) => {
            let words: Vec<String> = refusals.0.iter().map(ToString::to_string).collect();
            return format!("refused: {}", words.join("; "));
        }
    };
    let migration = plan.migration.unwrap();
    let mut said = match &migration.change {
        MigrationChange::Run => format!("runs, {:?}", migration.compatibility),
        MigrationChange::Unchanged => "stays".to_owned(),
        MigrationChange::Down(to) => format!("down to {to}"),
    };
    if migration.change == MigrationChange::Run && migration.current_command.is_none() {
        said.push_str(", asks for no revision");
    }
    if migration.schema_risk == SchemaRisk::Accepted {
        said.push_str(", a human answers");
    }
    if let Some(since) = migration.undeclared {
        said.push_str(&format!(", undeclared since {since}"));
    }
    said.push_str(&format!(", {:?}", plan.way_back));
    for warning in plan.warnings {
        let warning = warning.to_string();
        let words: Vec<&str> = warning.split(' ').take(8).collect();
        said.push_str(&format!("; {}", words.join(" ")));
    }
    said
}

/// A human answers for the schema.
fn accepted(survey: &mut Survey) {
    survey.schema_risk = SchemaRisk::Accepted;
}

#[test]
fn how_far_the_schema_is_ahead_of_what_runs() {
    let app = gentle();
    let old = || ran(&app, "old");
    let ahead = |version: &str| ran(&app, version);
    let rows = [
        (
            "it is what the live code's own migration made",
            vec![old()],
            "runs, Compatible, Whole",
        ),
        (
            "one compatible migration is ahead: it was declared for one only",
            vec![old(), ahead("x1")],
            "runs, Breaking, WithSchemaDown; the migration of x1 stayed in the schema;",
        ),
        (
            "two are ahead: nobody declared that",
            vec![old(), ahead("x1"), ahead("x2")],
            "runs, Breaking, undeclared since x2, UntilMigration; from the migration on this deployment cannot be;",
        ),
        (
            "one that never stood comes along",
            vec![old(), never_stood(&app, "x1")],
            "runs, Breaking, WithSchemaDown; the migration of x1 was tried and does",
        ),
    ];
    for (situation, entries, expected) in rows {
        let found = planned(&app, entries, |_| ());
        assert!(found.starts_with(expected), "{situation}: {found}");
    }
    // Once the new one's own migration ran, what was undeclared before stays so.
    let again = vec![old(), ahead("x1"), ahead("x2"), ran(&app, "new")];
    let found = planned(&app, again, |_| ());
    assert!(
        found.starts_with("stays, undeclared since new, UntilServices"),
        "{found}"
    );
}

#[test]
fn what_comes_along_and_cannot_be_undone_ends_the_way_back() {
    let app = gentle();
    let lossy = app_with(Compatibility::Compatible, WayDown::Lossy);
    let entries = |of: &App| vec![ran(&app, "old"), never_stood(of, "x1")];
    let whole = planned(&app, entries(&app), |_| ());
    assert!(
        whole.starts_with("runs, Breaking, WithSchemaDown"),
        "{whole}"
    );
    let lost = planned(&app, entries(&lossy), |_| ());
    assert!(lost.starts_with("runs, Breaking, UntilMigration"), "{lost}");
}

#[test]
fn code_that_the_schema_left_behind_goes_on_by_a_human_s_word_only() {
    let app = gentle();
    let breaking = app_with(Compatibility::Breaking, WayDown::Absent);
    let left = || {
        let newer = ran(&breaking, "x1");
        vec![ran(&app, "old"), ran(&app, "new"), newer]
    };
    let refused = planned(&app, left(), |_| ());
    assert!(
        refused.starts_with("refused: new cannot run on the schema that x1 made"),
        "{refused}"
    );
    let answered = planned(&app, left(), accepted);
    assert!(
        answered.starts_with("stays, a human answers, undeclared since x1, UntilServices; "),
        "{answered}"
    );
    assert!(
        answered.contains("; new is not declared to run on the"),
        "{answered}"
    );
    // Where nothing has to be answered, nobody is said to have.
    let needless = planned(&app, vec![ran(&app, "old")], accepted);
    assert_eq!(needless, "runs, Compatible, Whole");
}

#[test]
fn a_migration_that_runs_already_is_waited_for() {
    let app = gentle();
    let busy = |survey: &mut Survey| {
        survey.migrating = vec![RunningJob {
            task: "task/9".parse().unwrap(),
            started_by: None,
        }];
    };
    let waits = planned(&app, vec![ran(&app, "old")], busy);
    assert!(waits.starts_with("refused: "), "{waits}");
    assert!(waits.contains("task 9"), "{waits}");
    // Where none is to run it is in nobody's way.
    let stays = vec![ran(&app, "old"), ran(&app, "new")];
    assert!(planned(&app, stays, busy).starts_with("stays"));
}

#[test]
fn a_revision_that_nobody_can_read_keeps_a_breaking_migration_from_running() {
    let breaking = app_with(Compatibility::Breaking, WayDown::Lossless);
    let mut silent = breaking.clone();
    silent.migration.as_mut().unwrap().current_command = None;
    let unreadable = |survey: &mut Survey| survey.unreadable = Some("no log".to_owned());
    let told = |app: &App| planned(app, vec![ran(app, "old")], unreadable);
    let refused = told(&breaking);
    assert!(refused.starts_with("refused: "), "{refused}");
    assert!(refused.contains("no log"), "{refused}");
    let unasked = "runs, Compatible, asks for no revision, Whole";
    assert_eq!(told(&gentle()), unasked);
    let never = told(&silent);
    assert!(
        never.starts_with("runs, Breaking, asks for no revision, UntilMigration"),
        "{never}"
    );
    assert!(
        planned(&breaking, vec![ran(&breaking, "old")], |_| ())
            .starts_with("runs, Breaking, WithSchemaDown")
    );
}
