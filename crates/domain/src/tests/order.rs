//! The order of a deployment, forward and back.

use super::story::Story;
use super::world::{app, migration, name, plan_of, survey, try_plan, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::decide::{Back, Phase, next_job, phase};
use crate::journal::{Act, Finding, Job, Obstacle, Side};
use crate::observation::JobState;
use crate::plan::What;
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

fn at(what: What) -> Phase {
    Phase::Step(what)
}

fn wave(names: &[&str]) -> Phase {
    at(What::Services(
        names.iter().map(|text| name(text)).collect(),
    ))
}

fn registered() -> Vec<Component> {
    let services = ["auth", "catalog", "proxy"].map(|text| Component::Service(name(text)));
    std::iter::once(Component::Migration)
        .chain(services)
        .collect()
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
    let edge = checked
        .clone()
        .proven(Component::Frontend(Default::default()), Side::New);
    let baked = edge
        .clone()
        .find(Finding::BakeBegan)
        .find(Finding::BakeEnded);
    let recorded = baked.clone().done(Act::RecordRelease);
    check(&[
        ("begun", &fresh, at(What::Register(registered()))),
        ("prepared", &prepared, at(What::Migrate)),
        (
            "migrated: whether that changed anything is asked later",
            &migrated,
            wave(&["auth"]),
        ),
        ("the revision is read", &read, wave(&["auth"])),
        (
            "the first wave is proven",
            &first,
            wave(&["catalog", "proxy"]),
        ),
        (
            "one of two is proven",
            &first.clone().live("catalog"),
            wave(&["catalog", "proxy"]),
        ),
        ("all services are proven", &all, at(What::Checks)),
        ("checks passed", &checked, at(What::Frontend)),
        ("the edge is proven", &edge, at(What::Bake)),
        ("the watch is over", &baked, at(What::Record)),
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
        ("prepared", &prepared, at(What::Migrate)),
        ("read", &read, at(What::Migrate)),
    ]);
    let job = |story: &Story| next_job(&story.plan, &story.progress);
    assert_eq!([job(&prepared), job(&read)], [Job::RevisionBefore, Job::Up]);
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
        ("live", &live, at(What::Retire(vec![name("proxy")]))),
        ("gone", &gone, at(What::Bake)),
        (
            "on the way back it returns first",
            &live
                .clone()
                .done(Act::RollOut {
                    service: name("proxy"),
                    side: Side::New,
                })
                .turned_back(),
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
        frontends: whole_app().frontends,
        ..app()
    };
    let live = Story::of(plan_of(&app)).all_live();
    let pointed = live
        .clone()
        .done(Act::Point {
            frontend: Default::default(),
            side: Side::New,
        })
        .turned_back();
    let flipped = pointed
        .clone()
        .done(Act::Point {
            frontend: Default::default(),
            side: Side::Old,
        })
        .done(Act::Invalidate {
            frontend: Default::default(),
            side: Side::Old,
        })
        .find(Finding::Invalidated {
            frontend: Default::default(),
            side: Side::Old,
        });
    let down = flipped.clone().job(Job::Down, JobState::Exited(0), &[]);
    let last = down.clone().put_back("catalog").put_back("proxy");
    let undone = last.clone().put_back("auth");
    let proving = undone.clone().find(Finding::Undone);
    let proven = proving.clone().home("catalog").home("proxy").home("auth");
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
            "one of it is put back",
            &down.clone().put_back("proxy"),
            services(&["catalog"]),
        ),
        (
            "one of it cannot return: the others are tried",
            &down.clone().put_back("proxy").cannot_return("catalog"),
            services(&["auth"]),
        ),
        ("then the first wave", &last, services(&["auth"])),
        ("all are put back", &undone, Phase::Back(Back::Undone)),
        (
            "and then proven, all at once",
            &proving,
            Phase::Back(Back::Prove),
        ),
        ("the frontend too", &proven, Phase::Back(Back::Prove)),
        (
            "the frontend could not be put back: it is noted, and not waited for",
            &pointed.clone().find(Finding::FrontendStays {
                frontend: Default::default(),
                obstacle: Obstacle::Slow,
            }),
            Phase::Back(Back::Schema(Job::Down)),
        ),
        (
            "all are proven",
            &proven
                .clone()
                .proven(Component::Frontend(Default::default()), Side::Old),
            Phase::Back(Back::Done),
        ),
        (
            "what was never touched delays nothing",
            &Story::of(plan_of(&app))
                .ready()
                .begun("auth")
                .turned_back()
                .job(Job::Down, JobState::Exited(0), &[]),
            services(&["auth"]),
        ),
    ]);
}
