//! Forward: beginning and following a rollout.

use super::story::{
    Story, check, evidence, followed, roll_out, row, service, stopped, unseen, well,
};
use super::world::{app, definition_ref, name, plan_of, rollout, survey, try_plan};
use crate::journal::{Act, Finding, Side};
use crate::observation::{Observation, RolloutStatus, Seen, StopCause};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::verdict::Component;

const THROTTLED: FailureKind = FailureKind::Throttled;

fn plan() -> Plan {
    plan_of(&app())
}

fn register(of: &str) -> Act {
    let component = Component::Service(name(of));
    Act::Register { component }
}

#[test]
fn beginning_a_rollout() {
    let ready = Story::of(plan()).ready();
    let auth = || roll_out("auth", Side::New);
    let lost = ready
        .clone()
        .failed(auth(), FailureKind::Unavailable, Effect::Unknown);
    let crashed = ready.clone().intend(auth());
    let ours = |view: &mut crate::observation::ServiceView| {
        view.primary = rollout("auth-9");
        view.primary_definition = definition_ref("auth:2");
    };
    let looking = "wait 5s: the answer to `roll out auth` was lost; looking whether it took effect";
    check(vec![
        row("ready", &ready, well, "act: roll out auth"),
        row(
            "throttled",
            &ready.clone().failed(auth(), THROTTLED, Effect::None),
            well,
            "wait 1s: roll out auth was not possible (call: throttled); trying again",
        ),
        row(
            "denied",
            &ready
                .clone()
                .failed(auth(), FailureKind::Denied, Effect::None),
            well,
            "find: back: roll out auth: call: denied",
        ),
        row("lost: old state is seen", &lost, well, looking),
        row(
            "lost: old state is seen for long",
            &lost.clone().later(96),
            well,
            "find: no effect: roll out auth",
        ),
        row(
            "lost: nothing is seen",
            &lost,
            |seen| seen.services = unseen(),
            looking,
        ),
        row(
            "lost: nothing is seen for ever",
            &lost.clone().later(601),
            |seen| seen.services = unseen(),
            "find: back: the rollout of auth took longer than 600 s; call: throttled",
        ),
        row(
            "lost: it began",
            &lost,
            service("auth", ours),
            "find: adopted auth new auth-9",
        ),
        row(
            "crashed: it began",
            &crashed,
            service("auth", ours),
            "find: adopted auth new auth-9",
        ),
        row(
            "lost: somebody else's began",
            &lost,
            service("auth", |view| {
                view.primary = rollout("auth-9");
                view.primary_definition = definition_ref("auth:7");
            }),
            "find: back: auth: superseded by somebody else's deployment (auth:7)",
        ),
        row(
            "lost: it may still arrive, to the last moment",
            &lost.clone().later(95),
            well,
            looking,
        ),
        row(
            "no effect: tried again",
            &lost
                .clone()
                .find(Finding::NoEffect { act: auth() })
                .later(1),
            well,
            "act: roll out auth",
        ),
    ]);
}

#[test]
fn a_lost_start_of_what_it_ran_before_shows_in_the_number_of_tasks() {
    let mut survey = survey(&app());
    survey.recorded = None;
    let live = survey.services.get_mut(&name("auth")).unwrap();
    live.desired = 0;
    live.document = super::world::release(&app(), "new").services[&name("auth")]
        .definition
        .clone();
    let mut story = Story::of(try_plan(&app(), &survey).unwrap());
    for text in ["catalog", "proxy"] {
        story = story.done(register(text));
    }
    let act = register("auth");
    let gave = crate::journal::Gave::Definition(definition_ref("auth:1"));
    let story = story
        .intend(act.clone())
        .then(crate::journal::Event::Done { act, gave });
    let lost = story.failed(
        roll_out("auth", Side::New),
        FailureKind::Unavailable,
        Effect::Unknown,
    );
    check(vec![
        row(
            "started",
            &lost.clone().later(20),
            service("auth", |view| view.desired = 2),
            "find: adopted auth new auth-1",
        ),
        row(
            "not started",
            &lost.clone().later(96),
            service("auth", |view| view.desired = 0),
            "find: no effect: roll out auth",
        ),
        row(
            "on the way back it is scaled to zero, come what may",
            &lost.turned_back().home("catalog").home("proxy").later(20),
            service("auth", |view| view.desired = 2),
            "act: roll auth back",
        ),
    ]);
}

#[test]
fn following_a_rollout() {
    let begun = Story::of(plan()).ready().begun("auth");
    let certain = |seen: &mut Observation| {
        let two = vec![stopped(Some("auth-2"), StopCause::Exited(1)); 2];
        seen.evidence
            .insert(name("auth"), Seen::Known(evidence(two)));
    };
    let waiting = "wait 5s: waiting for auth";
    let rolled_back = "find: back: auth: ECS rolled it back by itself";
    let foreign = |view: &mut crate::observation::ServiceView| {
        view.primary = rollout("auth-9");
        view.primary_definition = definition_ref("auth:7");
    };
    check(vec![
        row("it goes on", &begun, well, waiting),
        row(
            "pending",
            &begun,
            followed("auth", RolloutStatus::Pending),
            waiting,
        ),
        row(
            "a new word",
            &begun,
            followed("auth", RolloutStatus::Other("PAUSED".to_owned())),
            waiting,
        ),
        row(
            "it succeeded",
            &begun,
            followed("auth", RolloutStatus::Succeeded),
            "find: ended auth new",
        ),
        row(
            "too long",
            &begun.clone().later(601),
            well,
            "find: back: the rollout of auth took longer than 600 s; ECS said so",
        ),
        row(
            "unseen",
            &begun,
            |seen| seen.services = unseen(),
            "wait 5s: cannot see auth now (call: throttled)",
        ),
        row(
            "unseen for ever",
            &begun.clone().later(601),
            |seen| seen.services = unseen(),
            "find: back: the rollout of auth took longer than 600 s; call: throttled",
        ),
        row(
            "deleted",
            &begun,
            |seen| seen.services = Seen::Known([].into()),
            "wait 0s: looking",
        ),
        row(
            "deleted for ever",
            &begun.clone().later(601),
            |seen| seen.services = Seen::Known([].into()),
            "find: back: the rollout of auth took longer than 600 s; the cloud does not show it",
        ),
        row(
            "not followed for ever",
            &begun.clone().later(601),
            service("auth", |view| view.followed = None),
            "find: back: the rollout of auth took longer than 600 s; the cloud does not show its rollout",
        ),
        row(
            "rolled back, with the cloud's reason and the tasks' own",
            &begun,
            |seen| {
                certain(seen);
                service("auth", |view| {
                    let followed = view.followed.as_mut().unwrap();
                    followed.status = RolloutStatus::RolledBack;
                    followed.reason = Some("the breaker said so".to_owned());
                })(seen);
            },
            "find: back: auth: ECS rolled it back by itself, exit code 1; the breaker said so; task 01234567: it stopped; 2 tasks ended like this",
        ),
        row(
            "stopped, and its place was taken",
            &begun,
            |seen| {
                followed("auth", RolloutStatus::Stopped)(seen);
                service("auth", |view| {
                    view.primary_definition = definition_ref("auth:7")
                })(seen);
            },
            "find: back: auth: superseded by somebody else's deployment (auth:7)",
        ),
        row(
            "tasks fail alike: early, before the breaker",
            &begun,
            certain,
            "find: back: auth: exit code 1; task 01234567: it stopped; 2 tasks ended like this",
        ),
        row(
            "one task failed",
            &begun,
            |seen| {
                let one = evidence(vec![stopped(Some("auth-2"), StopCause::Exited(1))]);
                seen.evidence.insert(name("auth"), Seen::Known(one));
            },
            "wait 5s: auth: tasks are failing (exit code 1, 1 of the 2 that make it certain)",
        ),
        row(
            "evidence cannot be had",
            &begun,
            |seen| {
                seen.evidence.insert(name("auth"), unseen());
            },
            waiting,
        ),
        row(
            "rolled back by the cloud",
            &begun,
            followed("auth", RolloutStatus::RolledBack),
            rolled_back,
        ),
        row(
            "being rolled back",
            &begun,
            followed("auth", RolloutStatus::RollingBack),
            rolled_back,
        ),
        row(
            "about to be",
            &begun,
            followed("auth", RolloutStatus::RollbackRequested),
            rolled_back,
        ),
        row(
            "could not be",
            &begun,
            followed("auth", RolloutStatus::RollbackFailed),
            rolled_back,
        ),
        row(
            "stopped by the breaker",
            &begun,
            followed("auth", RolloutStatus::Stopped),
            "find: back: auth: ECS gave up on it",
        ),
        row(
            "stopped, the tasks say why",
            &begun,
            |seen| {
                certain(seen);
                followed("auth", RolloutStatus::Stopped)(seen);
            },
            "find: back: auth: exit code 1; task 01234567: it stopped; 2 tasks ended like this",
        ),
        row(
            "stopped by somebody else's",
            &begun,
            |seen| {
                followed("auth", RolloutStatus::Stopping)(seen);
                service("auth", foreign)(seen);
            },
            "find: back: auth: superseded by somebody else's deployment (auth:7)",
        ),
        row(
            "its record is not visible yet",
            &begun,
            followed("auth", RolloutStatus::NotVisible),
            waiting,
        ),
        row(
            "its record vanished, the old one runs",
            &begun.clone().later(121),
            |seen| {
                followed("auth", RolloutStatus::NotVisible)(seen);
                service("auth", |view| {
                    view.primary_definition = definition_ref("auth:1")
                })(seen);
            },
            rolled_back,
        ),
        row(
            "its record vanished, another one runs",
            &begun.clone().later(121),
            |seen| {
                followed("auth", RolloutStatus::NotVisible)(seen);
                service("auth", foreign)(seen);
            },
            "find: back: auth: superseded by somebody else's deployment (auth:7)",
        ),
    ]);
}
