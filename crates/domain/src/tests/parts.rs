//! What a plan changes: whichever part it is, the plan says so everywhere.

use super::world::{app, definition_ref, name, release, survey, whole_app};
use crate::ReleaseId;
use crate::app::{App, Compatibility, WayDown};
use crate::decide::next_job;
use crate::definition::Definition;
use crate::journal::Job;
use crate::plan::{Change, Direction, FrontendChange, MigrationChange, Plan, What, plan};
use crate::progress::Progress;
use crate::schema::{Revision, SchemaRecord};
use crate::survey::Survey;
use crate::verdict::Component;

/// The live release once more, over a survey of which one part was changed.
fn again(app: &App, edit: impl FnOnce(&mut Survey)) -> Plan {
    let mut survey = survey(app);
    edit(&mut survey);
    plan("d-test".parse().unwrap(), app, release(app, "old"), &survey).unwrap()
}

/// Whether some step but the watch and the record has something to do.
fn does_something(plan: &Plan) -> bool {
    plan.steps().iter().any(|step| {
        step.is_taken()
            && match &step.what {
                What::Anchor
                | What::Register(_)
                | What::Assets
                | What::Migrate
                | What::Retire(_)
                | What::ForgetAnchors => true,
                What::Services(_)
                | What::Checks
                | What::Schedules(_)
                | What::Frontend
                | What::Bake
                | What::Record => false,
            }
    })
}

#[test]
fn a_plan_is_empty_exactly_when_none_of_its_parts_changes_anything() {
    let app = whole_app();
    let nothing = again(&app, |survey| survey.of_the_frontend().absent.clear());
    let other: Definition = release(&app, "new").services[&name("auth")]
        .definition
        .clone();
    let service = again(&app, |survey| {
        survey.of_the_frontend().absent.clear();
        let live = survey.services.get_mut(&name("auth")).unwrap();
        live.document = other;
        live.definition = definition_ref("auth:7");
    });
    let schema = again(&app, |survey| {
        survey.of_the_frontend().absent.clear();
        survey.schema = SchemaRecord::default();
    });
    let pages = again(&app, |survey| {
        survey.of_the_frontend().absent.clear();
        survey
            .of_the_frontend()
            .live
            .insert("index.html".to_owned(), "other".to_owned());
    });
    let files = again(&app, |survey| {
        survey.of_the_frontend().absent = ["app-old.js".to_owned()].into();
    });
    let parts = |plan: &Plan| {
        let service = plan
            .services
            .values()
            .any(|one| one.change != Change::Unchanged);
        let schema = plan.migration.as_ref().unwrap().change != MigrationChange::Unchanged;
        let frontend = plan.frontends.values().next().unwrap().change != FrontendChange::Unchanged;
        [service, schema, frontend]
    };
    let rows = [
        ("nothing", &nothing, [false, false, false]),
        ("a service", &service, [true, false, false]),
        ("the schema", &schema, [false, true, false]),
        ("the pages", &pages, [false, false, true]),
        ("a file", &files, [false, false, true]),
    ];
    for (situation, plan, expected) in rows {
        assert_eq!(parts(plan), expected, "{situation}");
        assert_eq!(plan.is_empty(), expected == [false; 3], "{situation}");
        assert_eq!(plan.is_empty(), !does_something(plan), "{situation}");
        // A return is recorded whatever differs, unless it is one to what is recorded.
        let mut back = plan.clone();
        back.direction = Direction::Backward;
        assert_eq!(back.is_empty(), plan.is_empty(), "back, {situation}");
        if let Some(before) = &mut back.before {
            before.id = ReleaseId::parse("r-fedcba987654").unwrap();
        }
        assert!(
            back.before.is_some() && !back.is_empty(),
            "back, {situation}"
        );
    }
}

#[test]
fn a_migration_that_is_taken_back_is_registered_and_goes_down_first() {
    let migration = super::world::migration(Compatibility::Breaking, WayDown::Lossless);
    let app = App {
        migration: Some(migration),
        ..app()
    };
    let mut down = again(&app, |_| {});
    let to = Revision::new("r0");
    down.migration.as_mut().unwrap().change = MigrationChange::Down(to.clone());
    let down = down.ordered();
    let (_, revision) = down.migrates_down().unwrap();
    assert_eq!((revision, down.migrates().is_none()), (&to, true));
    assert!(!down.is_empty());
    let steps = down.steps();
    let registers = |component: Component| {
        let registers =
            |what: &What| matches!(what, What::Register(all) if all.contains(&component));
        steps
            .iter()
            .any(|step| step.is_taken() && registers(&step.what))
    };
    assert!(registers(Component::Migration));
    assert!(!registers(Component::Service(name("auth"))));
    assert_eq!(next_job(&down, &Progress::default()), Job::Down);
}
