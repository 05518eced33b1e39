//! Forward: before anything that users could notice.

use super::story::{Story, check, row, well};
use super::world::{app, name, plan_of, whole_app};
use crate::journal::Act;
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
            "act: register the task definition of migration, register the task definition of auth, register the task definition of catalog, register the task definition of proxy",
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

/// Of several acts that wait, the first one that may be tried again says until when.
#[test]
fn the_earliest_of_several_pauses_counts() {
    let again = |story: Story, of: &str, times: u32| {
        (0..times).fold(story, |story, _| {
            story.failed(register(of), THROTTLED, Effect::None)
        })
    };
    let waits = |auth: u32, catalog: u32| {
        let story = Story::of(plan()).done(register("proxy"));
        let story = again(again(story, "auth", auth), "catalog", catalog);
        row("both fail", &story, well, "").found
    };
    let expected = |seconds: u32, of: &str| {
        format!(
            "wait {seconds}s: register the task definition of {of} was not possible (call: throttled); trying again"
        )
    };
    assert_eq!(waits(1, 2), expected(1, "auth"));
    assert_eq!(waits(2, 1), expected(1, "catalog"));
    assert_eq!(waits(2, 2), expected(2, "auth"));
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
