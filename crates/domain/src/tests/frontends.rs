//! An app with several frontends: all of them move at once, each is proven on its own, and one that is not takes all back.

use super::cloud::Fake;
use super::engine::{resume, run};
use super::story::{Story, check, row, well};
use super::words::ending;
use super::world::{app, frontend, plan_of, release, survey, try_plan, whole_app};
use crate::FrontendName;
use crate::app::{App, Frontend};
use crate::engine::Halted;
use crate::journal::{Act, Event, Finding, Obstacle, Outcome, Side};
use crate::observation::{FrontendView, InvalidationView, Observation, Seen};
use crate::plan::{Plan, What};
use crate::ports::{Effect, FailureKind};
use crate::verdict::Component;

pub(super) fn named(text: &str) -> FrontendName {
    FrontendName::parse(text).unwrap()
}

fn at(bucket: &str) -> Frontend {
    Frontend {
        bucket: bucket.to_owned(),
        distribution: Some(format!("E-{bucket}")),
        url: Some(format!("https://{bucket}.test")),
        ..frontend()
    }
}

/// `admin` and `site`, each with a bucket of its name.
pub(super) fn two(app: App) -> App {
    let frontends = ["site", "admin"].map(|name| (named(name), at(name)));
    App {
        frontends: frontends.into(),
        ..app
    }
}

fn live() -> Story {
    Story::of(plan_of(&two(app()))).later(3600).all_live()
}

fn point(of: &str, side: Side) -> Act {
    let frontend = named(of);
    Act::Point { frontend, side }
}

fn invalidate(of: &str, side: Side) -> Act {
    let frontend = named(of);
    Act::Invalidate { frontend, side }
}

fn invalidated(of: &str, side: Side) -> Finding {
    let frontend = named(of);
    Finding::Invalidated { frontend, side }
}

fn both(story: Story, act: fn(&str, Side) -> Act, side: Side) -> Story {
    story.done(act("admin", side)).done(act("site", side))
}

fn wrong(of: &'static str) -> impl Fn(&mut Observation) {
    move |seen| {
        let view = FrontendView {
            files: 2,
            wrong: [("index.html".to_owned(), "the old one".to_owned())].into(),
            unseen: 0,
        };
        seen.frontends.insert(named(of), Seen::Known(view));
    }
}

fn completed(seen: &mut Observation) {
    let site = Seen::Known(InvalidationView::Completed);
    seen.invalidations.insert(named("site"), site);
}

#[test]
fn all_pages_move_at_once_and_each_frontend_is_proven() {
    let pointed = both(live(), point, Side::New);
    let asked = both(pointed.clone(), invalidate, Side::New);
    let forgotten = asked
        .clone()
        .find(invalidated("admin", Side::New))
        .find(invalidated("site", Side::New));
    let first = forgotten
        .clone()
        .proven(Component::Frontend(named("admin")), Side::New);
    let waiting = forgotten.clone().then(Event::Waiting {
        reason: crate::reason::Reason::Proving {
            component: Component::Frontend(named("site")),
            missing: "edge: something".to_owned(),
        },
    });
    check(vec![
        row(
            "live",
            &live(),
            well,
            "act: point admin at the new release, point site at the new release",
        ),
        row(
            "one is denied: all go back",
            &live().done(point("admin", Side::New)).failed(
                point("site", Side::New),
                FailureKind::Denied,
                Effect::None,
            ),
            well,
            "find: back: point site at the new release: call: denied",
        ),
        row(
            "one's reply is lost: the other goes on beside it",
            &live().done(point("admin", Side::New)).failed(
                point("site", Side::New),
                FailureKind::Unavailable,
                Effect::Applied,
            ),
            well,
            "act: invalidate the CDN of admin",
        ),
        row(
            "pointed",
            &pointed,
            well,
            "act: invalidate the CDN of admin, invalidate the CDN of site",
        ),
        row(
            "asked",
            &asked,
            well,
            "wait 5s: the CDN still serves old files of admin",
        ),
        row(
            "one has forgotten",
            &asked,
            completed,
            "find: site invalidated new",
        ),
        row(
            "never",
            &asked
                .clone()
                .find(invalidated("admin", Side::New))
                .later(901),
            |seen| {
                well(seen);
                seen.frontends.clear();
            },
            "find: back: the CDN's invalidation of site took longer than 900 s",
        ),
        row(
            "both are right",
            &forgotten,
            well,
            "find: new admin proven 1/1, new site proven 1/1",
        ),
        row(
            "one is wrong: the other is proven all the same",
            &forgotten,
            wrong("site"),
            "find: new admin proven 1/1",
        ),
        row(
            "and is not looked at again",
            &first,
            wrong("site"),
            "wait 5s: site: not proven yet (edge: /index.html: the old one)",
        ),
        row(
            "for long: all go back",
            &waiting.later(121),
            wrong("site"),
            "find: back: site: edge: /index.html: the old one",
        ),
    ]);
    assert!(
        first
            .look()
            .frontends
            .keys()
            .all(|name| name.as_str() == "site"),
        "{:?}",
        first.look().frontends
    );
}

#[test]
fn each_that_was_touched_goes_back_and_what_cannot_is_said() {
    let touched = live()
        .done(point("admin", Side::New))
        .failed(point("site", Side::New), FailureKind::Denied, Effect::None)
        .turned_back();
    let looked_at = touched.look().frontends;
    assert!(looked_at.is_empty(), "what stays is looked at last");
    let both_touched = both(live(), point, Side::New).turned_back();
    let stays = both_touched
        .clone()
        .done(point("admin", Side::Old))
        .done(invalidate("admin", Side::Old))
        .find(invalidated("admin", Side::Old))
        .failed(point("site", Side::Old), FailureKind::Denied, Effect::None);
    let home = ["catalog", "proxy", "auth"].into_iter().fold(
        stays
            .clone()
            .find(Finding::FrontendStays {
                frontend: named("site"),
                obstacle: Obstacle::Slow,
            })
            .clone(),
        Story::put_back,
    );
    let proving = ["catalog", "proxy", "auth"]
        .into_iter()
        .fold(home.find(Finding::Undone), Story::home);
    check(vec![
        row(
            "what was not touched stays where it is",
            &touched,
            well,
            "act: point admin at the old release",
        ),
        row(
            "both were",
            &both_touched,
            well,
            "act: point admin at the old release, point site at the old release",
        ),
        row(
            "one cannot",
            &stays,
            well,
            "find: site stays: point site at the old release: call: denied",
        ),
        row(
            "the other is proven",
            &proving,
            well,
            "find: old admin proven 1/1",
        ),
        row(
            "and a human needed",
            &proving
                .clone()
                .proven(Component::Frontend(named("admin")), Side::Old),
            well,
            "finish: stuck: site could not be proven: the CDN's invalidation does not end",
        ),
    ]);
}

#[test]
fn one_step_uploads_all_and_one_moves_all() {
    let plan = plan_of(&two(app()));
    let steps = plan.steps();
    let of = |what: &What| steps.iter().filter(|step| step.what == *what).count();
    assert_eq!((of(&What::Assets), of(&What::Frontend)), (1, 1));
    let mut seen = survey(&two(app()));
    let new = release(&two(app()), "new");
    // The admin's files are there already: nothing of it is uploaded, and it is proven.
    let there = seen.published.get_mut(&named("admin")).unwrap();
    there.absent.clear();
    let pages = &new.frontends[&named("admin")].files;
    there.live = [("index.html".to_owned(), pages["index.html"].sha256.clone())].into();
    let plan = try_plan(&two(app()), &seen).unwrap();
    check(vec![row(
        "only one has something to upload",
        &Story::of(plan),
        well,
        "act: register the task definition of auth, register the task definition of catalog, register the task definition of proxy",
    )]);
    let plan = try_plan(&two(app()), &seen).unwrap();
    let uploads: Vec<&str> = plan.uploads().map(|(name, _)| name.as_str()).collect();
    assert_eq!(uploads, ["site"]);
}

const LIVE: &str = "live, 6 proofs, unproven []";
const BACK: &str = "rolled back, 5 proofs: site: edge: /index.html: another";

fn healthy(plan: &Plan) -> Fake {
    Fake::of(plan)
}

/// The site's CDN goes on serving the old pages.
fn stale(plan: &Plan) -> Fake {
    let mut fake = Fake::of(plan);
    let first = fake.pointers.borrow().clone();
    fake.stale = Some(("site", first));
    fake
}

fn ends(
    (situation, expected): (&str, &str),
    (plan, fake): (&Plan, &Fake),
    outcome: Result<Outcome, Halted>,
) {
    let outcome = outcome.map(|outcome| ending(&outcome));
    assert_eq!(outcome.as_deref(), Ok(expected), "{situation}");
    for frontend in plan.frontends.values() {
        let pages = fake.pointers.borrow()[&frontend.frontend.bucket].clone();
        let old = pages == frontend.before;
        assert_eq!(old, expected == BACK, "{situation}: {pages:?}");
    }
}

#[test]
fn a_stale_cdn_takes_both_back_wherever_it_is_resumed_and_whatever_reply_is_lost() {
    let plan = plan_of(&two(whole_app()));
    for (cloud, expected) in [(healthy as fn(&Plan) -> Fake, LIVE), (stale, BACK)] {
        let whole = cloud(&plan);
        let outcome = run(&plan, &whole);
        ends(("undisturbed", expected), (&plan, &whole), outcome);
        for room in 0..whole.records.borrow().len() {
            let fake = cloud(&plan);
            fake.room.set(room);
            run(&plan, &fake).unwrap_err();
            fake.room.set(usize::MAX);
            let situation = format!("crashed after {room} records");
            let outcome = resume(&plan, &fake);
            ends((&situation, expected), (&plan, &fake), outcome);
        }
        for lost in 0..whole.changes() {
            let mut fake = cloud(&plan);
            fake.lost = Some(lost);
            let outcome = run(&plan, &fake);
            let situation = format!("reply {lost} lost");
            ends((&situation, expected), (&plan, &fake), outcome);
        }
    }
}

#[test]
fn invalidations_of_one_distribution_are_told_apart() {
    let mut shared = two(app());
    for frontend in shared.frontends.values_mut() {
        frontend.distribution = Some("E1".to_owned());
    }
    let long = FrontendName::parse("a".repeat(63)).unwrap();
    let site = shared.frontends.remove(&named("site")).unwrap();
    shared.frontends.insert(long, site);
    let plan = plan_of(&shared);
    let fake = Fake::of(&plan);
    run(&plan, &fake).unwrap();
    let records = fake.records.borrow();
    let gave = records.iter().filter_map(|record| match &record.event {
        Event::Done {
            act: Act::Invalidate { .. },
            gave: crate::journal::Gave::Invalidation(key),
        } => Some(key.clone()),
        _ => None,
    });
    let keys: std::collections::BTreeSet<String> = gave.collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
}
