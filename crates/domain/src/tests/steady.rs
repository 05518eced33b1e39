//! Services that nothing checks: what ends by itself is found, and time is a witness.

use std::time::Duration;

use jiff::Timestamp;

use super::story::{Row, Story, check, evidence, row, stopped, unseen, well};
use super::world::{app, name, plan_with, start};
use crate::decide::failing::Weight;
use crate::journal::Side;
use crate::observation::StopCause::{self, *};
use crate::observation::{Observation, Seen, StoppedTask};
use crate::plan::Plan;
use crate::progress::after;
use crate::survey::Balanced;
use crate::watch::{Asked, watch};

/// `auth` is a worker: nobody looks at its tasks, and `desired` of them are wanted.
fn plan_of_workers(desired: u32) -> Plan {
    plan_with(&app(), "auth", |live| {
        live.balanced = Balanced::No;
        live.desired = desired;
    })
}

fn plan() -> Plan {
    plan_of_workers(2)
}

fn at(seconds: u64) -> Timestamp {
    after(start(), Duration::from_secs(seconds))
}

/// A task of ours that ran from one second to the other.
fn ran(from: u64, to: u64, cause: StopCause) -> StoppedTask {
    StoppedTask {
        started_at: Some(at(from)),
        stopped_at: Some(at(to)),
        ..stopped(Some("auth-2"), cause)
    }
}

fn saw(stopped: Vec<StoppedTask>) -> impl Fn(&mut Observation) {
    move |seen| {
        let found = Seen::Known(evidence(stopped.clone()));
        seen.evidence.insert(name("auth"), found);
    }
}

fn waits(missing: &str) -> &'static str {
    format!("wait 5s: auth: not proven yet (steady: {missing})").leak()
}

#[test]
fn only_of_what_nobody_checks_stopped_tasks_are_asked_for_at_every_look() {
    let asked = |plan: Plan| {
        let begun = Story::of(plan).ready().begun("auth");
        let suspects = watch(&begun.plan, &begun.progress, begun.now).suspects;
        suspects[&name("auth")].asked
    };
    assert_eq!(asked(plan()), Asked::Always);
    assert_eq!(asked(plan_with(&app(), "auth", |_| {})), Asked::InTrouble);
    let mut checked = plan();
    let target = checked.services.get_mut(&name("auth")).unwrap();
    let definition = &mut target.target.as_mut().unwrap().definition;
    let container = &mut definition.document["containerDefinitions"][0];
    container["healthCheck"] = serde_json::json!({"command": ["CMD", "true"]});
    assert!(!checked.services[&name("auth")].is_unchecked(Side::New));
    assert!(checked.services[&name("auth")].is_unchecked(Side::Old));
    assert_eq!(asked(checked), Asked::InTrouble);
}

#[test]
fn a_crash_loop_is_certain_long_before_the_limit() {
    let begun = Story::of(plan()).ready().begun("auth").later(60);
    let twenty = Story::of(plan_of_workers(20)).ready().begun("auth");
    let lived = |ends: usize, cause: StopCause| saw(vec![ran(10, 50, cause); ends]);
    check(vec![
        row("quiet", &begun, well, "wait 5s: waiting for auth"),
        row(
            "once",
            &begun,
            lived(1, Exited(1)),
            "wait 5s: auth: tasks are failing (exit code 1, 1 of the 2 that make it certain)",
        ),
        row(
            "the same again, forty seconds of life each",
            &begun,
            lived(2, Exited(1)),
            "find: back: auth: exit code 1; task 01234567: it stopped; 2 tasks ended like this",
        ),
        row(
            "of twenty tasks it takes more",
            &twenty,
            lived(3, Exited(1)),
            "wait 5s: auth: tasks are failing (exit code 1, 3 of the 4 that make it certain)",
        ),
        row(
            "for reasons that nobody knows, however often",
            &begun,
            lived(9, Other),
            "wait 5s: auth: tasks are failing (stopped, 9 times)",
        ),
        row(
            "its stopped tasks cannot be seen",
            &begun,
            |seen| {
                seen.evidence.insert(name("auth"), unseen());
            },
            "wait 5s: waiting for auth",
        ),
    ]);
}

#[test]
fn tasks_of_the_moment_are_no_proof() {
    let ended = Story::of(plan()).later(120).ready().ended("auth");
    let later = |seconds| ended.clone().later(seconds);
    let loops = |from, to| saw(vec![ran(from, to, Exited(1))]);
    let by_itself = waits("task 01234567 ended by itself: exit code 1");
    let going_on = |situation, seconds, from, to, expected| -> Row {
        row(situation, &later(seconds), loops(from, to), expected)
    };
    check(vec![
        row(
            "the rollout has just ended",
            &ended,
            well,
            waits("its tasks have to run on for 60 s"),
        ),
        row(
            "a second short of a minute",
            &later(59),
            well,
            waits("its tasks have to run on for 60 s"),
        ),
        row(
            "a quiet minute",
            &later(60),
            well,
            "find: new auth proven 4/4",
        ),
        going_on("one ended meanwhile", 60, 20, 120, by_itself),
        going_on("its successor lives no longer yet", 109, 20, 120, by_itself),
        going_on(
            "its successor lives longer",
            110,
            20,
            120,
            "find: new auth proven 4/4",
        ),
        row(
            "one still goes down",
            &later(60),
            saw(vec![StoppedTask {
                stopped_at: None,
                ..ran(20, 0, Exited(1))
            }]),
            by_itself,
        ),
        row(
            "an earlier rollout's ended",
            &later(60),
            saw(vec![stopped(Some("auth-0"), Exited(1))]),
            "find: new auth proven 4/4",
        ),
        row(
            "stopped for a reason that nobody knows",
            &later(60),
            saw(vec![ran(20, 175, Other)]),
            "find: new auth proven 4/4",
        ),
        row(
            "its stopped tasks cannot be seen",
            &later(60),
            |seen| {
                seen.evidence.insert(name("auth"), unseen());
            },
            waits("could not be heard (call: throttled)"),
        ),
        row(
            "what ended gives the others their time anew",
            &later(201),
            loops(100, 300),
            by_itself,
        ),
    ]);
}

#[test]
fn a_worker_that_starts_afresh_now_and_then_is_well() {
    let rows = [
        (
            "an hour of work, no error",
            ran(0, 3600, Exited(0)),
            Weight::None,
        ),
        (
            "an hour of work, an error",
            ran(0, 3600, Exited(1)),
            Weight::Speaks,
        ),
        (
            "no error, but at once",
            ran(0, 20, Exited(0)),
            Weight::Speaks,
        ),
        (
            "nobody knows how long",
            stopped(None, Exited(0)),
            Weight::Speaks,
        ),
    ];
    for (situation, task, expected) in rows {
        assert_eq!(task.weight(), expected, "{situation}");
    }
}
