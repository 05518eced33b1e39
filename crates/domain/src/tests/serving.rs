//! Serving, complete, drained: three facts. Those that wait for a service begin when it serves, and what is proven is complete.

use super::story::{
    Row, Story, check, evidence, followed, roll_out, row, service, stopped, unseen, well,
};
use super::world::{app, definition_ref, digest, name, plan_of};
use crate::TaskId;
use crate::app::Awaited;
use crate::journal::{Finding, Side};
use crate::observation::{
    CheckResult, ContainerHealth, Observation, PrimaryState, RolloutStatus, Seen, StopCause,
    TargetState, TaskState, TaskView, TasksView,
};
use crate::verdict::{Component, Proof, Witness, WitnessKind};
use crate::watch::watch;

fn task(number: u32, of: &str, definition: &str) -> TaskView {
    let version = if definition.ends_with(":2") {
        "new"
    } else {
        "old"
    };
    TaskView {
        task: TaskId::parse(format!("task/{number}")).unwrap(),
        definition: definition_ref(definition),
        digests: vec![digest(&format!("shop/{of}:{version}"))],
        running: TaskState::Running,
        target: TargetState::Healthy,
        health: ContainerHealth::Unknown,
    }
}

/// Two tasks of a definition, healthy, and no others.
pub(super) fn two_tasks(of: &str, definition: &str, seen: &mut Observation) {
    let tasks = TasksView {
        desired: 2,
        tasks: vec![task(1, of, definition), task(2, of, definition)],
    };
    seen.tasks.insert(name(of), Seen::Known(tasks));
}

/// One more, of another definition, in no target group that gets requests.
pub(super) fn another_task(of: &str, definition: &str, seen: &mut Observation) {
    if let Some(Seen::Known(tasks)) = seen.tasks.get_mut(&name(of)) {
        tasks.tasks.push(TaskView {
            target: TargetState::Unhealthy("not registered".to_owned()),
            ..task(3, of, definition)
        });
    }
}

/// Two tasks of the newest rollout run, and nobody else's; the rollout goes on.
fn alone(of: &'static str, definition: &'static str) -> impl Fn(&mut Observation) {
    move |seen| {
        service(of, |view| {
            (view.desired, view.running, view.primary_running) = (2, 2, 2);
            view.primary_state = PrimaryState::InProgress;
        })(seen);
        two_tasks(of, definition, seen);
    }
}

pub(super) fn both(
    one: impl Fn(&mut Observation),
    other: impl Fn(&mut Observation),
) -> impl Fn(&mut Observation) {
    move |seen| {
        one(seen);
        other(seen);
    }
}

pub(super) fn tasks(of: &'static str, edit: impl Fn(&mut TasksView)) -> impl Fn(&mut Observation) {
    move |seen| match seen.tasks.get_mut(&name(of)) {
        Some(Seen::Known(tasks)) => edit(tasks),
        _ => panic!("the tasks of {of} are seen"),
    }
}

/// A service serves, by what is in front of it.
pub(super) fn serving(story: Story, of: &str, side: Side) -> Story {
    let proof = Proof {
        component: Component::Service(name(of)),
        witnesses: vec![Witness::confirms(WitnessKind::Targets, "2/2 healthy")],
    };
    story.find(Finding::Serves { side, proof })
}

fn begun() -> Story {
    Story::of(plan_of(&app())).ready().begun("auth")
}

pub(super) fn ours() -> impl Fn(&mut Observation) {
    alone("auth", "auth:2")
}

pub(super) const WAITING: &str = "wait 5s: waiting for auth";

#[test]
fn a_service_serves_when_only_its_new_tasks_run_and_every_target_is_healthy() {
    let story = begun();
    let unhealthy = tasks("auth", |view| {
        view.tasks[1].target = TargetState::Unhealthy("unhealthy".to_owned());
    });
    let unheard = tasks("auth", |view| {
        let failure = super::story::failure(
            crate::ports::FailureKind::Denied,
            crate::ports::Effect::None,
        );
        view.tasks[1].target = TargetState::Unheard(failure);
    });
    let no_targets = tasks("auth", |view| {
        for task in &mut view.tasks {
            task.target = TargetState::NotBalanced;
        }
    });
    let rows: Vec<Row> = vec![
        row(
            "only new tasks, all healthy",
            &story,
            ours(),
            "find: new auth serves 2",
        ),
        row(
            "an old task runs beside them",
            &story,
            both(ours(), service("auth", |view| view.running = 3)),
            WAITING,
        ),
        row(
            "one of two is up",
            &story,
            both(
                ours(),
                service("auth", |view| (view.running, view.primary_running) = (1, 1)),
            ),
            WAITING,
        ),
        row(
            "it has no tasks",
            &story,
            both(
                ours(),
                service("auth", |view| {
                    (view.desired, view.running, view.primary_running) = (0, 0, 0);
                }),
            ),
            WAITING,
        ),
        row(
            "a target is not healthy",
            &story,
            both(ours(), unhealthy),
            WAITING,
        ),
        row(
            "a target could not be asked",
            &story,
            both(ours(), unheard),
            WAITING,
        ),
        row(
            "no target group was seen",
            &story,
            both(ours(), no_targets),
            WAITING,
        ),
        row(
            "its tasks could not be seen",
            &story,
            both(ours(), |seen| {
                seen.tasks.insert(name("auth"), unseen());
            }),
            WAITING,
        ),
        row(
            "a task of the old release is still in service",
            &story,
            both(
                ours(),
                tasks("auth", |view| view.tasks[0] = task(1, "auth", "auth:1")),
            ),
            WAITING,
        ),
        row(
            "the image is another",
            &story,
            both(
                ours(),
                tasks("auth", |view| {
                    view.tasks[0].digests = vec![digest("another")]
                }),
            ),
            WAITING,
        ),
        row(
            "one failed on the way, and its successor is up",
            &story,
            both(ours(), |seen| {
                let failed = evidence(vec![stopped(Some("auth-2"), StopCause::Exited(1))]);
                seen.evidence.insert(name("auth"), Seen::Known(failed));
            }),
            "find: new auth serves 2",
        ),
        row(
            "the cloud took it back meanwhile",
            &story,
            both(ours(), followed("auth", RolloutStatus::RollingBack)),
            "find: back: auth: ECS rolled it back by itself",
        ),
        row(
            "it is complete already",
            &story,
            both(ours(), followed("auth", RolloutStatus::Succeeded)),
            "find: ended auth new",
        ),
    ];
    check(rows);
}

#[test]
fn the_probe_has_to_answer_as_well_and_a_wrong_answer_is_no_attempt_yet() {
    let mut plan = plan_of(&app());
    let auth = plan.services.get_mut(&name("auth")).unwrap();
    auth.probe = Some(super::world::check("health"));
    let story = Story::of(plan).ready().begun("auth");
    let asked = watch(&story.plan, &story.progress, story.now).serving;
    assert!(asked[0].1.is_some(), "the probe is sent with the look");
    let answers = |answer: CheckResult| {
        both(ours(), move |seen: &mut Observation| {
            seen.probes
                .insert(name("auth"), Seen::Known(answer.clone()));
        })
    };
    check(vec![
        row("not asked", &story, ours(), WAITING),
        row(
            "the old release answers",
            &story,
            answers(CheckResult::Failed("old".to_owned())),
            WAITING,
        ),
        row(
            "the new one does",
            &story,
            answers(CheckResult::Passed("new".to_owned())),
            "find: new auth serves 3",
        ),
    ]);
}

#[test]
fn the_next_wave_begins_beside_tasks_that_drain_unless_it_asked_for_none_to_be_left() {
    let serves = serving(begun(), "auth", Side::New);
    let mut drained = plan_of(&app());
    drained.services.get_mut(&name("auth")).unwrap().awaited = Awaited::Drained;
    let waits = serving(Story::of(drained).ready().begun("auth"), "auth", Side::New);
    let complete = |story: Story| {
        story.find(Finding::RolloutEnded {
            service: name("auth"),
            side: Side::New,
        })
    };
    check(vec![
        row(
            "it serves",
            &serves,
            well,
            "act: roll out catalog, roll out proxy",
        ),
        row("somebody waits until it is drained", &waits, well, WAITING),
        row(
            "it is complete, but not proven",
            &complete(waits.clone()),
            |seen| {
                seen.tasks.insert(name("auth"), unseen());
            },
            "wait 5s: auth: not proven yet (tasks: could not be heard (call: throttled))",
        ),
        row(
            "it is complete",
            &complete(waits),
            well,
            "find: new auth proven 3/3",
        ),
    ]);
}

#[test]
fn what_serves_is_followed_to_its_end_whatever_else_is_at_work() {
    let serves = serving(begun(), "auth", Side::New);
    let next = serves.clone().begun("catalog").begun("proxy");
    let checks = ["catalog", "proxy"]
        .into_iter()
        .fold(next.clone(), |story, of| serving(story, of, Side::New));
    let watching = checks.find(Finding::BakeBegan);
    let succeeded = || followed("auth", RolloutStatus::Succeeded);
    let taken = || followed("auth", RolloutStatus::RolledBack);
    let back = "find: back: auth: ECS rolled it back by itself";
    for (situation, story) in [
        ("the next wave is at work", &next),
        ("the release is watched", &watching),
    ] {
        let seen = watch(&story.plan, &story.progress, story.now).follow;
        let auth = seen.iter().find(|one| one.locator.name == name("auth"));
        assert!(auth.unwrap().rollout.is_some(), "{situation}: followed");
        check(vec![
            row(situation, story, succeeded(), "find: ended auth new"),
            row(situation, story, taken(), back),
        ]);
    }
    check(vec![row(
        "the watch is not over before all are complete",
        &watching,
        well,
        "wait 5s: waiting for auth, catalog, proxy",
    )]);
}

#[test]
fn on_the_way_back_the_next_service_begins_when_the_one_before_it_serves_again() {
    let back = Story::of(plan_of(&app()))
        .all_live()
        .turned_back()
        .done(roll_out("catalog", Side::Old))
        .done(roll_out("proxy", Side::Old));
    let going = |of: &'static str| {
        service(of, |view| {
            view.primary_state = PrimaryState::InProgress;
            view.primary_running = 0;
        })
    };
    let proxy = serving(back.clone(), "proxy", Side::Old);
    let served = serving(proxy.clone(), "catalog", Side::Old);
    let undone = serving(
        served.clone().done(roll_out("auth", Side::Old)),
        "auth",
        Side::Old,
    )
    .find(Finding::Undone);
    check(vec![
        row(
            "both go on",
            &back,
            both(going("catalog"), going("proxy")),
            "wait 5s: catalog, proxy returning to the previous release",
        ),
        row(
            "one serves again",
            &back,
            both(going("catalog"), alone("proxy", "proxy:1")),
            "find: old proxy serves 2",
        ),
        row(
            "the new release is what runs alone",
            &back,
            both(going("catalog"), alone("proxy", "proxy:2")),
            "wait 5s: catalog, proxy returning to the previous release",
        ),
        row("both do", &served, well, "act: roll auth back"),
        row(
            "what serves is proven when it is complete",
            &undone,
            both(going("auth"), both(going("catalog"), going("proxy"))),
            "wait 5s: auth, catalog, proxy returning to the previous release",
        ),
        row(
            "one is complete",
            &undone,
            both(going("auth"), going("proxy")),
            "find: ended catalog old",
        ),
    ]);
}
