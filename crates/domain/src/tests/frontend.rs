//! The frontend: pointer, CDN, edge; and back.

use std::collections::BTreeMap;

use super::story::{Story, check, row, unseen, well};
use super::world::{app, frontend, name, plan_of};
use crate::app::{App, Frontend};
use crate::decide::{expected_files, pointers};
use crate::journal::{Act, Event, Finding, Obstacle, Side};
use crate::observation::{FrontendView, InvalidationView, Observation, Seen};
use crate::ports::{Effect, FailureKind};
use crate::reason::Reason;
use crate::verdict::Component;

pub(super) fn live(frontend: Frontend) -> Story {
    let app = App {
        frontends: crate::frontends::alone(frontend),
        ..app()
    };
    // Long before: what happened then must not shorten the time that the edge gets.
    Story::of(plan_of(&app)).later(3600).all_live()
}

pub(super) fn completed(seen: &mut Observation) {
    seen.invalidations
        .insert(Default::default(), Seen::Known(InvalidationView::Completed));
}

pub(super) fn wrong(seen: &mut Observation) {
    let wrong = [("index.html".to_owned(), "the old one".to_owned())].into();
    let view = FrontendView {
        files: 2,
        wrong,
        unseen: 0,
    };
    seen.frontends.insert(Default::default(), Seen::Known(view));
}

fn half(seen: &mut Observation) {
    let view = FrontendView {
        files: 2,
        wrong: BTreeMap::new(),
        unseen: 1,
    };
    seen.frontends.insert(Default::default(), Seen::Known(view));
}

/// A look before this one found it unproven.
pub(super) fn proving(story: &Story) -> Story {
    story.clone().then(Event::Waiting {
        reason: Reason::Proving {
            component: Component::Frontend(Default::default()),
            missing: "edge: something".to_owned(),
        },
    })
}

fn blind(seen: &mut Observation) {
    seen.frontends.insert(Default::default(), unseen());
}

pub(super) fn point(side: Side) -> Act {
    Act::Point {
        frontend: Default::default(),
        side,
    }
}

#[test]
fn forward() {
    let live = live(frontend());
    let pointed = live.clone().done(point(Side::New));
    let asked = pointed.clone().done(Act::Invalidate {
        frontend: Default::default(),
        side: Side::New,
    });
    let forgotten = asked.clone().find(Finding::Invalidated {
        frontend: Default::default(),
        side: Side::New,
    });
    check(vec![
        row(
            "live",
            &live,
            well,
            "act: point the frontend at the new release",
        ),
        row(
            "half of the files changed: again",
            &live
                .clone()
                .failed(point(Side::New), FailureKind::Unavailable, Effect::Applied)
                .later(1),
            well,
            "act: point the frontend at the new release",
        ),
        row(
            "half of the files changed, then denied",
            &live
                .clone()
                .failed(point(Side::New), FailureKind::Denied, Effect::Applied),
            well,
            "find: back: point the frontend at the new release: call: denied",
        ),
        row("pointed", &pointed, well, "act: invalidate the CDN"),
        row(
            "asked",
            &asked,
            well,
            "wait 5s: the CDN still serves old files",
        ),
        row("forgotten", &asked, completed, "find: invalidated new"),
        row(
            "to the last moment",
            &asked.clone().later(900),
            well,
            "wait 5s: the CDN still serves old files",
        ),
        row(
            "never",
            &asked.clone().later(901),
            well,
            "find: back: the CDN's invalidation took longer than 900 s",
        ),
        row(
            "not seen, never",
            &asked.clone().later(901),
            |seen| {
                seen.invalidations.insert(Default::default(), unseen());
            },
            "find: back: the CDN's invalidation took longer than 900 s",
        ),
        row(
            "every file is right",
            &forgotten,
            well,
            "find: new frontend proven 1/1",
        ),
        row(
            "a file is wrong",
            &forgotten,
            wrong,
            "wait 5s: frontend: not proven yet (edge: /index.html: the old one)",
        ),
        row(
            "the first look took longer than the limit: it is not judged by it alone",
            &forgotten.clone().later(121),
            wrong,
            "wait 5s: frontend: not proven yet (edge: /index.html: the old one)",
        ),
        row(
            "for long",
            &proving(&forgotten).later(121),
            wrong,
            "find: back: frontend: edge: /index.html: the old one",
        ),
        row(
            "some files are not seen yet",
            &forgotten,
            half,
            "wait 5s: frontend: not proven yet (edge: 1/2 files seen so far)",
        ),
        row(
            "nor after long",
            &proving(&forgotten).later(121),
            half,
            "find: back: frontend: edge: 1/2 files seen so far",
        ),
        row(
            "the edge cannot be seen",
            &forgotten,
            blind,
            "wait 5s: cannot see the frontend now (call: throttled)",
        ),
        row(
            "never",
            &forgotten.clone().later(601),
            blind,
            "find: back: frontend: edge: could not be heard (call: throttled)",
        ),
    ]);
}

#[test]
fn without_a_distribution_the_first_look_gets_its_time_too() {
    let pointed = live(Frontend {
        distribution: None,
        ..frontend()
    })
    .done(point(Side::New));
    check(vec![
        row("right", &pointed, well, "find: new frontend proven 1/1"),
        row(
            "one look fails",
            &pointed,
            blind,
            "wait 5s: cannot see the frontend now (call: throttled)",
        ),
        row(
            "wrong at first",
            &pointed,
            wrong,
            "wait 5s: frontend: not proven yet (edge: /index.html: the old one)",
        ),
    ]);
}

#[test]
fn backward() {
    let half = live(frontend())
        .failed(point(Side::New), FailureKind::Unavailable, Effect::Applied)
        .later(1)
        .failed(point(Side::New), FailureKind::Denied, Effect::None)
        .turned_back();
    let mut lost = half.clone();
    for _ in 0..14 {
        lost = lost
            .failed(point(Side::Old), FailureKind::Unavailable, Effect::Unknown)
            .later(30);
    }
    let home = half.clone().done(point(Side::Old)).done(Act::Invalidate {
        frontend: Default::default(),
        side: Side::Old,
    });
    let forgotten = home.clone().find(Finding::Invalidated {
        frontend: Default::default(),
        side: Side::Old,
    });
    let put_back = ["catalog", "proxy", "auth"]
        .into_iter()
        .fold(forgotten.clone(), Story::put_back);
    let proving = put_back.find(Finding::Undone);
    let on_its_way = live(frontend()).intend(point(Side::New)).turned_back();
    check(vec![
        row(
            "some files were changed, and stay changed until taken back",
            &half,
            well,
            "act: point the frontend at the old release",
        ),
        row(
            "denied",
            &half
                .clone()
                .failed(point(Side::Old), FailureKind::Denied, Effect::Applied),
            well,
            "find: frontend stays: point the frontend at the old release: call: denied",
        ),
        row(
            "lost for ever",
            &lost,
            well,
            "find: frontend stays: point the frontend at the old release: call: unavailable",
        ),
        row(
            "asked",
            &home,
            well,
            "wait 5s: the CDN still serves old files",
        ),
        row(
            "never",
            &home.clone().later(901),
            well,
            "find: frontend stays: the CDN's invalidation does not end",
        ),
        row(
            "put back: the services are next",
            &forgotten,
            well,
            "act: roll catalog back, roll proxy back",
        ),
        row(
            "proven with everything else",
            &proving,
            well,
            "find: old frontend proven 1/1",
        ),
        row(
            "wrong for ever",
            &proving
                .clone()
                .home("catalog")
                .home("proxy")
                .home("auth")
                .later(601),
            wrong,
            "find: frontend stays: edge: /index.html: the old one",
        ),
        row(
            "it stays: stuck, once the services are back",
            &proving
                .clone()
                .home("catalog")
                .home("proxy")
                .home("auth")
                .find(Finding::FrontendStays {
                    frontend: Default::default(),
                    obstacle: Obstacle::Slow,
                }),
            well,
            "finish: stuck: the frontend could not be proven: the CDN's invalidation does not end",
        ),
        row(
            "its new files may still arrive: not put back before that",
            &on_its_way,
            well,
            "wait 5s: the answer to `point the frontend at the new release` was lost; looking whether it took effect",
        ),
        row(
            "they have arrived, or never will",
            &on_its_way.clone().later(96),
            well,
            "act: point the frontend at the old release",
        ),
    ]);
}

#[test]
fn an_untouched_frontend_is_proven_at_the_end_and_gets_its_time() {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let undone = Story::of(plan_of(&app))
        .turned_back()
        .later(3600)
        .find(Finding::Undone);
    let back = ["catalog", "proxy", "auth"]
        .into_iter()
        .fold(undone, Story::home);
    check(vec![
        row("proven", &back, well, "find: old frontend proven 1/1"),
        row(
            "one look fails",
            &back,
            blind,
            "wait 5s: cannot see the frontend now (call: throttled)",
        ),
        row(
            "all proven",
            &back
                .clone()
                .proven(Component::Frontend(Default::default()), Side::Old),
            well,
            "finish: rolled back, 4 proofs: check `login` failed: 500",
        ),
    ]);
    assert!(
        back.progress
            .proven(Side::Old, &Component::Service(name("auth")))
    );
}

#[test]
fn pointers_of_both_sides() {
    let app = App {
        frontends: crate::frontends::alone(frontend()),
        ..app()
    };
    let mut plan = plan_of(&app).of_the_frontend();
    let paths = |side| {
        pointers(&plan, side)
            .into_iter()
            .map(|(path, hash)| format!("{path} {}", hash.is_some()))
            .collect::<Vec<_>>()
    };
    assert_eq!(paths(Side::New), ["index.html true"]);
    assert_eq!(paths(Side::Old), ["index.html true"]);
    assert_eq!(expected_files(&plan, Side::New).len(), 2);
    assert_eq!(expected_files(&plan, Side::Old).len(), 1);
    plan.before.clear();
    let first = pointers(&plan, Side::Old);
    assert_eq!(
        first.into_iter().collect::<Vec<_>>(),
        [("index.html".to_owned(), None)]
    );
}
