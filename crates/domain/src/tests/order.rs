//! The order of a deployment, forward and back.

use super::story::Story;
use super::world::{app, migration, name, plan_of, survey, try_plan, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::decide::{Back, Phase, phase};
use crate::journal::{Act, Finding, Job, Side};
use crate::observation::JobState;
use crate::verdict::Component;

fn check(rows: &[(&str, &Story, Phase)]) {
    for (situation, story, expected) in rows {
        assert_eq!(
            &phase(&story.plan, &story.progress),
            expected,
            "{situation}"
        );
    }
}

#[test]
fn forward() {
    let fresh = Story::of(plan_of(&whole_app()));
    let prepared = fresh.clone().prepared();
    let migrated = fresh.clone().migrated();
    let read = fresh.clone().ready();
    let first = read.clone().live("auth");
    let all = first.clone().live("catalog").live("proxy");
    let checked = all.clone().find(Finding::ChecksPassed);
    let edge = checked.clone().proven(Component::Frontend, Side::New);
    let baked = edge
        .clone()
        .find(Finding::BakeBegan)
        .find(Finding::BakeEnded);
    let recorded = baked.clone().done(Act::RecordRelease);
    check(&[
        ("begun", &fresh, Phase::Prepare),
        ("prepared", &prepared, Phase::Migrate(Job::Up)),
        (
            "migrated: whether that changed anything is asked",
            &migrated,
            Phase::Migrate(Job::RevisionAfter),
        ),
        ("the revision is read", &read, Phase::Wave(0)),
        ("the first wave is proven", &first, Phase::Wave(1)),
        (
            "one of two is proven",
            &first.clone().live("catalog"),
            Phase::Wave(1),
        ),
        ("all services are proven", &all, Phase::Checks),
        ("checks passed", &checked, Phase::Frontend),
        ("the edge is proven", &edge, Phase::Bake),
        ("the watch is over", &baked, Phase::Record),
        ("recorded", &recorded, Phase::Live),
    ]);
}

#[test]
fn a_breaking_migration_reads_the_revision_first() {
    let app = App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        ..app()
    };
    let prepared = Story::of(plan_of(&app)).prepared();
    let read = prepared
        .clone()
        .job(Job::RevisionBefore, JobState::Exited(0), &["r1"]);
    check(&[
        ("prepared", &prepared, Phase::Migrate(Job::RevisionBefore)),
        ("read", &read, Phase::Migrate(Job::Up)),
    ]);
}

#[test]
fn services_that_leave_go_after_the_frontend() {
    let old = app();
    let mut new = app();
    new.services.remove(&name("proxy"));
    let leaving = Story::of(try_plan(&new, &survey(&old)).unwrap());
    let live = leaving.clone().ready().live("auth").live("catalog");
    let gone = live.clone().find(Finding::Retired {
        service: name("proxy"),
    });
    check(&[
        ("live", &live, Phase::Retire),
        ("gone", &gone, Phase::Bake),
        (
            "on the way back it returns first",
            &live.clone().turned_back(),
            Phase::Back(Back::Services(vec![name("proxy")])),
        ),
    ]);
}

#[test]
fn back() {
    let services = |names: &[&str]| {
        let names = names.iter().map(|text| name(text)).collect();
        Phase::Back(Back::Services(names))
    };
    let app = App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        frontend: whole_app().frontend,
        ..app()
    };
    let live = Story::of(plan_of(&app)).all_live();
    let pointed = live
        .clone()
        .done(Act::Point { side: Side::New })
        .turned_back();
    let flipped = pointed.clone().proven(Component::Frontend, Side::Old);
    let down = flipped.clone().job(Job::Down, JobState::Exited(0), &[]);
    let last = down.clone().home("catalog").home("proxy");
    check(&[
        (
            "pointed: the pointer goes first",
            &pointed,
            Phase::Back(Back::Frontend),
        ),
        (
            "then the schema",
            &flipped,
            Phase::Back(Back::Schema(Job::Down)),
        ),
        ("then the last wave", &down, services(&["catalog", "proxy"])),
        (
            "one of it is back",
            &down.clone().home("proxy"),
            services(&["catalog"]),
        ),
        ("then the first wave", &last, services(&["auth"])),
        (
            "all are back",
            &last.clone().home("auth"),
            Phase::Back(Back::Done),
        ),
        (
            "not pointed: the untouched frontend is proven last",
            &live
                .turned_back()
                .job(Job::Down, JobState::Exited(0), &[])
                .home("catalog")
                .home("proxy")
                .home("auth"),
            Phase::Back(Back::Frontend),
        ),
    ]);
}
