//! Forward: proving services, and what falls again.

use super::story::{Story, check, evidence, followed, row, service, stopped, unseen, well};
use super::world::{
    app, check as smoke_check, definition_ref, name, plan_of, plan_with, rollout, survey, try_plan,
};
use crate::journal::{Act, Finding};
use crate::observation::{
    CheckResult, Observation, PrimaryState, RolloutStatus, Seen, StopCause, TargetState, TaskState,
};
use crate::plan::Plan;

fn plan() -> Plan {
    plan_of(&app())
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
            service("auth", |view| {
                view.primary = rollout("auth-7");
                view.primary_definition = definition_ref("auth:9");
            }),
            "find: back: auth: superseded by somebody else's deployment (auth:9)",
        ),
        row(
            "somebody forced the same revision once more",
            &later,
            service("auth", |view| view.primary = rollout("auth-7")),
            "wait 5s: waiting for catalog, proxy",
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

/// Only a service that has a probe is asked by one, and of the release before only where somebody knows what that was.
#[test]
fn whose_probe_counts() {
    use crate::decide::probe_counts;
    use crate::journal::Side;
    let probed = probed();
    let without = crate::plan::Plan {
        before: None,
        ..probed.clone()
    };
    let of =
        |plan: &crate::plan::Plan, side| probe_counts(&plan.services[&name("auth")], side, plan);
    assert!(of(&probed, Side::New) && of(&probed, Side::Old) && of(&without, Side::New));
    assert!(!of(&without, Side::Old) && !of(&plan(), Side::New));
}
