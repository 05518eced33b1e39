//! The frontend's patience: a crowded CDN, a large build, and what nobody has to look at or forget.

use super::frontend::{live, point, proving, wrong};
use super::story::{Story, check, row, well};
use super::world::{app, frontend};
use crate::app::{App, Frontend};
use crate::journal::{Act, Finding, Side};
use crate::ports::{Effect, FailureKind};

#[test]
fn other_invalidations_are_waited_for() {
    let mut crowded = live(frontend()).done(point(Side::New));
    for _ in 0..14 {
        crowded = crowded
            .failed(
                Act::Invalidate {
                    frontend: Default::default(),
                    side: Side::New,
                },
                FailureKind::Throttled,
                Effect::Unknown,
            )
            .later(30);
    }
    let mut bucket = live(frontend());
    for _ in 0..14 {
        let page = point(Side::New);
        bucket = bucket
            .failed(page, FailureKind::Throttled, Effect::None)
            .later(30);
    }
    let cdn = Act::Invalidate {
        frontend: Default::default(),
        side: Side::New,
    };
    let pointed = live(frontend()).done(point(Side::New));
    let denied = pointed.failed(cdn, FailureKind::Denied, Effect::None);
    let mut given_up = crowded.clone();
    for _ in 0..25 {
        given_up = given_up
            .failed(
                Act::Invalidate {
                    frontend: Default::default(),
                    side: Side::New,
                },
                FailureKind::Throttled,
                Effect::Unknown,
            )
            .later(60);
    }
    check(vec![
        row(
            "after five minutes",
            &crowded,
            well,
            "wait 30s: invalidate the CDN was not possible (call: throttled); trying again",
        ),
        row(
            "a minute after that",
            &crowded.clone().later(30),
            well,
            "act: invalidate the CDN",
        ),
        row(
            "denied",
            &denied,
            well,
            "find: back: invalidate the CDN: call: denied",
        ),
        row(
            "only the CDN is waited for so long",
            &bucket,
            well,
            "find: back: point the frontend at the new release: call: throttled",
        ),
        row(
            "for ever",
            &given_up,
            well,
            "find: back: invalidate the CDN: call: throttled",
        ),
    ]);
}

/// A build of 1,200 files: a minute more than one of a few.
fn large() -> Story {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let mut release = super::world::release(&app, "new");
    let files = &mut release.the_frontend().files;
    let one = files["app-new.js"].clone();
    files.extend((0..1198).map(|n| (format!("{n:04}.js"), one.clone())));
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    let survey = super::world::survey(&app);
    let plan = crate::plan::plan(deployment, &app, release, &survey).unwrap();
    Story::of(plan).later(3600).all_live()
}

#[test]
fn each_file_that_has_to_be_looked_at_counts() {
    let pointed = large().done(point(Side::New));
    let asked = pointed.done(Act::Invalidate {
        frontend: Default::default(),
        side: Side::New,
    });
    let forgotten = asked.find(Finding::Invalidated {
        frontend: Default::default(),
        side: Side::New,
    });
    let wrong_for = |story: &Story, seconds: u64| {
        let story = proving(&story.clone().later(seconds));
        row("a file is wrong", &story, wrong, "").found
    };
    let waits = "wait 5s: frontend: not proven yet (edge: /index.html: the old one)";
    assert_eq!(wrong_for(&forgotten, 120 + 60), waits);
    let over = wrong_for(&forgotten, 120 + 61);
    assert!(over.starts_with("find: back: "), "{over}");
    // On the way back too, where everything has ten minutes at least.
    let services = ["catalog", "proxy", "auth"];
    let turned = services
        .into_iter()
        .fold(forgotten.turned_back(), Story::put_back);
    let put_back = turned
        .done(point(Side::Old))
        .done(Act::Invalidate {
            frontend: Default::default(),
            side: Side::Old,
        })
        .find(Finding::Invalidated {
            frontend: Default::default(),
            side: Side::Old,
        })
        .find(Finding::Undone);
    let home = services.into_iter().fold(put_back, Story::home);
    assert_eq!(wrong_for(&home, 600 + 60), waits);
    let over = wrong_for(&home, 600 + 61);
    assert!(over.starts_with("find: frontend stays: "), "{over}");
}

/// A release that only adds files moves no page: nobody has to forget anything.
#[test]
fn what_is_only_added_is_not_forgotten() {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let new = super::world::release(&app, "new");
    let mut survey = super::world::survey(&app);
    survey.of_the_frontend().absent = ["app-new.js".to_owned()].into();
    let page = new.frontends.values().next().unwrap().files["index.html"].clone();
    survey.of_the_frontend().live = [("index.html".to_owned(), page.sha256)].into();
    let plan = super::world::try_plan(&app, &survey).unwrap();
    let added = Story::of(plan).later(3600).all_live();
    check(vec![row(
        "added",
        &added,
        well,
        "find: new frontend proven 1/1",
    )]);
}

/// Visitors' files are looked at once they are to be those of this side, and not before.
#[test]
fn files_are_looked_at_when_they_are_pointed_to() {
    let without_cdn = Frontend {
        distribution: None,
        ..frontend()
    };
    let looks = |story: &Story| {
        let watch = crate::watch::watch(&story.plan, &story.progress, story.now);
        !watch.frontends.is_empty()
    };
    let live = live(without_cdn);
    assert!(!looks(&live));
    assert!(looks(&live.done(point(Side::New))));
}
