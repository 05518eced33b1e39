//! Plans to an earlier release: what they change, in which order, and when they are refused.

use std::collections::BTreeSet;

use super::world::{migration, name, release, survey, whole_app};
use crate::DeploymentId;
use crate::app::{App, Compatibility, SchemaDown, WayDown};
use crate::ledger::{Arrival, Entry};
use crate::plan::{
    Change, Direction, Earlier, MigrationChange, Plan, Refusals, SchemaRisk, plan_back, returned_to,
};
use crate::release::{FileKind, Release};
use crate::schema::{Revision, SchemaRecord};
use crate::survey::Survey;

fn entry(app: &App, version: &str) -> Entry {
    Entry {
        schema_before: Some(Revision::new(format!("before-{version}"))),
        ..Entry::bare(release(app, version))
    }
}

fn app_with(compatibility: Compatibility, way_down: WayDown) -> App {
    App {
        migration: Some(migration(compatibility, way_down)),
        ..whole_app()
    }
}

/// The schema as the ledger tells it.
fn surveyed(app: &App, entries: &[Entry]) -> Survey {
    Survey {
        schema: SchemaRecord::of_ledger(entries),
        ..survey(app)
    }
}

/// `old` is live; the way back goes to `older`, which was live before it.
fn back(app: &App, edit: impl FnOnce(&mut Earlier<'_>)) -> Result<Plan, Refusals> {
    let entries = [entry(app, "older"), entry(app, "old")];
    let mut earlier = Earlier {
        entries: &entries,
        gone: BTreeSet::new(),
        unasked: BTreeSet::new(),
        missing_files: vec![],
        schema_risk: SchemaRisk::Refused,
    };
    edit(&mut earlier);
    let deployment = DeploymentId::parse("d-back").unwrap();
    let target = release(app, "older");
    plan_back(deployment, app, &target, &surveyed(app, &entries), &earlier)
}

fn words(planned: Result<Plan, Refusals>) -> String {
    match planned {
        Ok(plan) => match plan.migration.map(|migration| migration.change) {
            None => "no migration".to_owned(),
            Some(MigrationChange::Unchanged) => "schema stays".to_owned(),
            Some(MigrationChange::Down(revision)) => format!("schema down to {revision}"),
            Some(MigrationChange::Run) => "migrates".to_owned(),
        },
        Err(refusals) => refusals
            .0
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; "),
    }
}

#[test]
fn it_is_the_forward_plan_turned_round() {
    let plan = back(&whole_app(), |_| ()).unwrap();
    assert_eq!(plan.direction, Direction::Backward);
    assert_eq!(plan.release.version.as_str(), "older");
    assert_eq!(plan.before.as_ref().unwrap().version.as_str(), "old");
    let waves: Vec<Vec<&str>> = plan
        .waves
        .iter()
        .map(|wave| wave.iter().map(|name| name.as_str()).collect())
        .collect();
    assert_eq!(waves, [vec!["catalog", "proxy"], vec!["auth"]]);
    assert!(plan.services.values().all(|s| s.change == Change::Update));
    let moves =
        |one: &crate::plan::FrontendPlan| one.change == crate::plan::FrontendChange::Publish;
    assert!(plan.frontends.values().any(moves));
}

#[test]
fn the_schema_goes_down_only_when_the_earlier_code_cannot_run_on_it() {
    use Compatibility::{Breaking, Compatible};
    use WayDown::{Absent, Lossless, Lossy};
    let never = |mut app: App| {
        app.policy.schema_down = SchemaDown::Never;
        app
    };
    let no_command = |mut app: App| {
        if let Some(migration) = &mut app.migration {
            migration.down_command = None;
        }
        app
    };
    let rows = [
        (app_with(Compatible, Absent), "schema stays"),
        (app_with(Breaking, Lossless), "schema down to before-old"),
        (
            app_with(Breaking, Lossy),
            "older cannot run on the schema that old made: its migration has no lossless way down",
        ),
        (
            app_with(Breaking, Absent),
            "older cannot run on the schema that old made: its migration has no lossless way down",
        ),
        (
            never(app_with(Breaking, Lossless)),
            "older cannot run on the schema that old made: the environment's policy keeps rollbacks from the schema",
        ),
        (
            no_command(app_with(Breaking, Lossless)),
            "older cannot run on the schema that old made: no `down` command is configured",
        ),
    ];
    for (app, expected) in rows {
        assert_eq!(words(back(&app, |_| ())), expected);
        let accepted = back(&app, |earlier| earlier.schema_risk = SchemaRisk::Accepted);
        // Where it had to be said the plan keeps that somebody did.
        let said = expected != "schema stays";
        let plan = accepted.clone().unwrap();
        let answered = plan.migration.as_ref().unwrap().schema_risk;
        assert_eq!(answered == SchemaRisk::Accepted, said, "{expected}");
        assert_eq!(plan.accepted().is_empty(), !said, "{expected}");
        assert_eq!(words(accepted), "schema stays");
    }
}

/// Undoing the first breaking migration undoes everything after it too.
#[test]
fn every_migration_since_counts() {
    use Compatibility::{Breaking, Compatible};
    use WayDown::{Absent, Lossless};
    let app = whole_app();
    let of = |compatibility, way_down, version| entry(&app_with(compatibility, way_down), version);
    let rolled_back = |version| Entry {
        arrival: Arrival::RolledBack,
        ..of(Compatible, Absent, version)
    };
    let rows = [
        (
            vec![
                of(Compatible, Lossless, "v2"),
                of(Compatible, Lossless, "old"),
            ],
            "schema down to before-old",
        ),
        (
            vec![of(Compatible, Absent, "v2"), of(Compatible, Absent, "old")],
            "older cannot run on the schema that old made: `compatible` is said of one migration, for the code just before it; this is another one, and it has no lossless way down",
        ),
        (vec![of(Compatible, Absent, "old")], "schema stays"),
        (
            vec![
                of(Breaking, Lossless, "v2"),
                of(Compatible, Lossless, "old"),
            ],
            "schema down to before-v2",
        ),
        (
            vec![of(Breaking, Lossless, "v2"), of(Compatible, Absent, "old")],
            "older cannot run on the schema that old made: its migration has no lossless way down",
        ),
        (
            vec![of(Compatible, Absent, "v2"), of(Breaking, Lossless, "old")],
            "schema down to before-old",
        ),
        (
            vec![
                of(Breaking, Lossless, "v2"),
                rolled_back("v1"),
                of(Compatible, Lossless, "old"),
            ],
            "schema down to before-v2",
        ),
        (
            vec![Entry {
                schema_before: None,
                ..of(Breaking, Lossless, "old")
            }],
            "older cannot run on the schema that old made: the revision before its migration was not recorded",
        ),
    ];
    for (since, expected) in rows {
        let mut entries = vec![entry(&app, "older")];
        entries.extend(since);
        let planned = plan_back(
            DeploymentId::parse("d-back").unwrap(),
            &app,
            &release(&app, "older"),
            &surveyed(&app, &entries),
            &Earlier {
                entries: &entries,
                gone: BTreeSet::new(),
                unasked: BTreeSet::new(),
                missing_files: vec![],
                schema_risk: SchemaRisk::Refused,
            },
        );
        if let Ok(plan) = &planned
            && let Some((migration, to)) = plan.migrates_down()
        {
            // What is undone is the migration that the revision comes before.
            let undone = migration.undoes.as_ref().unwrap();
            let its =
                |entry: &&Entry| format!("before-{}", entry.release.version) == to.to_string();
            let first = entries.iter().find(its).unwrap();
            assert_eq!(undone.release, first.release.id);
        }
        assert_eq!(words(planned), expected);
    }
}

#[test]
fn what_is_gone_is_named() {
    let app = whole_app();
    let target = release(&app, "older");
    let reference = target.services[&name("auth")].image.reference.clone();
    let gone = back(&app, |earlier| earlier.gone = [reference].into());
    let said = words(gone);
    assert!(
        said.starts_with("auth: the image of older (")
            && said.ends_with(") has expired from the registry"),
        "{said}"
    );
    let missing = back(&app, |earlier| {
        earlier.missing_files = vec!["app.js".to_owned(), "b.js".to_owned()];
    });
    assert_eq!(
        words(missing),
        "the frontend of older lacks 2 of its files in the bucket, app.js among them"
    );
}

/// That a file never changes is a promise of its time.
#[test]
fn a_file_that_a_later_release_or_the_configuration_calls_mutable_is_mutable_on_the_way_back() {
    let app = whole_app();
    let script = "app-older.js";
    let calls_it = |kind: FileKind, version: &str| {
        let mut entry = entry(&app, version);
        let frontend = entry.release.the_frontend();
        let mut file = frontend.files["index.html"].clone();
        file.kind = kind;
        frontend.files.insert(script.to_owned(), file);
        entry
    };
    let older = || entry(&app, "older");
    use FileKind::{Immutable, Mutable};
    let rows = [
        (vec![older(), entry(&app, "old")], "index.html", Immutable),
        (
            vec![older(), calls_it(Immutable, "old")],
            "index.html",
            Immutable,
        ),
        (
            vec![older(), calls_it(Mutable, "old")],
            "index.html",
            Mutable,
        ),
        // It was for a while, and is not any more: its bytes may have changed all the same.
        (
            vec![older(), calls_it(Mutable, "v2"), calls_it(Immutable, "old")],
            "index.html",
            Mutable,
        ),
        // That was before it.
        (
            vec![calls_it(Mutable, "v0"), older(), entry(&app, "old")],
            "index.html",
            Immutable,
        ),
        (vec![older(), entry(&app, "old")], "app-*.js", Mutable),
    ];
    for (entries, pattern, expected) in rows {
        let mut configured = app.clone();
        configured.frontends.values_mut().next().unwrap().mutable = vec![pattern.to_owned()];
        let recorded = release(&app, "older");
        let target = returned_to(&configured, &recorded, &entries);
        let files = |release: &Release| release.frontends.values().next().cloned().unwrap();
        assert_eq!(files(&target).files[script].kind, expected, "{pattern}");
        assert_eq!(files(&target).id, files(&recorded).id);
        assert_eq!(target.id, recorded.id);
    }
}

#[test]
fn what_runs_now_could_not_be_started_again_is_no_reason_to_stay() {
    use crate::survey::{Bounds, DefinitionState, LiveService};
    let app = whole_app();
    let entries = [entry(&app, "older"), entry(&app, "old")];
    let planned = |edit: fn(&mut LiveService)| {
        let mut survey = surveyed(&app, &entries);
        edit(survey.services.get_mut(&name("auth")).unwrap());
        let image = super::world::digest("x");
        survey.expired.insert(name("auth"), image);
        let earlier = Earlier {
            entries: &entries,
            gone: BTreeSet::new(),
            unasked: BTreeSet::new(),
            missing_files: vec![],
            schema_risk: SchemaRisk::Refused,
        };
        let deployment = DeploymentId::parse("d-back").unwrap();
        words(plan_back(
            deployment,
            &app,
            &release(&app, "older"),
            &survey,
            &earlier,
        ))
    };
    let gone = planned(|live| live.definition_state = DefinitionState::Inactive);
    assert_eq!(gone, "schema stays");
    let stuck = planned(|live| {
        live.bounds = Bounds {
            minimum_healthy_percent: 100,
            maximum_percent: 100,
        };
    });
    assert!(stuck.starts_with("auth: with 2 desired tasks"), "{stuck}");
}

/// What a service answers on the way back is what the release answered when it was live, not what came after it.
#[test]
fn an_earlier_release_answers_as_it_did() {
    let plan = back(&whole_app(), |_| ()).unwrap();
    for (service, planned) in &plan.services {
        let target = planned.target.as_ref().unwrap();
        let version = target.version.as_ref().map(ToString::to_string);
        assert_eq!(version.as_deref(), Some("older"), "{service}");
    }
}

/// Code without a migration stands on the schema of the last time that a deployment proved it; a rollback proves nothing new.
#[test]
fn code_without_a_migration_is_placed_by_the_deployment_that_proved_it() {
    use crate::schema::SchemaEntry;
    let breaking = app_with(Compatibility::Breaking, WayDown::Lossless);
    let minute =
        |minute: i64| Some(super::world::start() + jiff::SignedDuration::from_mins(minute));
    let migrated = |version: &str, at: i64| SchemaEntry {
        intended: minute(at),
        ..SchemaEntry::of_ledger(&entry(&breaking, version))
    };
    let mut target = release(&breaking, "older");
    target.migration = None;
    let proven = |release: &Release, at: Option<i64>, arrival: Arrival| Entry {
        at: at.and_then(minute),
        arrival,
        ..Entry::bare(release.clone())
    };
    let other = release(&breaking, "old");
    let entries = [
        proven(&target, Some(15), Arrival::Deployed),
        proven(&other, None, Arrival::Deployed),
        proven(&target, Some(30), Arrival::RolledBack),
    ];
    let mut survey = survey(&breaking);
    survey.schema = SchemaRecord {
        entries: vec![migrated("v2", 10), migrated("v3", 20)],
    };
    let earlier = Earlier {
        entries: &entries,
        gone: BTreeSet::new(),
        unasked: BTreeSet::new(),
        missing_files: vec![],
        schema_risk: SchemaRisk::Refused,
    };
    let deployment = DeploymentId::parse("d-back").unwrap();
    let planned = plan_back(deployment, &breaking, &target, &survey, &earlier);
    assert_eq!(words(planned), "schema down to before-v3");
}
