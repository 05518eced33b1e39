//! What is the same and what has changed: by what was sent, by who answers what, by who changed it.

use serde_json::json;

use super::world::{app, definition_ref, name, release, survey, try_plan, whole_app};
use crate::definition::Definition;
use crate::difference::Difference;
use crate::ledger::{Entry, Runs};
use crate::plan::{Change, MigrationChange, Refusal, Warning, drifted, plan};
use crate::registered::Registered;
use crate::schema::SchemaRecord;
use crate::survey::{History, ServiceCondition, Survey};
use crate::verdict::Component;

/// An entry of `old`, with the revisions that its services run.
fn recorded() -> Entry {
    let release = release(&app(), "old");
    let runs = release.services.keys().map(|name| {
        let runs = Runs {
            definition: definition_ref(&format!("{name}:1")),
            version: Some(release.version.clone()),
        };
        (name.clone(), runs)
    });
    Entry {
        runs: runs.collect(),
        ..Entry::bare(release.clone())
    }
}

/// What a cloud answers that fills in a member which says something, and which nobody sent.
fn filled_in(survey: &mut Survey) {
    for live in survey.services.values_mut() {
        let mut document = live.document.document.clone();
        document["pidMode"] = json!("task");
        live.document = Definition::new(document);
    }
}

fn changes(survey: &Survey) -> Vec<Change> {
    let deployment = "d-test".parse().unwrap();
    let plan = plan(deployment, &app(), release(&app(), "old"), survey).unwrap();
    plan.services.values().map(|one| one.change).collect()
}

#[test]
fn a_revision_that_is_recorded_is_known_by_what_was_sent() {
    let mut survey = survey(&app());
    filled_in(&mut survey);
    assert!(changes(&survey).iter().all(|one| *one == Change::Update));
    survey.registered = Registered::of([&recorded()]);
    assert!(changes(&survey).iter().all(|one| *one == Change::Unchanged));
    assert_eq!(drifted(&release(&app(), "old"), &survey), []);
    // What the plan shows as the present is what was sent.
    let plan = try_plan(&app(), &survey).unwrap();
    let before = &plan.services[&name("auth")].before.document;
    assert_eq!(before.document.get("pidMode"), None);
}

#[test]
fn a_recorded_revision_is_used_again_while_tasks_can_be_started_from_it() {
    let mut survey = survey(&app());
    // `newer` runs; `old` is deployed again.
    let newer = release(&app(), "newer");
    for (name, live) in &mut survey.services {
        live.definition = definition_ref(&format!("{name}:2"));
        live.document = newer.services[name].definition.clone();
    }
    survey.registered = Registered::of([&recorded()]);
    let reused = |survey: &Survey| {
        let plan = plan(
            "d-test".parse().unwrap(),
            &app(),
            release(&app(), "old"),
            survey,
        )
        .unwrap();
        let component = Component::Service(name("auth"));
        let definition = plan.definition_of(&component).unwrap();
        plan.reuses(definition).cloned()
    };
    assert_eq!(reused(&survey), None, "nobody saw that it can be started");
    survey.startable = [definition_ref("auth:1")].into();
    assert_eq!(reused(&survey), Some(definition_ref("auth:1")));
    survey.startable = [definition_ref("catalog:1")].into();
    assert_eq!(reused(&survey), None, "another one stands for nothing");
}

#[test]
fn a_record_of_another_cloud_counts_for_nothing() {
    let mut survey = survey(&app());
    survey.registered = Registered::of([&recorded()]);
    // The same handle, other images: a simulated cloud that began afresh.
    for live in survey.services.values_mut() {
        let text = live
            .document
            .document
            .to_string()
            .replace("sha256:", "sha256:0");
        live.document = Definition::new(serde_json::from_str(&text).unwrap());
    }
    assert!(changes(&survey).iter().all(|one| *one == Change::Update));
}

#[test]
fn what_somebody_else_changed_is_named() {
    let mut survey = survey(&app());
    let other = release(&app(), "other").services[&name("auth")].clone();
    let auth = survey.services.get_mut(&name("auth")).unwrap();
    auth.definition = definition_ref("auth:9");
    auth.document = other.definition;
    let drift = drifted(&release(&app(), "old"), &survey);
    assert_eq!(drift, [Component::Service(name("auth"))]);
    let refusal = |what: Vec<Component>| {
        let (recorded, before) = (super::world::version("old"), None);
        let drifted = Refusal::Drifted {
            what,
            recorded,
            before,
        };
        drifted.to_string()
    };
    let one = refusal(drift);
    assert!(one.starts_with("auth is not what old says"), "{one}");
    let two = refusal(vec![
        Component::Service(name("auth")),
        Component::Frontend(Default::default()),
    ]);
    assert!(
        two.starts_with("auth, frontend are not what old says"),
        "{two}"
    );
    // Nobody knows then what its tasks answer.
    let plan = try_plan(&app(), &survey).unwrap();
    assert_eq!(plan.services[&name("auth")].before.version, None);
}

#[test]
fn a_service_at_zero_stays_there_unless_the_configuration_has_a_count() {
    let configured = |count: Option<u32>| {
        let mut app = app();
        app.services.get_mut(&name("auth")).unwrap().desired_count = count;
        app
    };
    let rows = [
        // (configured, recorded, history, change, warned of)
        (
            None,
            false,
            History::Completed,
            Change::Update,
            "keeps them",
        ),
        (None, false, History::Never, Change::Update, "keeps them"),
        (
            Some(0),
            false,
            History::Completed,
            Change::Update,
            "keeps them",
        ),
        (
            Some(2),
            false,
            History::Completed,
            Change::Start,
            "started with 2",
        ),
        (
            Some(2),
            true,
            History::Completed,
            Change::Update,
            "nothing to prove",
        ),
        (Some(2), false, History::Never, Change::Start, ""),
    ];
    for (count, known, history, change, warned) in rows {
        let app = configured(count);
        let mut survey = survey(&app);
        if !known {
            survey.recorded = None;
        }
        let live = survey.services.get_mut(&name("auth")).unwrap();
        (live.desired, live.history) = (0, history);
        let plan = try_plan(&app, &survey).unwrap();
        let row = format!("{count:?} {known} {history:?}");
        assert_eq!(plan.services[&name("auth")].change, change, "{row}");
        let said: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
        let about = |text: &&String| text.starts_with("auth:") && !text.contains("ever completed");
        let about: Vec<&String> = said.iter().filter(about).collect();
        match warned {
            "" => assert!(about.is_empty(), "{row}: {about:?}"),
            words => assert!(
                about.iter().any(|one| one.contains(words)),
                "{row}: {said:?}"
            ),
        }
    }
}

#[test]
fn what_cannot_be_followed_is_refused_by_its_name() {
    let mut survey = survey(&app());
    let auth = survey.services.get_mut(&name("auth")).unwrap();
    auth.condition = ServiceCondition::Unsupported("is deployed by the strategy CANARY".into());
    let refusals = try_plan(&app(), &survey).unwrap_err();
    let words = refusals.0[0].to_string();
    assert!(
        words.contains("auth: it is deployed by the strategy CANARY"),
        "{words}"
    );
    // Also where it would become so.
    let mut app = app();
    let auth = app.services.get_mut(&name("auth")).unwrap();
    auth.definition.0["networkMode"] = json!("bridge");
    let refusals = try_plan(&app, &super::world::survey(&app)).unwrap_err();
    assert!(matches!(&refusals.0[0], Refusal::Unsupported(_, how) if how.contains("`bridge`")));
}

#[test]
fn images_that_nobody_can_ask_for_are_a_warning() {
    let mut survey = survey(&app());
    let image = survey.services[&name("auth")].document.images().next();
    let image = image.unwrap().to_owned();
    survey.unasked = [image.clone(), "registry/of/nobody".to_owned()].into();
    let plan = try_plan(&app(), &survey).unwrap();
    let told = Warning::ImagesUnasked(vec![image]);
    assert!(plan.warnings.contains(&told), "{:?}", plan.warnings);
}

/// As a version of Backstay recorded it that hashed otherwise.
fn hashed_otherwise(definition: &mut Definition) {
    let mut written = serde_json::to_value(&*definition).unwrap();
    written["hash"] = "0".repeat(64).into();
    *definition = serde_json::from_value(written).unwrap();
}

#[test]
fn what_an_earlier_version_hashed_otherwise_is_the_same_everywhere() {
    let app = whole_app();
    let mut recorded = release(&app, "old");
    let services = recorded.services.values_mut();
    services.for_each(|one| hashed_otherwise(&mut one.definition));
    hashed_otherwise(&mut recorded.migration.as_mut().unwrap().definition);
    let old = release(&app, "old");
    assert!(Difference::between(&recorded, &old).is_empty());
    let mut survey = survey(&app);
    survey.schema = SchemaRecord::of_ledger(&[Entry::bare(recorded.clone())]);
    survey.recorded = Some(recorded.clone());
    let plan = plan("d-test".parse().unwrap(), &app, old, &survey).unwrap();
    let migration = plan.migration.unwrap();
    assert_eq!(migration.change, MigrationChange::Unchanged);
    // Another one is another one, whoever hashed it.
    assert_ne!(recorded.migration, release(&app, "new").migration);
}

#[test]
fn pages_that_somebody_else_put_there_are_named() {
    let app = super::world::whole_app();
    let mut survey = super::world::survey(&app);
    let old = release(&app, "old");
    assert_eq!(drifted(&old, &survey), []);
    let page = survey.of_the_frontend().live.get_mut("index.html").unwrap();
    "other".clone_into(page);
    assert_eq!(
        drifted(&old, &survey),
        [Component::Frontend(Default::default())]
    );
    survey.of_the_frontend().live.clear();
    assert_eq!(
        drifted(&old, &survey),
        [Component::Frontend(Default::default())]
    );
}
