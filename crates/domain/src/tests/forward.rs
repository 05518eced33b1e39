//! Forward: what is decided in each situation of each phase.

use std::time::Duration;

use super::story::{
    Story, check, evidence, followed, roll_out, row, service, stopped, unseen, well,
};
use super::world::{
    app, check as smoke_check, definition_ref, migration, name, plan_of, plan_with, rollout,
    survey, try_plan, whole_app,
};
use crate::app::{App, Compatibility, WayDown};
use crate::journal::{Act, Finding, Job, Side};
use crate::observation::{
    CheckResult, JobState, JobView, Observation, PrimaryState, RolloutStatus, Seen, StopCause,
    TargetState, TaskState,
};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::survey::History;
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
fn preparing() {
    let fresh = Story::of(plan_of(&whole_app()));
    let again = "wait 1s: register the task definition of auth was not possible (call: throttled); trying again";
    let others = fresh
        .plan
        .services
        .keys()
        .filter(|n| n.as_str() != "auth")
        .fold(Story::of(plan()), |story, n| {
            story.done(register(n.as_str()))
        });
    let throttled = others
        .clone()
        .failed(register("auth"), THROTTLED, Effect::None);
    let lost = others
        .clone()
        .failed(register("auth"), FailureKind::Unavailable, Effect::Unknown);
    let denied = others
        .clone()
        .failed(register("auth"), FailureKind::Denied, Effect::None);
    let crashed = others.intend(register("auth"));
    let roll = "act: roll out auth";
    check(vec![
        row(
            "begun",
            &fresh,
            well,
            "act: register the task definition of migration, register the task definition of auth, register the task definition of catalog, register the task definition of proxy, publish the frontend's assets",
        ),
        row("throttled", &throttled, well, again),
        row(
            "a second later",
            &throttled.clone().later(1),
            well,
            "act: register the task definition of auth",
        ),
        row(
            "a lost reply waits as well",
            &lost,
            well,
            "wait 1s: register the task definition of auth was not possible (call: unavailable); trying again",
        ),
        row(
            "denied",
            &denied,
            well,
            "find: back: register the task definition of auth: call: denied",
        ),
        row(
            "crashed after the intent",
            &crashed,
            well,
            "act: register the task definition of auth",
        ),
        row(
            "all done",
            &crashed.clone().then(crate::journal::Event::Done {
                act: register("auth"),
                gave: super::story::gave(&register("auth")),
            }),
            well,
            roll,
        ),
    ]);
}

#[test]
fn pauses_grow_and_end() {
    for effect in [Effect::None, Effect::Unknown, Effect::Applied] {
        let mut story = Story::of(plan());
        for text in ["catalog", "proxy"] {
            story = story.done(register(text));
        }
        let mut pauses = Vec::new();
        let last = loop {
            story = story.failed(register("auth"), THROTTLED, effect);
            let found = story.decide(&story.look());
            let Some(seconds) = found
                .strip_prefix("wait ")
                .and_then(|f| f.split('s').next())
            else {
                break found;
            };
            pauses.push(seconds.parse::<u64>().unwrap());
            story = story.later(pauses[pauses.len() - 1]);
        };
        assert_eq!(
            pauses,
            [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30],
            "{effect:?}"
        );
        assert_eq!(
            last,
            "find: back: register the task definition of auth: call: throttled"
        );
    }
}

fn ended(state: JobState) -> impl Fn(&mut Observation) {
    move |seen| {
        let log = vec!["boom".to_owned()];
        let state = state.clone();
        seen.job = Some(Seen::Known(JobView { state, log }));
    }
}

#[test]
fn migrating() {
    let up = Act::StartJob { job: Job::Up };
    let prepared = Story::of(plan_of(&whole_app())).prepared();
    let running = prepared.clone().done(up.clone());
    let end = |state| {
        running.clone().find(Finding::JobEnded {
            job: Job::Up,
            state,
            log: vec!["boom".to_owned()],
        })
    };
    check(vec![
        row("prepared", &prepared, well, "act: migrate the database"),
        row(
            "the reply was lost: the same token looks",
            &prepared
                .clone()
                .failed(up.clone(), FailureKind::Unavailable, Effect::Unknown)
                .later(1),
            well,
            "act: migrate the database",
        ),
        row(
            "it runs",
            &running,
            well,
            "wait 5s: migrate the database is running",
        ),
        row(
            "not visible yet",
            &running,
            ended(JobState::Vanished),
            "wait 5s: the cloud does not show the migration's task yet",
        ),
        row(
            "never visible",
            &running.clone().later(121),
            ended(JobState::Vanished),
            "find: migrate the database: Vanished",
        ),
        row(
            "unseen",
            &running,
            |seen| seen.job = Some(unseen()),
            "wait 5s: cannot see migrate the database now (call: throttled)",
        ),
        row(
            "unseen for longer than it may take",
            &running.clone().later(421),
            |seen| seen.job = Some(unseen()),
            "find: migrate the database: Running",
        ),
        row(
            "it takes too long",
            &running.clone().later(301),
            well,
            "find: migrate the database: Running",
        ),
        row(
            "exit 0",
            &running,
            ended(JobState::Exited(0)),
            "find: migrate the database: Exited(0), new migration proven 1/1",
        ),
        row(
            "exit 1",
            &running,
            ended(JobState::Exited(1)),
            "find: migrate the database: Exited(1)",
        ),
        row(
            "ended with 1",
            &end(JobState::Exited(1)),
            well,
            "find: back: migration: exit code 1; boom",
        ),
        row(
            "killed",
            &end(JobState::Killed("out of memory".to_owned())),
            well,
            "find: back: migration: out of memory; boom",
        ),
        row(
            "never started",
            &end(JobState::NeverStarted("no image".to_owned())),
            well,
            "find: back: migration: its container never started: no image; boom",
        ),
        row(
            "end not seen",
            &end(JobState::Running),
            well,
            "find: back: migration: its end was not seen, it may be running still; boom",
        ),
    ]);
}

#[test]
fn a_promised_way_down_needs_the_revision() {
    let with = |way_down| {
        let migration = Some(migration(Compatibility::Breaking, way_down));
        Story::of(plan_of(&App { migration, ..app() })).prepared()
    };
    let read = |story: Story, code| story.job(Job::RevisionBefore, JobState::Exited(code), &[]);
    check(vec![
        row(
            "not read, a way down was promised",
            &read(with(WayDown::Lossless), 1),
            well,
            "find: back: migration: not begun, the schema's revision could not be read: exit code 1",
        ),
        row(
            "an empty database has no revision",
            &read(with(WayDown::Lossless), 0),
            well,
            "act: migrate the database",
        ),
        row(
            "nothing was promised",
            &read(with(WayDown::Absent), 1),
            well,
            "act: migrate the database",
        ),
    ]);
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
            &lost.clone().later(16),
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
            "find: back: the rollout of auth took longer than 600 s; the cloud does not show it",
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
            &lost.clone().later(20),
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
            "wait 5s: auth: tasks are failing (exit code 1); one more and it is certain",
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

fn probed() -> Plan {
    let mut app = app();
    app.services.get_mut(&name("auth")).unwrap().probe = Some(smoke_check("health"));
    plan_of(&app)
}

#[test]
fn proving() {
    let ended = Story::of(plan()).ready().ended("auth");
    let task = |edit: fn(&mut crate::observation::TaskView)| {
        move |seen: &mut Observation| match seen.tasks.get_mut(&name("auth")) {
            Some(Seen::Known(view)) => edit(&mut view.tasks[0]),
            _ => panic!("tasks are seen"),
        }
    };
    let missing =
        |what: &str| format!("wait 5s: auth: not proven yet ({what})").leak() as &'static str;
    check(vec![
        row(
            "every witness confirms",
            &ended,
            well,
            "find: new auth proven 3/3",
        ),
        row(
            "a task is not up yet",
            &ended,
            task(|t| t.running = TaskState::Starting),
            missing("tasks: 1/2 run auth:2"),
        ),
        row(
            "a task runs the old definition",
            &ended,
            task(|t| t.definition = definition_ref("auth:1")),
            missing("tasks: task 0 runs auth:1"),
        ),
        row(
            "a task runs another image",
            &ended,
            task(|t| t.digests = vec![super::world::digest("x")]),
            missing("tasks: task 0 runs image sha256:2d711642"),
        ),
        row(
            "a target is not healthy",
            &ended,
            task(|t| t.target = TargetState::Unhealthy("initial".to_owned())),
            missing("targets: task 0: initial"),
        ),
        row(
            "no load balancer: two witnesses",
            &ended,
            |seen| {
                if let Some(Seen::Known(view)) = seen.tasks.get_mut(&name("auth")) {
                    view.tasks
                        .iter_mut()
                        .for_each(|t| t.target = TargetState::NotBalanced);
                }
            },
            "find: new auth proven 2/2",
        ),
        row(
            "tasks cannot be seen",
            &ended,
            |seen| {
                seen.tasks.insert(name("auth"), unseen());
            },
            missing("tasks: could not be heard (call: throttled)"),
        ),
        row(
            "never",
            &ended.clone().later(201),
            task(|t| t.running = TaskState::Starting),
            "find: back: auth: tasks: 1/2 run auth:2",
        ),
        row(
            "the newest rollout failed",
            &ended,
            service("auth", |v| v.primary_state = PrimaryState::Failed),
            missing("rollout: the rollout of auth:2 failed"),
        ),
        row(
            "the look was made before the end",
            &ended,
            |seen| seen.tasks.clear(),
            "wait 0s: looking",
        ),
    ]);
}

#[test]
fn probing() {
    let ended = Story::of(probed()).ready().ended("auth");
    let failed = |seen: &mut Observation| {
        let answer = CheckResult::Failed("500".to_owned());
        if let Some(probe) = seen.probes.get_mut(&name("auth")) {
            *probe = Seen::Known(answer);
        }
    };
    let once = ended.clone().find(Finding::CheckFailed {
        name: "probe of auth".to_owned(),
        seen: "500".to_owned(),
    });
    let twice = once.clone().later(10).find(Finding::CheckFailed {
        name: "probe of auth".to_owned(),
        seen: "500".to_owned(),
    });
    check(vec![
        row("answered", &ended, well, "find: new auth proven 4/4"),
        row(
            "the first wrong answer",
            &ended,
            failed,
            "find: check probe of auth failed: 500",
        ),
        row(
            "one answer is one attempt",
            &once,
            |seen| {
                seen.probes.insert(
                    name("auth"),
                    Seen::Known(CheckResult::Failed("500".to_owned())),
                );
            },
            "wait 5s: auth: not proven yet (probe: https://shop.test/health: 500)",
        ),
        row(
            "attempts are spaced",
            &once.clone().later(5),
            failed,
            "wait 5s: auth: not proven yet (probe: not asked yet)",
        ),
        row(
            "the second wrong answer",
            &once.clone().later(10),
            failed,
            "find: check probe of auth failed: 500",
        ),
        row(
            "the last wrong answer",
            &twice.clone().later(10),
            failed,
            "find: back: auth: probe: https://shop.test/health: 500",
        ),
        row(
            "unreachable is not heard",
            &ended,
            |seen| {
                seen.probes.insert(name("auth"), unseen());
            },
            "wait 5s: auth: not proven yet (probe: could not be heard (call: throttled))",
        ),
    ]);
}

#[test]
fn unchanged_services_are_proven_too_and_get_their_time() {
    let mut unchanged = survey(&app());
    let live = unchanged.services.get_mut(&name("auth")).unwrap();
    live.document = super::world::release(&app(), "new").services[&name("auth")]
        .definition
        .clone();
    let plan = try_plan(&app(), &unchanged).unwrap();
    // The images say `new`, and so must the digests.
    let story = Story::of(plan).later(3600).ready();
    let bad = |seen: &mut Observation| {
        seen.tasks.insert(name("auth"), unseen());
    };
    check(vec![
        row(
            "an hour after the start one look fails",
            &story,
            bad,
            "wait 5s: auth: not proven yet (tasks: could not be heard (call: throttled))",
        ),
        row(
            "but not for ever",
            &story.clone().later(201),
            bad,
            "find: back: auth: tasks: could not be heard (call: throttled)",
        ),
    ]);
}

#[test]
fn nothing_to_prove_is_not_green() {
    let plan = plan_with(&app(), "auth", |live| live.desired = 0);
    let ended = Story::of(plan).ready().ended("auth");
    let rest = ended
        .clone()
        .live("catalog")
        .live("proxy")
        .find(Finding::BakeBegan);
    let rest = rest
        .home("x")
        .find(Finding::BakeEnded)
        .done(Act::RecordRelease);
    check(vec![
        row(
            "rolled out without tasks: the next wave",
            &ended,
            well,
            "act: roll out catalog, roll out proxy",
        ),
        row(
            "and named at the end",
            &rest,
            well,
            "finish: live, 0 proofs, unproven [auth, catalog, proxy]",
        ),
    ]);
}

#[test]
fn relapses() {
    let first = Story::of(plan())
        .ready()
        .live("auth")
        .begun("catalog")
        .begun("proxy");
    let later = first.clone().later(60);
    check(vec![
        row(
            "the others go on",
            &first,
            well,
            "wait 5s: waiting for catalog, proxy",
        ),
        row(
            "a read from before the rollout",
            &first,
            service("auth", |view| view.primary = rollout("auth-1")),
            "wait 5s: waiting for catalog, proxy",
        ),
        row(
            "the cloud took it back",
            &later,
            service("auth", |view| view.primary = rollout("auth-1")),
            "find: back: auth: ECS rolled it back by itself; ECS said so",
        ),
        row(
            "somebody replaced it",
            &later,
            service("auth", |view| view.primary = rollout("auth-7")),
            "find: back: auth: superseded by somebody else's deployment (auth:2)",
        ),
        row(
            "its tasks fail",
            &later,
            |seen| {
                let two = vec![stopped(Some("auth-2"), StopCause::OutOfMemory); 2];
                seen.evidence
                    .insert(name("auth"), Seen::Known(evidence(two)));
            },
            "find: back: auth: out of memory; task 01234567: it stopped; 2 tasks ended like this",
        ),
        row(
            "an earlier rollout's tasks failed",
            &later,
            |seen| {
                let two = vec![stopped(Some("auth-0"), StopCause::OutOfMemory); 2];
                seen.evidence
                    .insert(name("auth"), Seen::Known(evidence(two)));
            },
            "wait 5s: waiting for catalog, proxy",
        ),
        row(
            "one of two fails, the other ended",
            &first,
            |seen| {
                followed("catalog", RolloutStatus::RolledBack)(seen);
                followed("proxy", RolloutStatus::Succeeded)(seen);
            },
            "find: back: catalog: ECS rolled it back by itself",
        ),
    ]);
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
            "no answer counts as well",
            &live,
            answer(unseen()),
            "find: check login failed: call: throttled",
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
    let mut new = app();
    new.services.remove(&name("proxy"));
    let live = Story::of(try_plan(&new, &survey(&app())).unwrap())
        .ready()
        .live("auth")
        .live("catalog");
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
            "find: new auth proven 3/3, new catalog proven 3/3, new proxy proven 3/3",
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
            "all proven",
            &over
                .clone()
                .home("x")
                .proven(Component::Service(name("auth")), Side::New)
                .proven(Component::Service(name("catalog")), Side::New)
                .proven(Component::Service(name("proxy")), Side::New),
            well,
            "find: bake ended",
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
    for _ in 0..14 {
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
