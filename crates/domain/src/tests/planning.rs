//! Plans: what changes, why not, what to know before saying yes, and how far back it goes.

use super::world::{
    app, definition_ref, digest, migration, name, plan_of, plan_with, release, survey, try_plan,
    whole_app,
};
use crate::app::{App, Compatibility, Irreversible, Policy, SchemaDown, WayDown};
use crate::definition::Definition;
use crate::ledger::Entry;
use crate::plan::{Change, FrontendChange, MigrationChange, WayBack};
use crate::schema::SchemaRecord;
use crate::survey::{
    Activity, Bounds, Breaker, DefinitionState, History, LiveService, ServiceCondition, Survey,
};

fn refusals(edit: impl Fn(&mut Survey)) -> Vec<String> {
    let mut survey = survey(&app());
    edit(&mut survey);
    match try_plan(&app(), &survey) {
        Ok(_) => vec![],
        Err(refusals) => refusals.0.iter().map(ToString::to_string).collect(),
    }
}

fn auth(edit: impl Fn(&mut LiveService)) -> impl Fn(&mut Survey) {
    move |survey| edit(survey.services.get_mut(&name("auth")).unwrap())
}

#[test]
fn every_refusal() {
    let stuck = Bounds {
        minimum_healthy_percent: 100,
        maximum_percent: 100,
    };
    let expired = |survey: &mut Survey| {
        survey.expired.insert(name("auth"), digest("x"));
    };
    let rows: [(&str, Vec<String>, &[&str]); 9] = [
        ("steady", refusals(|_| ()), &[]),
        (
            "missing",
            refusals(|s| {
                s.services.remove(&name("auth"));
            }),
            &["auth: the cloud has no service `auth` on cluster `main`"],
        ),
        (
            "inactive",
            refusals(auth(|l| l.condition = ServiceCondition::Inactive)),
            &["auth: the service is not active"],
        ),
        (
            "foreign controller",
            refusals(auth(|l| {
                l.condition = ServiceCondition::Foreign("EXTERNAL".to_owned())
            })),
            &["auth: the service is deployed by another controller (EXTERNAL)"],
        ),
        (
            "rolling out",
            refusals(auth(|l| l.activity = Activity::RollingOut)),
            &["auth: somebody else's deployment of it is running"],
        ),
        (
            "stuck bounds",
            refusals(auth(|l| l.bounds = stuck)),
            &[
                "auth: with 2 desired tasks, minimumHealthyPercent 100 and maximumPercent 100 let ECS neither start nor stop a task",
            ],
        ),
        (
            "the old definition is gone",
            refusals(auth(|l| l.definition_state = DefinitionState::Inactive)),
            &["auth: the task definition it runs now was deregistered: there would be no way back"],
        ),
        (
            "the old image is gone",
            refusals(expired),
            &[
                "auth: the image it runs now (sha256:2d711642) has expired from the registry: there would be no way back",
            ],
        ),
        (
            "all at once",
            refusals(|s| {
                s.services.remove(&name("proxy"));
                expired(s);
                auth(|l| l.bounds = stuck)(s);
            }),
            &[
                "auth: with 2 desired tasks, minimumHealthyPercent 100 and maximumPercent 100 let ECS neither start nor stop a task",
                "auth: the image it runs now (sha256:2d711642) has expired from the registry: there would be no way back",
                "proxy: the cloud has no service `proxy` on cluster `main`",
            ],
        ),
    ];
    for (situation, found, expected) in rows {
        assert_eq!(found, expected, "{situation}");
    }
}

#[test]
fn no_way_back_is_no_refusal_where_there_is_nothing_to_return_to() {
    let nothing = refusals(|survey| {
        survey.expired.insert(name("auth"), digest("x"));
        auth(|live| live.desired = 0)(survey);
    });
    let never = refusals(|survey| {
        survey.expired.insert(name("auth"), digest("x"));
        auth(|live| live.history = History::Never)(survey);
    });
    let stuck_first = refusals(auth(|live| {
        live.history = History::Never;
        live.activity = Activity::RollingOut;
    }));
    assert_eq!((nothing, never, stuck_first), (vec![], vec![], vec![]));
}

#[test]
fn platforms_must_fit() {
    let mut arm = whole_app();
    for template in arm.services.values_mut().map(|s| &mut s.definition).take(1) {
        template.0["runtimePlatform"] = serde_json::json!({"cpuArchitecture": "ARM64"});
    }
    arm.migration.as_mut().unwrap().definition.0["runtimePlatform"] =
        serde_json::json!({"cpuArchitecture": "ARM64"});
    let refusals = try_plan(&arm, &survey(&whole_app())).unwrap_err();
    assert_eq!(
        refusals
            .0
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        [
            "auth: its image is built for linux/amd64, its tasks run on linux/arm64",
            "migration: its image is built for linux/amd64, its tasks run on linux/arm64",
        ]
    );
}

#[test]
fn the_way_back() {
    use {Compatibility::*, SchemaDown as Down, WayDown::*};
    let rows = [
        (Compatible, Lossless, Down::Lossless, WayBack::Whole),
        (Compatible, Lossless, Down::Never, WayBack::Whole),
        (Compatible, Lossy, Down::Lossless, WayBack::Whole),
        (Compatible, Lossy, Down::Never, WayBack::Whole),
        (Compatible, Absent, Down::Lossless, WayBack::Whole),
        (Compatible, Absent, Down::Never, WayBack::Whole),
        (Breaking, Lossless, Down::Lossless, WayBack::WithSchemaDown),
        (Breaking, Lossless, Down::Never, WayBack::UntilMigration),
        (Breaking, Lossy, Down::Lossless, WayBack::UntilMigration),
        (Breaking, Lossy, Down::Never, WayBack::UntilMigration),
        (Breaking, Absent, Down::Lossless, WayBack::UntilMigration),
        (Breaking, Absent, Down::Never, WayBack::UntilMigration),
    ];
    for (compatibility, way_down, schema_down, expected) in rows {
        let app = |irreversible| App {
            migration: Some(migration(compatibility, way_down)),
            policy: Policy {
                schema_down,
                irreversible,
                ..Policy::default()
            },
            ..app()
        };
        let situation = format!("{compatibility:?} {way_down:?} {schema_down:?}");
        let plan = plan_of(&app(Irreversible::Warn));
        assert_eq!(plan.way_back, expected, "{situation}");
        let warned = plan
            .warnings
            .iter()
            .any(|w| w.to_string().starts_with("from the migration on"));
        assert_eq!(warned, expected == WayBack::UntilMigration, "{situation}");
        let strict = app(Irreversible::Refuse);
        let refused = try_plan(&strict, &survey(&strict)).is_err();
        assert_eq!(refused, expected == WayBack::UntilMigration, "{situation}");
    }
    assert_eq!(plan_of(&app()).way_back, WayBack::Whole, "no migration");
}

#[test]
fn a_way_down_without_its_commands_is_none() {
    let plan = |edit: fn(&mut crate::app::Migration)| {
        let mut migration = migration(Compatibility::Breaking, WayDown::Lossless);
        edit(&mut migration);
        plan_of(&App {
            migration: Some(migration),
            ..app()
        })
        .way_back
    };
    assert_eq!(plan(|_| ()), WayBack::WithSchemaDown);
    assert_eq!(plan(|m| m.down_command = None), WayBack::UntilMigration);
    assert_eq!(plan(|m| m.current_command = None), WayBack::UntilMigration);
}

#[test]
fn what_changes() {
    let of = |edit: &dyn Fn(&mut LiveService)| {
        let plan = plan_with(&app(), "auth", edit);
        let service = &plan.services[&name("auth")];
        (
            service.change,
            service.target.as_ref().and_then(|target| target.desired),
        )
    };
    let same = |live: &mut LiveService| {
        live.document = release(&app(), "new").services[&name("auth")]
            .definition
            .clone();
    };
    assert_eq!(of(&|_| ()), (Change::Update, None), "another definition");
    assert_eq!(of(&same), (Change::Unchanged, None), "this very definition");
    assert_eq!(
        of(&|live| {
            same(live);
            live.history = History::Never;
        }),
        (Change::Update, None),
        "but it never completed"
    );
    assert_eq!(
        of(&|live| live.desired = 0),
        (Change::Update, None),
        "somebody scaled a known one to zero"
    );
    assert_eq!(
        of(&|live| {
            live.desired = 0;
            live.history = History::Never;
        }),
        (Change::Start, Some(2)),
        "it never ran"
    );
    let mut unknown = survey(&app());
    unknown
        .recorded
        .as_mut()
        .unwrap()
        .services
        .remove(&name("auth"));
    unknown.services.get_mut(&name("auth")).unwrap().desired = 0;
    let plan = try_plan(&app(), &unknown).unwrap();
    assert_eq!(
        plan.services[&name("auth")].change,
        Change::Start,
        "it is new"
    );
}

#[test]
fn services_that_leave() {
    let mut new = app();
    new.services.remove(&name("proxy"));
    let plan = |edit: fn(&mut Survey)| {
        let mut survey = survey(&app());
        edit(&mut survey);
        try_plan(&new, &survey)
            .unwrap()
            .retired()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(plan(|_| ()), [name("proxy")]);
    assert_eq!(
        plan(|s| {
            s.services.remove(&name("proxy"));
        }),
        []
    );
    assert_eq!(
        plan(|s| s.services.get_mut(&name("proxy")).unwrap().desired = 0),
        []
    );
    assert_eq!(plan(|s| s.recorded = None), [], "nobody knows it was ours");
}

#[test]
fn nothing_to_do() {
    let app = whole_app();
    let mut same = survey(&app);
    let new = release(&app, "new");
    for (name, live) in &mut same.services {
        live.document = new.services[name].definition.clone();
        live.definition = definition_ref(&format!("{name}:2"));
    }
    same.of_the_frontend().absent.clear();
    same.of_the_frontend().live = new
        .frontends
        .values()
        .flat_map(|m| m.files.iter())
        .map(|(p, f)| (p.clone(), f.sha256.clone()))
        .collect();
    same.schema = SchemaRecord::of_ledger(&[Entry::bare(new.clone())]);
    same.recorded = Some(new);
    let plan = try_plan(&app, &same).unwrap();
    assert!(plan.is_empty());
    let migration = plan.migration.as_ref().unwrap();
    assert_eq!(migration.change, MigrationChange::Unchanged);
    assert_eq!(plan.of_the_frontend().change, FrontendChange::Unchanged);
    assert!(!plan_of(&app).is_empty());
}

#[test]
fn every_warning() {
    let warnings = |edit: &dyn Fn(&mut Survey)| {
        let mut survey = survey(&app());
        edit(&mut survey);
        let plan = try_plan(&app(), &survey).unwrap();
        plan.warnings
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(warnings(&|_| ()), [""; 0]);
    assert_eq!(
        warnings(&|s| s.recorded = None),
        [
            "no proven release is recorded for this environment; what runs now is taken as the way back"
        ]
    );
    assert_eq!(
        warnings(&auth(|l| l.breaker = Breaker::Off)),
        ["auth: the cloud's circuit breaker is off; only Backstay will notice that it fails"]
    );
    assert_eq!(
        warnings(&auth(|l| l.history = History::Never)),
        ["auth: no deployment of it ever completed; a rollback scales it back to 0 tasks"]
    );
    assert_eq!(
        warnings(&auth(|l| l.desired = 0)),
        ["auth: 0 desired tasks, there will be nothing to prove"]
    );
    let unpinned = serde_json::json!({"containerDefinitions": [{"image": "registry/auth:latest"}]});
    assert_eq!(
        warnings(&auth(|l| l.document = Definition::new(unpinned.clone()))),
        [
            "auth: the image of its present task definition is not pinned to a digest; a rollback may start other code"
        ]
    );
    // No rollback starts what has no task, or never completed.
    for edit in [(|live| live.desired = 0) as fn(&mut LiveService), |live| {
        live.history = History::Never
    }] {
        let said = warnings(&auth(|live| {
            live.document = Definition::new(unpinned.clone());
            edit(live);
        }));
        assert!(
            !said.iter().any(|one| one.contains("not pinned")),
            "{said:?}"
        );
    }
}

#[test]
fn an_older_commit_does_not_overwrite_a_newer_one() {
    use crate::operator::Commit;
    use crate::survey::Ancestry::{Newer, Older, Unknown};
    let commit = |seconds: i64| Commit {
        deviation: None,
        sha: "0".repeat(40),
        subject: "change".to_owned(),
        at: jiff::Timestamp::from_second(seconds).ok(),
    };
    let refused = "new is older than old, which is live";
    let rows = [
        (Unknown, None, None, ""),
        (Newer, None, None, ""),
        (Older, None, None, refused),
        (Unknown, Some(1), Some(2), refused),
        (Unknown, Some(2), Some(1), ""),
        (Unknown, Some(1), Some(1), ""),
        (Unknown, Some(1), None, ""),
        (Newer, Some(1), Some(2), ""),
    ];
    for (ancestry, new, live, expected) in rows {
        let mut survey = survey(&app());
        survey.ancestry = ancestry;
        if let Some(recorded) = &mut survey.recorded {
            recorded.commit = live.map(commit);
        }
        let mut release = release(&app(), "new");
        release.commit = new.map(commit);
        let deployment = crate::DeploymentId::parse("d-test").unwrap();
        let planned = crate::plan::plan(deployment, &app(), release, &survey);
        let said = planned.err().map(|refusals| refusals.to_string());
        assert_eq!(
            said.unwrap_or_default(),
            expected,
            "{ancestry:?} {new:?} {live:?}"
        );
    }
}
