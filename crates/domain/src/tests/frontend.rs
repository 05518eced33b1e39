//! The frontend: pointer, CDN, edge; and back.

use std::collections::{BTreeMap, BTreeSet};

use super::story::{Story, check, row, unseen, well};
use super::world::{app, frontend, name, plan_of, survey, try_plan};
use crate::app::{App, Frontend};
use crate::decide::{expected_files, forgets, pointers};
use crate::journal::{Act, Event, Finding, Obstacle, Side};
use crate::observation::{FrontendView, InvalidationView, Observation, Seen};
use crate::plan::{Forget, FrontendChange, LARGEST_FILE_BYTES, Plan};
use crate::ports::{Effect, FailureKind};
use crate::reason::Reason;
use crate::survey::PublishedFiles;
use crate::verdict::Component;

fn live(frontend: Frontend) -> Story {
    let app = App {
        frontend: Some(frontend),
        ..app()
    };
    // Long before: what happened then must not shorten the time that the edge gets.
    Story::of(plan_of(&app)).later(3600).all_live()
}

fn completed(seen: &mut Observation) {
    seen.invalidation = Some(Seen::Known(InvalidationView::Completed));
}

fn wrong(seen: &mut Observation) {
    let wrong = [("index.html".to_owned(), "the old one".to_owned())].into();
    seen.frontend = Some(Seen::Known(FrontendView {
        files: 2,
        wrong,
        unseen: 0,
    }));
}

fn half(seen: &mut Observation) {
    seen.frontend = Some(Seen::Known(FrontendView {
        files: 2,
        wrong: BTreeMap::new(),
        unseen: 1,
    }));
}

/// A look before this one found it unproven.
fn proving(story: &Story) -> Story {
    story.clone().then(Event::Waiting {
        reason: Reason::Proving {
            component: Component::Frontend,
            missing: "edge: something".to_owned(),
        },
    })
}

fn blind(seen: &mut Observation) {
    seen.frontend = Some(unseen());
}

fn point(side: Side) -> Act {
    Act::Point { side }
}

#[test]
fn forward() {
    let live = live(frontend());
    let pointed = live.clone().done(point(Side::New));
    let asked = pointed.clone().done(Act::Invalidate { side: Side::New });
    let forgotten = asked.clone().find(Finding::Invalidated { side: Side::New });
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
            "never",
            &asked.clone().later(901),
            well,
            "find: back: the CDN's invalidation took longer than 900 s",
        ),
        row(
            "not seen, never",
            &asked.clone().later(901),
            |seen| seen.invalidation = Some(unseen()),
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
            "find: back: frontend: edge: call: throttled",
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
    let home = half
        .clone()
        .done(point(Side::Old))
        .done(Act::Invalidate { side: Side::Old });
    let forgotten = home.clone().find(Finding::Invalidated { side: Side::Old });
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
        frontend: Some(frontend()),
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
            &back.clone().proven(Component::Frontend, Side::Old),
            well,
            "finish: rolled back, 4 proofs: check `login` failed: 500",
        ),
    ]);
    assert!(
        back.progress
            .proven(Side::Old, &Component::Service(name("auth")))
    );
}

/// The plan of `new` over a bucket that was edited.
fn planned(edit: impl FnOnce(&mut PublishedFiles)) -> Result<Plan, String> {
    let app = App {
        frontend: Some(frontend()),
        ..app()
    };
    let mut survey = survey(&app);
    edit(&mut survey.published);
    try_plan(&app, &survey).map_err(|refusals| {
        let words = refusals.0.iter().map(ToString::to_string);
        words.collect::<Vec<_>>().join("; ")
    })
}

/// Nothing of the build is missing, and its page is live.
fn all_there(published: &mut PublishedFiles) {
    let new = super::world::manifest(&super::world::version("new"));
    published.absent.clear();
    published.live = [(
        "index.html".to_owned(),
        new.files["index.html"].sha256.clone(),
    )]
    .into();
}

#[test]
fn what_changes_is_said_file_by_file() {
    let change = |edit: fn(&mut PublishedFiles)| {
        let frontend = planned(edit).unwrap().frontend.unwrap();
        let names = |paths: &BTreeSet<String>| paths.iter().cloned().collect::<Vec<_>>().join(" ");
        let correct = frontend.correct.keys().cloned().collect();
        format!(
            "{:?}, up: {}, right: {}, moves: {}, forget: {}",
            frontend.change,
            names(&frontend.upload),
            names(&correct),
            names(&frontend.moving()),
            forgets(&frontend, Side::New).files.join(" "),
        )
    };
    assert_eq!(
        change(|_| {}),
        "Publish, up: app-new.js index.html, right: , moves: index.html, forget: index.html"
    );
    assert_eq!(
        change(all_there),
        "Unchanged, up: , right: , moves: , forget: "
    );
    let added = |published: &mut PublishedFiles| {
        all_there(published);
        published.absent = ["app-new.js".to_owned()].into();
    };
    assert_eq!(
        change(added),
        "Add, up: app-new.js, right: , moves: , forget: "
    );
    let wrong_headers = |published: &mut PublishedFiles| {
        all_there(published);
        published.headers = [("app-new.js".to_owned(), "text/plain".to_owned())].into();
    };
    assert_eq!(
        change(wrong_headers),
        "Add, up: , right: app-new.js, moves: , forget: app-new.js"
    );
}

#[test]
fn files_that_cannot_be_published_are_refused_all_by_name() {
    let changed = planned(|published| {
        published.changed = (0..25).map(|n| format!("locales/{n:02}.json")).collect();
    });
    let said = changed.unwrap_err();
    assert!(
        said.starts_with(
            "25 files changed under a name that visitors keep for ever: locales/00.json, "
        ) && said.ends_with("locales/19.json and 5 more"),
        "{said}"
    );
    let app = App {
        frontend: Some(frontend()),
        ..app()
    };
    let mut large = super::world::release(&app, "new");
    let files = &mut large.frontend.as_mut().unwrap().files;
    files.get_mut("app-new.js").unwrap().size = LARGEST_FILE_BYTES + 1;
    let deployment = crate::DeploymentId::parse("d-test").unwrap();
    let refusals = crate::plan::plan(deployment, &app, large, &survey(&app)).unwrap_err();
    assert_eq!(refusals.to_string(), "1 file larger than 5 GiB: app-new.js");
}

#[test]
fn a_pattern_that_means_nothing_is_told() {
    let mut site = frontend();
    site.mutable.push("robots.text".to_owned());
    site.media_types = [("about".to_owned(), "text/html".to_owned())].into();
    let app = App {
        frontend: Some(site),
        ..app()
    };
    let warnings: Vec<String> = plan_of(&app)
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        warnings,
        [
            "`robots.text` in `mutable` of [frontend] means no file of the build",
            "`about` in `media_types` of [frontend] means no file of the build",
        ]
    );
}

#[test]
fn many_files_are_forgotten_by_folder_and_the_way_back_needs_no_more() {
    let of = |paths: Vec<String>| {
        let forget = Forget::of(&paths.into_iter().collect());
        let folders: Vec<String> = forget.folders.iter().map(|it| format!("/{it}*")).collect();
        format!("{} files, {}", forget.files.len(), folders.join(" "))
    };
    let pages = |folder: &str, count: usize| {
        (0..count)
            .map(|n| format!("{folder}/{n}/index.html"))
            .collect::<Vec<_>>()
    };
    let root = |count: usize| (0..count).map(|n| format!("{n}.html")).collect::<Vec<_>>();
    assert_eq!(of(vec![]), "0 files, ");
    assert_eq!(of(pages("items", 150)), "150 files, ");
    assert_eq!(of(pages("items", 151)), "0 files, /items/*");
    assert_eq!(
        of([pages("items", 1600), pages("shop", 19), root(3)].concat()),
        "22 files, /items/*"
    );
    assert_eq!(of(root(301)), "0 files, /*");
    let many: Vec<String> = (0..6).flat_map(|n| pages(&format!("f{n}"), 100)).collect();
    assert_eq!(of(many), "0 files, /*");
    let frontend = plan_of(&App {
        frontend: Some(frontend()),
        ..app()
    })
    .frontend
    .unwrap();
    assert_eq!(forgets(&frontend, Side::New), forgets(&frontend, Side::Old));
}

#[test]
fn a_plan_of_an_earlier_version_forgets_as_it_did() {
    let app = App {
        frontend: Some(frontend()),
        ..app()
    };
    let plan = plan_of(&app).frontend.unwrap();
    let mut written = serde_json::to_value(plan).unwrap();
    for member in ["upload", "correct", "forget"] {
        written.as_object_mut().unwrap().remove(member);
    }
    written["before"]["gone.html"] = "abc".into();
    let read: crate::plan::FrontendPlan = serde_json::from_value(written).unwrap();
    assert_eq!(read.change, FrontendChange::Publish);
    assert_eq!(forgets(&read, Side::New).files, ["index.html"]);
    assert_eq!(forgets(&read, Side::Old).files, ["gone.html", "index.html"]);
}

#[test]
fn headers_that_were_put_right_are_forgotten_and_not_taken_back() {
    let plan = planned(|published| {
        all_there(published);
        published.headers = [("app-new.js".to_owned(), "text/plain".to_owned())].into();
    });
    let live = Story::of(plan.unwrap()).later(3600).all_live();
    let asked = live.clone().done(Act::Invalidate { side: Side::New });
    let forgotten = asked.clone().find(Finding::Invalidated { side: Side::New });
    let services = ["catalog", "proxy", "auth"];
    let put_back = services
        .into_iter()
        .fold(forgotten.clone().turned_back(), Story::put_back);
    let home = services
        .into_iter()
        .fold(put_back.find(Finding::Undone), Story::home);
    check(vec![
        row("no page moves", &live, well, "act: invalidate the CDN"),
        row("forgotten", &asked, completed, "find: invalidated new"),
        row("right", &forgotten, well, "find: new frontend proven 1/1"),
        row(
            "on the way back",
            &home,
            well,
            "find: old frontend proven 1/1",
        ),
    ]);
}

#[test]
fn other_invalidations_are_waited_for() {
    let mut crowded = live(frontend()).done(point(Side::New));
    for _ in 0..14 {
        crowded = crowded
            .failed(
                Act::Invalidate { side: Side::New },
                FailureKind::Throttled,
                Effect::Unknown,
            )
            .later(30);
    }
    let mut given_up = crowded.clone();
    for _ in 0..25 {
        given_up = given_up
            .failed(
                Act::Invalidate { side: Side::New },
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
            "for ever",
            &given_up,
            well,
            "find: back: invalidate the CDN: call: throttled",
        ),
    ]);
}

#[test]
fn pointers_of_both_sides() {
    let app = App {
        frontend: Some(frontend()),
        ..app()
    };
    let mut plan = plan_of(&app).frontend.unwrap();
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
