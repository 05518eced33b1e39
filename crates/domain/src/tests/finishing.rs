//! Forward: smoke checks, services that leave, the watch, the ledger.

use super::story::{Story, check, failure, roll_out, row, service, unseen, well, without_proxy};
use super::world::{app, check as smoke_check, name, plan_of, plan_with};
use crate::app::App;
use crate::journal::{Act, Finding, Side};
use crate::observation::{CheckResult, Observation, PrimaryState, Seen};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::survey::History;
use crate::verdict::Component;
use std::time::Duration;

const THROTTLED: FailureKind = FailureKind::Throttled;

fn plan() -> Plan {
    plan_of(&app())
}

#[test]
fn smoke_checks() {
    let live = Story::of(plan_of(&App {
        checks: vec![smoke_check("login"), smoke_check("list")],
        ..app()
    }))
    .all_live();
    let answer = |result: Seen<CheckResult>| {
        move |seen: &mut Observation| {
            if let Some(check) = seen.checks.get_mut("login") {
                *check = result.clone();
            }
        }
    };
    let failed = || Seen::Known(CheckResult::Failed("500".to_owned()));
    let once = live.clone().find(Finding::CheckFailed {
        name: "login".to_owned(),
        seen: "500".to_owned(),
    });
    let twice = once.clone().later(10).find(Finding::CheckFailed {
        name: "login".to_owned(),
        seen: "500".to_owned(),
    });
    check(vec![
        row("all pass", &live, well, "find: checks passed"),
        row(
            "one fails",
            &live,
            answer(failed()),
            "find: check login failed: 500",
        ),
        row(
            "it could not be asked: no attempt",
            &live,
            answer(unseen()),
            "wait 5s: cannot see check `login` now (call: throttled)",
        ),
        row(
            "nor the last one",
            &twice.clone().later(10),
            answer(unseen()),
            "wait 5s: cannot see check `login` now (call: throttled)",
        ),
        row(
            "it never can be asked",
            &live,
            answer(Seen::Unseen(failure(FailureKind::Rejected, Effect::None))),
            "find: back: check `login` failed: it could not be asked (call: rejected)",
        ),
        row(
            "but not for ever",
            &twice.clone().later(181),
            answer(unseen()),
            "find: back: check `login` failed: it could not be asked (call: throttled)",
        ),
        row(
            "not due",
            &once,
            well,
            "wait 5s: check `login` is not passed yet (500)",
        ),
        row(
            "the same look again",
            &once,
            |seen| {
                seen.checks.insert(
                    "login".to_owned(),
                    Seen::Known(CheckResult::Failed("500".to_owned())),
                );
            },
            "wait 5s: check `login` is not passed yet (500)",
        ),
        row(
            "due, and passes",
            &once.clone().later(10),
            well,
            "find: checks passed",
        ),
        row(
            "the last attempt",
            &twice.clone().later(10),
            answer(failed()),
            "find: back: check `login` failed: 500",
        ),
    ]);
}

#[test]
fn leaving() {
    let live = without_proxy();
    let scale = || roll_out("proxy", Side::New);
    let lost = live
        .clone()
        .failed(scale(), FailureKind::Unavailable, Effect::Unknown);
    let asked = live.clone().done(scale());
    let none = |view: &mut crate::observation::ServiceView| (view.desired, view.running) = (0, 0);
    check(vec![
        row("all else is live", &live, well, "act: roll out proxy"),
        row(
            "a lost reply waits",
            &lost,
            well,
            "wait 1s: roll out proxy was not possible (call: unavailable); trying again",
        ),
        row(
            "and is repeated",
            &lost.clone().later(1),
            well,
            "act: roll out proxy",
        ),
        row("its tasks stop", &asked, well, "wait 5s: proxy stopping"),
        row(
            "unseen",
            &asked,
            |seen| seen.services = unseen(),
            "wait 5s: proxy stopping",
        ),
        row(
            "its last task stops",
            &asked,
            service("proxy", |view| (view.desired, view.running) = (0, 1)),
            "wait 5s: proxy stopping",
        ),
        row(
            "gone",
            &asked,
            service("proxy", none),
            "find: retired proxy",
        ),
        row(
            "one is not there yet, one not gone",
            &asked,
            service("proxy", |view| {
                (view.desired, view.running, view.pending) = (0, 1, 1);
            }),
            "wait 5s: proxy stopping",
        ),
        row(
            "not gone, to the last moment",
            &asked.clone().later(900),
            well,
            "wait 5s: proxy stopping",
        ),
        row(
            "never gone",
            &asked.clone().later(901),
            well,
            "find: back: scaling proxy to zero took longer than 900 s",
        ),
        row(
            "denied",
            &live
                .clone()
                .failed(scale(), FailureKind::Denied, Effect::None),
            well,
            "find: back: roll out proxy: call: denied",
        ),
    ]);
}

#[test]
fn baking() {
    let mut app = app();
    app.policy.bake = Duration::from_secs(60);
    let live = Story::of(plan_of(&app)).all_live();
    let baking = live.clone().find(Finding::BakeBegan);
    let over = baking.clone().later(60);
    let restarting = |seen: &mut Observation| {
        if let Some(Seen::Known(view)) = seen.tasks.get_mut(&name("auth")) {
            view.tasks.pop();
        }
    };
    check(vec![
        row("live", &live, well, "find: bake began"),
        row(
            "watching",
            &baking.clone().later(3),
            well,
            "wait 5s: watching the new release",
        ),
        row(
            "the end is not passed over",
            &baking.clone().later(58),
            well,
            "wait 2s: watching the new release",
        ),
        row(
            "proven once more",
            &over,
            well,
            "find: new auth proven 3/3, new catalog proven 3/3, new proxy proven 3/3, bake ended",
        ),
        row(
            "what is proven beside one that is not does not count: it may fall until the other one is",
            &over,
            restarting,
            "wait 5s: auth: not proven yet (tasks: 1/2 run auth:2)",
        ),
        row(
            "a task restarts at the very end",
            &over,
            |seen| {
                restarting(seen);
                seen.tasks.remove(&name("catalog"));
                seen.tasks.remove(&name("proxy"));
            },
            "wait 0s: auth: not proven yet (tasks: 1/2 run auth:2)",
        ),
        row(
            "for too long",
            &over.clone().later(201),
            restarting,
            "find: back: auth: tasks: 1/2 run auth:2",
        ),
        row(
            "its rollout failed meanwhile",
            &over,
            |seen| {
                seen.tasks.insert(name("auth"), unseen());
                service("auth", |view| view.primary_state = PrimaryState::Failed)(seen);
            },
            "find: back: auth: rollout: auth: not proven yet (rollout: the rollout of auth:2 failed)",
        ),
        row(
            "who resumes between the proofs and the end proves all of it again",
            &over
                .clone()
                .home("x")
                .proven(Component::Service(name("auth")), Side::New)
                .proven(Component::Service(name("catalog")), Side::New)
                .proven(Component::Service(name("proxy")), Side::New),
            restarting,
            "wait 5s: auth: not proven yet (tasks: 1/2 run auth:2)",
        ),
    ]);
}

#[test]
fn recording() {
    let baked = Story::of(plan())
        .all_live()
        .find(Finding::BakeBegan)
        .find(Finding::BakeEnded);
    let mut failing = baked.clone();
    let mut silent = baked.clone();
    for attempt in 0..14 {
        if attempt == 6 {
            silent = failing.clone();
        }
        failing = failing
            .failed(
                Act::RecordRelease,
                FailureKind::Unavailable,
                Effect::Unknown,
            )
            .later(60);
    }
    check(vec![
        row("the watch is over", &baked, well, "act: record the release"),
        row(
            "not possible now",
            &baked
                .clone()
                .failed(Act::RecordRelease, THROTTLED, Effect::None),
            well,
            "wait 1s: record the release was not possible (call: throttled); trying again",
        ),
        row(
            "nobody answers: whoever resumes it records it",
            &silent,
            well,
            "leave: the cloud does not answer any more: call: unavailable",
        ),
        row(
            "not possible at all: a human must know, nothing is taken back",
            &failing,
            well,
            "finish: stuck: record the release: call: unavailable",
        ),
        row(
            "denied",
            &baked
                .clone()
                .failed(Act::RecordRelease, FailureKind::Denied, Effect::None),
            well,
            "finish: stuck: record the release: call: denied",
        ),
        row(
            "recorded",
            &baked.done(Act::RecordRelease),
            well,
            "finish: live, 0 proofs, unproven [auth, catalog, proxy]",
        ),
    ]);
}

/// Whoever has no task is named as unproven, and nobody else.
#[test]
fn what_was_not_proven_is_named() {
    let plan = super::world::plan_with(&super::world::app(), "proxy", |live| live.desired = 0);
    let story = Story::of(plan)
        .ready()
        .live("auth")
        .live("catalog")
        .ended("proxy");
    let story = story
        .find(Finding::BakeBegan)
        .proven(Component::Service(super::world::name("auth")), Side::New)
        .proven(Component::Service(super::world::name("catalog")), Side::New)
        .find(Finding::BakeEnded)
        .done(Act::RecordRelease);
    let expected = "finish: live, 2 proofs, unproven [proxy]";
    check(vec![row("recorded", &story, well, expected)]);
}

#[test]
fn a_service_that_never_completed_is_updated_even_if_nothing_changed() {
    let plan = plan_with(&app(), "auth", |live| live.history = History::Never);
    check(vec![row(
        "ready",
        &Story::of(plan).ready(),
        well,
        "act: roll out auth",
    )]);
}
