//! What still drains or bakes while the rest goes on: nobody's proof is due before it is complete, nothing that it may need is taken
//! away, and what waits for somebody is no further than that.

use super::serving::serving;
use super::shifting::{BAKES, paused, plan as shifting, shifted};
use super::story::{Story, check, evidence, row, stopped, unseen, without_proxy};
use super::world::{app, name, plan_of};
use crate::journal::{Finding, Side};
use crate::observation::{Observation, Seen, StopCause};
use crate::watch::watch;

/// All serve, two of three are complete, and the watch has begun.
fn watched() -> Story {
    let ready = Story::of(plan_of(&app())).ready();
    let auth = serving(ready.begun("auth"), "auth", Side::New);
    auth.live("catalog")
        .live("proxy")
        .find(Finding::BakeBegan)
        .later(400)
}

/// A task more is wanted than run: no witness confirms.
fn short(of: &'static str) -> impl Fn(&mut Observation) {
    move |seen| {
        let mut tasks = std::collections::BTreeMap::new();
        std::mem::swap(&mut tasks, &mut seen.tasks);
        if let Some(Seen::Known(view)) = tasks.get_mut(&name(of)) {
            view.desired += 1;
        }
        seen.tasks = tasks;
    }
}

#[test]
fn nobody_is_proven_again_before_the_last_one_is_complete() {
    let watched = watched();
    let asked = watch(&watched.plan, &watched.progress, watched.now);
    assert!(
        asked.tasks.is_empty() && asked.probes.is_empty(),
        "{asked:?}"
    );
    let complete = watched.clone().find(Finding::RolloutEnded {
        service: name("auth"),
        side: Side::New,
    });
    let limit = complete.plan.services[&name("proxy")].timeout.as_secs() / 3;
    let again = "wait 5s: proxy: not proven yet (tasks: 2/3 run proxy:2)";
    check(vec![
        row(
            "the watch began long ago, and one goes on",
            &watched,
            short("proxy"),
            "wait 5s: waiting for auth",
        ),
        row("it is complete now", &complete, short("proxy"), again),
        row(
            "all have their time from then on",
            &complete.clone().later(limit),
            short("proxy"),
            again,
        ),
        row(
            "but not for ever",
            &complete.later(limit + 1),
            short("proxy"),
            "find: back: proxy: tasks: 2/3 run proxy:2",
        ),
    ]);
}

#[test]
fn what_leaves_stays_as_long_as_something_drains_that_may_need_it() {
    let plan = without_proxy().plan;
    let ready = Story::of(plan).ready().live("auth");
    let drains = serving(ready.begun("catalog"), "catalog", Side::New);
    let complete = drains.clone().find(Finding::RolloutEnded {
        service: name("catalog"),
        side: Side::New,
    });
    check(vec![
        row("it drains", &drains, |_| {}, "wait 5s: waiting for catalog"),
        row("it is complete", &complete, |_| {}, "act: roll out proxy"),
    ]);
}

#[test]
fn a_pause_is_found_and_left_whatever_else_is_the_matter() {
    let begun = Story::of(shifting()).ready().begun("auth");
    let held = begun.clone().find(super::shifting::held("POST_SCALE_UP"));
    let one_failed = |seen: &mut Observation| {
        let failed = evidence(vec![stopped(Some("auth-2"), StopCause::Exited(1))]);
        seen.evidence.insert(name("auth"), Seen::Known(failed));
    };
    let with = |look: fn(&mut Observation)| {
        move |seen: &mut Observation| {
            look(seen);
            one_failed(seen);
        }
    };
    check(vec![
        row(
            "one task failed before it paused",
            &begun,
            with(|seen| paused("auth")(seen)),
            "find: held auth POST_SCALE_UP",
        ),
        row(
            "one failed while it paused, and it goes on",
            &held.later(7200),
            with(|seen| shifted("auth", "BAKE_TIME", 50, None)(seen)),
            "find: went on auth",
        ),
    ]);
}

#[test]
fn a_pause_behind_the_shift_holds_the_release_up() {
    let begun = Story::of(shifting()).ready().begun("auth");
    let look = |hold: Option<&'static str>| {
        move |seen: &mut Observation| {
            shifted("auth", "POST_PRODUCTION_TRAFFIC_SHIFT", 100, hold)(seen);
            super::story::service("auth", |view| {
                (view.running, view.primary_running) = (4, 2);
            })(seen);
            super::serving::two_tasks("auth", "auth:2", seen);
        }
    };
    check(vec![
        row(
            "somebody is asked",
            &begun,
            look(Some("hook-1")),
            "find: held auth POST_PRODUCTION_TRAFFIC_SHIFT",
        ),
        row("nobody is", &begun, look(None), "find: new auth serves 2"),
    ]);
}

#[test]
fn what_never_gets_a_request_has_no_time_to_bake() {
    let usual = plan_of(&app()).services[&name("auth")].timeout.as_secs();
    let begun = Story::of(shifting()).ready().begun("auth");
    let scales = || shifted("auth", "SCALE_UP", 0, None);
    check(vec![
        row(
            "it comes up",
            &begun.clone().later(usual),
            scales(),
            "wait 5s: auth: SCALE_UP, its new tasks get 0 % of the requests",
        ),
        row(
            "it does not",
            &begun.later(usual + 1),
            scales(),
            "find: back: the rollout of auth took longer than 600 s; ECS said so",
        ),
    ]);
}

/// One look that shows nothing is no reason to give up what bakes.
#[test]
fn what_nobody_sees_now_may_bake() {
    let usual = plan_of(&app()).services[&name("auth")].timeout.as_secs();
    let begun = Story::of(shifting()).ready().begun("auth");
    let late = begun.clone().later(usual + 1);
    check(vec![
        row(
            "nothing is seen",
            &late,
            |seen| seen.services = unseen(),
            "wait 5s: cannot see auth now (call: throttled)",
        ),
        row(
            "nor later than it may bake",
            &begun.later(usual + BAKES + 1),
            |seen| seen.services = unseen(),
            "find: back: the rollout of auth took longer than 1200 s; call: throttled",
        ),
    ]);
}
