//! Backward: services on their way home, and those that return to zero.

use super::story::{Story, check, followed, roll_out, row, service, unseen, well};
use super::world::{app, definition_ref, name, plan_of, plan_with, rollout, survey, try_plan};
use crate::app::App;
use crate::journal::{Finding, Side};
use crate::observation::{Observation, PrimaryState, RolloutStatus, Seen, ServiceView};
use crate::ports::{Effect, FailureKind};
use crate::survey::History;

/// One service only: what happens to it is what is decided.
pub(super) fn alone() -> App {
    let mut app = app();
    app.services.retain(|service, _| service.as_str() == "auth");
    app
}

fn foreign(view: &mut ServiceView) {
    view.primary = rollout("auth-9");
    view.primary_definition = definition_ref("auth:7");
}

const RETURNING: &str = "wait 5s: auth returning to the previous release";
const ROLL: &str = "act: roll auth back";
const PROVEN: &str = "find: old auth proven 3/3";
const ENDED: &str = "find: ended auth old";
const LOOKING: &str =
    "wait 5s: the answer to `roll out auth` was lost; looking whether it took effect";

const IDLE: &str = "find: old auth proven 1/2, missing tasks: 0 desired tasks: nothing to prove";
const NOT_IDLE: &str = "wait 5s: auth: not proven yet (tasks: 0 desired tasks: nothing to prove)";

/// So many tasks are wanted, and so many as the tasks' own look says; none is there.
fn idle(seen: &mut Observation, desired: u32, of_tasks: u32) {
    service("auth", move |view| view.desired = desired)(seen);
    if let Some(Seen::Known(view)) = seen.tasks.get_mut(&name("auth")) {
        view.desired = of_tasks;
        view.tasks.clear();
    }
}

#[test]
fn rolling_back() {
    let act = || roll_out("auth", Side::Old);
    let ended = Story::of(plan_of(&alone()))
        .ready()
        .live("auth")
        .turned_back();
    let mut lost = ended.clone();
    for _ in 0..14 {
        lost = lost
            .failed(act(), FailureKind::Unavailable, Effect::Unknown)
            .later(30);
    }
    let asked = ended.clone().done(act());
    let settled = asked.clone().later(20);
    check(vec![
        row(
            "live",
            &ended,
            followed("auth", RolloutStatus::Succeeded),
            ROLL,
        ),
        row(
            "lost",
            &ended
                .clone()
                .failed(act(), FailureKind::Unavailable, Effect::Unknown),
            well,
            "wait 1s: roll auth back was not possible (call: unavailable); trying again",
        ),
        row(
            "always lost: it ends",
            &lost,
            well,
            "find: cannot return auth: call: unavailable",
        ),
        row(
            "denied",
            &ended
                .clone()
                .failed(act(), FailureKind::Denied, Effect::None),
            well,
            "find: cannot return auth: call: denied",
        ),
        row("asked: its rollout has ended", &asked, well, ENDED),
        row(
            "asked: the look shows the time before",
            &asked,
            service("auth", |v| v.primary = rollout("auth-1")),
            RETURNING,
        ),
        row(
            "asked: the look shows the new one still",
            &asked,
            service("auth", |v| v.primary_definition = definition_ref("auth:2")),
            RETURNING,
        ),
        row(
            "ECS went back to the new release",
            &settled,
            service("auth", |v| v.primary_definition = definition_ref("auth:2")),
            "find: cannot return auth: ECS returned it to the new release by itself; ECS said so",
        ),
        row(
            "somebody else's came in between",
            &settled,
            service("auth", foreign),
            "find: left alone auth: auth:7",
        ),
        row(
            "zero, in a look that may show the time before",
            &asked
                .clone()
                .later(15)
                .put_back("auth")
                .later(16)
                .find(Finding::Undone),
            |seen| idle(seen, 0, 0),
            IDLE,
        ),
        row(
            "zero, to the last moment of such a look",
            &asked
                .clone()
                .put_back("auth")
                .find(Finding::Undone)
                .later(15),
            |seen| idle(seen, 0, 0),
            NOT_IDLE,
        ),
        row(
            "its tasks say two",
            &settled.clone().put_back("auth").find(Finding::Undone),
            |seen| idle(seen, 0, 2),
            "wait 5s: auth: not proven yet (tasks: 0/2 run auth:1)",
        ),
        row(
            "only its tasks say zero",
            &settled.clone().put_back("auth").find(Finding::Undone),
            |seen| idle(seen, 2, 0),
            NOT_IDLE,
        ),
        row(
            "autoscaling took it to zero",
            &settled.clone().put_back("auth").find(Finding::Undone),
            |seen| {
                service("auth", |v| v.desired = 0)(seen);
                if let Some(Seen::Known(v)) = seen.tasks.get_mut(&name("auth")) {
                    v.desired = 0;
                    v.tasks.clear();
                }
            },
            "find: old auth proven 1/2, missing tasks: 0 desired tasks: nothing to prove",
        ),
    ]);
}

#[test]
fn a_lost_reply_on_the_way_back() {
    let lost = Story::of(plan_of(&alone()))
        .ready()
        .failed(
            roll_out("auth", Side::New),
            FailureKind::Unavailable,
            Effect::Unknown,
        )
        .turned_back();
    let later = lost.clone().later(96);
    check(vec![
        row("the old state is seen", &lost, well, LOOKING),
        row(
            "not for long enough",
            &lost.clone().later(80),
            well,
            LOOKING,
        ),
        row("for long", &later, well, "find: no effect: roll out auth"),
        row(
            "it began",
            &lost,
            service("auth", |v| {
                v.primary = rollout("auth-9");
                v.primary_definition = definition_ref("auth:2");
            }),
            "find: adopted auth new auth-9",
        ),
        row(
            "the old one under another id: ours may come after that",
            &lost,
            service("auth", |v| v.primary = rollout("auth-9")),
            LOOKING,
        ),
        row(
            "it came and went",
            &later,
            service("auth", |v| v.primary = rollout("auth-9")),
            ENDED,
        ),
        row(
            "somebody else's began, and ours may still come after it",
            &lost,
            service("auth", foreign),
            LOOKING,
        ),
        row(
            "somebody else's began, and ours never will",
            &later,
            service("auth", foreign),
            "find: left alone auth: auth:7",
        ),
        row(
            "it had none: proven untouched",
            &later
                .clone()
                .find(Finding::NoEffect {
                    act: roll_out("auth", Side::New),
                })
                .find(Finding::Undone),
            well,
            PROVEN,
        ),
    ]);
}

#[test]
fn an_untouched_service_delays_nothing_and_is_proven_at_the_end() {
    let story = Story::of(plan_of(&alone())).turned_back();
    let proving = story.clone().find(Finding::Undone);
    let going = service("auth", |v| v.primary_state = PrimaryState::InProgress);
    let failed = service("auth", |v| v.primary_state = PrimaryState::Failed);
    check(vec![
        row(
            "nothing was touched",
            &story,
            |seen| seen.services = unseen(),
            "find: undone",
        ),
        row("untouched", &proving, well, PROVEN),
        row(
            "somebody else's",
            &proving,
            service("auth", foreign),
            "find: left alone auth: auth:7",
        ),
        row(
            "rolling out for ever",
            &proving.clone().later(601),
            going,
            "find: unproven auth: rollout: auth:1 is still rolling out",
        ),
        row(
            "ill for ever: as it was before",
            &proving.clone().later(601),
            failed,
            "find: unproven auth: rollout: the rollout of auth:1 failed",
        ),
        row(
            "the look fails",
            &proving,
            |seen| seen.services = unseen(),
            "wait 5s: cannot see auth now (call: throttled)",
        ),
        row(
            "every look fails",
            &proving.clone().later(601),
            |seen| seen.services = unseen(),
            "find: unproven auth: rollout: could not be heard (call: throttled)",
        ),
        row(
            "not proven: stuck, and said so",
            &proving.clone().find(Finding::Unproven {
                component: crate::verdict::Component::Service(name("auth")),
                witness: crate::verdict::Witness::silent(crate::verdict::WitnessKind::Tasks, "1/2"),
            }),
            well,
            "finish: stuck: auth is back, but not proven: tasks: 1/2",
        ),
    ]);
}

#[test]
fn what_never_completed_returns_to_zero() {
    let plan = plan_with(&alone(), "auth", |live| live.history = History::Never);
    let begun = Story::of(plan).ready().begun("auth").turned_back();
    let asked = begun.clone().done(roll_out("auth", Side::Old));
    let none = |v: &mut ServiceView| (v.desired, v.running) = (0, 0);
    check(vec![
        row("it goes on: nothing to turn back to", &begun, well, ROLL),
        row("asked", &asked, well, RETURNING),
        row(
            "gone",
            &asked,
            service("auth", none),
            "find: ended auth old",
        ),
        row(
            "one runs still",
            &asked,
            service("auth", |v| v.desired = 0),
            RETURNING,
        ),
        row(
            "one comes still",
            &asked,
            service("auth", |v| (v.desired, v.running, v.pending) = (0, 0, 1)),
            RETURNING,
        ),
        row(
            "one runs and one comes",
            &asked,
            service("auth", |v| (v.desired, v.running, v.pending) = (0, 1, 1)),
            RETURNING,
        ),
        row(
            "none runs, but two are wanted",
            &asked,
            service("auth", |v| v.running = 0),
            RETURNING,
        ),
        row(
            "never gone",
            &asked.clone().later(601),
            well,
            "find: cannot return auth: it took longer than 600 s; its last tasks do not stop",
        ),
        row(
            "ended",
            &asked.clone().find(Finding::RolloutEnded {
                service: name("auth"),
                side: Side::Old,
            }),
            well,
            "finish: rolled back, 0 proofs: check `login` failed: 500",
        ),
    ]);
}

#[test]
fn a_start_returns_to_zero() {
    let mut survey = survey(&alone());
    survey.recorded = None;
    survey.services.get_mut(&name("auth")).unwrap().desired = 0;
    let story = Story::of(try_plan(&alone(), &survey).unwrap())
        .ready()
        .begun("auth")
        .turned_back();
    let asked = story.clone().done(roll_out("auth", Side::Old));
    check(vec![
        row("ECS would keep the new number of tasks", &story, well, ROLL),
        row(
            "gone",
            &asked,
            service("auth", |v| (v.desired, v.running) = (0, 0)),
            "find: ended auth old",
        ),
    ]);
}

#[test]
fn zero_before_and_after() {
    let plan = plan_with(&alone(), "auth", |live| live.desired = 0);
    let ended = Story::of(plan).ready().ended("auth").turned_back();
    let asked = ended.clone().done(roll_out("auth", Side::Old)).later(20);
    let two = |seen: &mut Observation| {
        service("auth", |v| v.desired = 2)(seen);
        if let Some(Seen::Known(v)) = seen.tasks.get_mut(&name("auth")) {
            v.desired = 2;
        }
    };
    check(vec![
        row(
            "rolled back",
            &ended,
            followed("auth", RolloutStatus::Succeeded),
            ROLL,
        ),
        row(
            "still zero",
            &asked.clone().put_back("auth").find(Finding::Undone),
            well,
            "find: old auth proven 1/2, missing tasks: 0 desired tasks: nothing to prove",
        ),
        row(
            "autoscaling came in between: then it is proven",
            &asked.clone().put_back("auth").find(Finding::Undone),
            two,
            "wait 5s: auth: not proven yet (tasks: 0/2 run auth:1)",
        ),
    ]);
}
