//! What a human finds: what is said of the schema, the services and the pages is what the look and the journal show.

use super::story::Story;
use super::world::{
    definition_ref, frontend, migration, name, plan_of, release, survey, try_plan, whole_app,
};
use crate::app::{App, Compatibility, WayDown};
use crate::decide::back::left;
use crate::decide::open_on_the_way_back;
use crate::journal::{Act, Job, Left, Published, Remains, Runs, SchemaLeft, Side};
use crate::observation::{JobState, Seen};
use crate::plan::{MigrationChange, Plan};
use crate::schema::Revision;
use crate::verdict::Component;

fn remains(
    story: &Story,
    of: &Component,
    edit: impl FnOnce(&mut crate::observation::Observation),
) -> Option<Remains> {
    let watched = match story.progress.turned_back() {
        Some(_) => story.clone(),
        None => story.clone().turned_back(),
    };
    let mut seen = watched.look();
    edit(&mut seen);
    let all = left(&story.plan, &story.progress, &seen);
    all.into_iter().find_map(|left| match left {
        Left::Fact(fact) if fact.component == *of => Some(fact.remains),
        _ => None,
    })
}

fn schema(story: &Story) -> Option<SchemaLeft> {
    match remains(story, &Component::Migration, |_| ()) {
        Some(Remains::Schema(schema)) => Some(schema),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_said_of_the_schema() {
    let app = App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        ..whole_app()
    };
    let plan = plan_of(&app);
    let mut stays = plan.clone();
    stays.migration.as_mut().unwrap().change = MigrationChange::Unchanged;
    let mut back = plan.clone();
    let to = MigrationChange::Down(Revision::new("r0"));
    back.migration.as_mut().unwrap().change = to;
    let never = || JobState::NeverStarted("no".to_owned());
    let fresh = Story::of(plan).prepared();
    let fresh = fresh.job(Job::RevisionBefore, JobState::Exited(0), &["r1"]);
    let up = |end| fresh.clone().job(Job::Up, end, &[]);
    let down = |end| {
        up(JobState::Exited(0))
            .turned_back()
            .job(Job::Down, end, &[])
    };
    let start = |job: Job| Act::StartJob { job };
    let rollback = Story::of(back.ordered()).prepared();
    let lowering = |end| rollback.clone().job(Job::Down, end, &[]);
    let rows = [
        (
            "no migration runs",
            Story::of(stays.ordered()).prepared(),
            None,
        ),
        ("not begun", fresh.clone(), Some(SchemaLeft::AsItWas)),
        (
            "begun",
            fresh.clone().intend(start(Job::Up)),
            Some(SchemaLeft::Running),
        ),
        ("migrated", up(JobState::Exited(0)), Some(SchemaLeft::New)),
        ("failed", up(JobState::Exited(1)), Some(SchemaLeft::Unknown)),
        ("never started", up(never()), Some(SchemaLeft::AsItWas)),
        (
            "goes down",
            up(JobState::Exited(0))
                .turned_back()
                .intend(start(Job::Down)),
            Some(SchemaLeft::Running),
        ),
        (
            "is down",
            down(JobState::Exited(0)),
            Some(SchemaLeft::Previous),
        ),
        (
            "is half down",
            down(JobState::Exited(1)),
            Some(SchemaLeft::Unknown),
        ),
        ("never went down", down(never()), Some(SchemaLeft::New)),
        ("a rollback", rollback.clone(), Some(SchemaLeft::AsItWas)),
        (
            "a rollback that went down",
            lowering(JobState::Exited(0)),
            Some(SchemaLeft::Previous),
        ),
        (
            "a rollback that did not",
            lowering(never()),
            Some(SchemaLeft::AsItWas),
        ),
    ];
    for (situation, story, expected) in rows {
        assert_eq!(schema(&story), expected, "{situation}");
    }
}

#[test]
fn what_is_said_of_a_service() {
    let story = Story::of(plan_of(&whole_app())).ready().begun("auth");
    let auth = Component::Service(name("auth"));
    let runs = |definition: &'static str| {
        let edit = super::story::service("auth", move |view| {
            view.primary_definition = definition_ref(definition);
        });
        match remains(&story, &auth, edit) {
            Some(Remains::Service { runs, .. }) => runs,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(runs("auth:1"), Runs::Old(Some("old".parse().unwrap())));
    assert_eq!(runs("auth:2"), Runs::New("new".parse().unwrap()));
    assert_eq!(runs("auth:7"), Runs::Other(definition_ref("auth:7")));
}

#[test]
fn what_is_said_of_the_pages() {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..super::world::app()
    };
    let plan = plan_of(&app);
    let story = Story::of(plan.clone()).ready();
    let page = |of: &str| {
        release(&app, of).the_frontend().files["index.html"]
            .sha256
            .clone()
    };
    let published = |hash: String| {
        let live = [("index.html".to_owned(), hash)].into();
        let edit = |seen: &mut crate::observation::Observation| {
            seen.pointers.insert(Default::default(), Seen::Known(live));
        };
        match remains(&story, &Component::Frontend(Default::default()), edit) {
            Some(Remains::Frontend { published, .. }) => published,
            other => panic!("{other:?}"),
        }
    };
    let version = |text: &str| text.parse().unwrap();
    assert_eq!(published(page("old")), Published::Old(Some(version("old"))));
    assert_eq!(published(page("new")), Published::New(version("new")));
    assert_eq!(published(page("other")), Published::Mixed);
    // Where nothing was there and nothing is published, there is nothing to say.
    let said = |edit: fn(&mut Plan)| {
        let mut plan = plan.clone();
        edit(&mut plan);
        let story = Story::of(plan).ready();
        remains(&story, &Component::Frontend(Default::default()), |_| ()).is_some()
    };
    let clear = |plan: &mut Plan| plan.the_frontend().before.clear();
    let same = |plan: &mut Plan| {
        plan.the_frontend().change = crate::plan::FrontendChange::Unchanged;
    };
    assert!(said(|_| ()) && said(clear) && said(same));
    assert!(!said(|plan| {
        let frontend = plan.the_frontend();
        frontend.before.clear();
        frontend.change = crate::plan::FrontendChange::Unchanged;
    }));
}

/// A service without a task that nobody touched has nothing to prove on the way back.
#[test]
fn what_had_no_task_has_nothing_to_prove() {
    let app = super::world::app();
    let mut survey = survey(&app);
    survey.services.get_mut(&name("proxy")).unwrap().desired = 0;
    let story = Story::of(try_plan(&app, &survey).unwrap()).turned_back();
    let open = open_on_the_way_back(&story.plan, &story.progress);
    let services = ["auth", "catalog"].map(|service| Component::Service(name(service)));
    assert_eq!(open, services);
    let home = story.proven(services[0].clone(), Side::Old);
    assert_eq!(
        open_on_the_way_back(&home.plan, &home.progress),
        [services[1].clone()]
    );
}
