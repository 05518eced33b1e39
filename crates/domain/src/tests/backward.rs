//! Backward: what undoes a service, in every state its rollout can be found in.

use super::story::{Story, check, evidence, followed, row, service, stopped, unseen, well};
use super::world::{app, definition_ref, name, plan_of, rollout};
use crate::app::App;
use crate::journal::Act;
use crate::observation::{Observation, PrimaryState, RolloutStatus, Seen, ServiceView, StopCause};
use crate::ports::{Effect, FailureKind};

/// One service only: what happens to it is what is decided.
fn alone() -> App {
    let mut app = app();
    app.services.retain(|service, _| service.as_str() == "auth");
    app
}

fn begun() -> Story {
    Story::of(plan_of(&alone()))
        .ready()
        .begun("auth")
        .later(10)
        .turned_back()
}

fn at_home(view: &mut ServiceView) {
    view.primary = rollout("auth-1");
    view.primary_definition = definition_ref("auth:1");
    view.primary_state = PrimaryState::Completed;
}

fn foreign(view: &mut ServiceView) {
    view.primary = rollout("auth-9");
    view.primary_definition = definition_ref("auth:7");
}

/// The rollout stands there, and the old definition is the newest again.
fn home(status: RolloutStatus) -> impl Fn(&mut Observation) {
    move |seen| {
        service("auth", at_home)(seen);
        followed("auth", status.clone())(seen);
        old_tasks(seen);
    }
}

fn old_tasks(seen: &mut Observation) {
    if let Some(Seen::Known(view)) = seen.tasks.get_mut(&name("auth")) {
        for task in &mut view.tasks {
            task.definition = definition_ref("auth:1");
            task.digests = vec![super::world::digest("shop/auth:old")];
        }
    }
}

fn and(
    first: impl Fn(&mut Observation),
    second: impl Fn(&mut Observation),
) -> impl Fn(&mut Observation) {
    move |seen| {
        first(seen);
        second(seen);
    }
}

const RETURNING: &str = "wait 5s: auth returning to the previous release";
const ROLL: &str = "act: roll auth back";
const STOP: &str = "act: stop the rollout of auth";
const ENDED: &str = "find: ended auth old";

#[test]
fn a_service_in_every_state() {
    use RolloutStatus::*;
    let begun = begun();
    let late = begun.clone().later(200);
    let never = |story: &Story| story.clone().later(700);
    let cannot = |why: &str| {
        format!("find: cannot return auth: it took longer than 600 s; {why}").leak() as &'static str
    };
    check(vec![
        row("pending", &begun, followed("auth", Pending), STOP),
        row("in progress", &begun, followed("auth", InProgress), STOP),
        row(
            "a new word",
            &begun,
            followed("auth", Other("PAUSED".to_owned())),
            STOP,
        ),
        row("succeeded", &begun, followed("auth", Succeeded), ROLL),
        row(
            "succeeded, then somebody else's",
            &begun,
            and(followed("auth", Succeeded), service("auth", foreign)),
            "find: left alone auth: auth:7",
        ),
        row(
            "return requested",
            &begun,
            followed("auth", RollbackRequested),
            RETURNING,
        ),
        row(
            "returning",
            &begun,
            followed("auth", RollingBack),
            RETURNING,
        ),
        row(
            "returning for ever",
            &never(&begun),
            followed("auth", RollingBack),
            cannot("ECS is still rolling it back"),
        ),
        row("returned", &begun, home(RolledBack), ENDED),
        row(
            "returned, its tasks are proven later",
            &begun,
            home(RolledBack),
            ENDED,
        ),
        row(
            "returned, its rollout goes on",
            &begun,
            and(
                home(RolledBack),
                service("auth", |v| v.primary_state = PrimaryState::InProgress),
            ),
            RETURNING,
        ),
        row(
            "returned, its rollout failed",
            &begun,
            and(
                home(RolledBack),
                service("auth", |v| v.primary_state = PrimaryState::Failed),
            ),
            "find: cannot return auth: ECS said so",
        ),
        row(
            "returned, its tasks fail",
            &begun,
            and(home(RolledBack), |seen| {
                service("auth", |v| v.primary_state = PrimaryState::InProgress)(seen);
                let gone = evidence(vec![stopped(Some("auth-1"), StopCause::ImageMissing)]);
                seen.evidence.insert(name("auth"), Seen::Known(gone));
            }),
            "find: cannot return auth: auth: its image is missing; task 01234567: it stopped",
        ),
        row(
            "its tasks failed before it turned back: that was another time",
            &begun,
            and(home(RolledBack), |seen| {
                service("auth", |v| v.primary_state = PrimaryState::InProgress)(seen);
                let before = crate::observation::StoppedTask {
                    stopped_at: Some(super::world::start()),
                    ..stopped(Some("auth-1"), StopCause::ImageMissing)
                };
                let before = evidence(vec![before]);
                seen.evidence.insert(name("auth"), Seen::Known(before));
            }),
            RETURNING,
        ),
        row(
            "its tasks fail since it turned back",
            &begun,
            and(home(RolledBack), |seen| {
                service("auth", |v| v.primary_state = PrimaryState::InProgress)(seen);
                let since = crate::observation::StoppedTask {
                    stopped_at: Some(seen.at),
                    ..stopped(Some("auth-1"), StopCause::ImageMissing)
                };
                let since = evidence(vec![since]);
                seen.evidence.insert(name("auth"), Seen::Known(since));
            }),
            "find: cannot return auth: auth: its image is missing; task 01234567: it stopped",
        ),
        row(
            "returned by a rollout of its own",
            &begun,
            and(
                home(RolledBack),
                service("auth", |v| v.primary = rollout("auth-3")),
            ),
            ENDED,
        ),
        row(
            "returned to something else",
            &begun,
            and(followed("auth", RolledBack), service("auth", foreign)),
            "find: left alone auth: auth:7",
        ),
        row(
            "could not return",
            &begun,
            followed("auth", RollbackFailed),
            ROLL,
        ),
        row("stopping", &begun, followed("auth", Stopping), RETURNING),
        row(
            "stopping for ever",
            &never(&begun),
            followed("auth", Stopping),
            cannot("its rollout is still stopping"),
        ),
        row(
            "stopped, still ours",
            &begun,
            followed("auth", Stopped),
            ROLL,
        ),
        row("stopped, at home", &begun, home(Stopped), ENDED),
        row(
            "stopped, somebody else's",
            &begun,
            and(followed("auth", Stopped), service("auth", foreign)),
            "find: left alone auth: auth:7",
        ),
        row(
            "accepted, not visible yet: the old state proves nothing",
            &begun,
            home(NotVisible),
            RETURNING,
        ),
        row("never visible, at home", &late, home(NotVisible), ENDED),
        row(
            "not visible, still ours",
            &late,
            followed("auth", NotVisible),
            ROLL,
        ),
        row(
            "unseen",
            &begun,
            |seen| seen.services = unseen(),
            "wait 5s: cannot see auth now (call: throttled)",
        ),
        row(
            "unseen for ever",
            &never(&begun),
            |seen| seen.services = unseen(),
            "act: roll auth back",
        ),
        row(
            "nobody may look: it is rolled back all the same",
            &begun,
            |seen| {
                let denied = super::story::failure(FailureKind::Denied, Effect::None);
                seen.services = Seen::Unseen(denied);
            },
            "act: roll auth back",
        ),
        row(
            "rolled back, and still nobody may look",
            &begun.clone().done(Act::RollOut {
                service: name("auth"),
                side: crate::journal::Side::Old,
            }),
            |seen| {
                let denied = super::story::failure(FailureKind::Denied, Effect::None);
                seen.services = Seen::Unseen(denied);
            },
            "find: cannot return auth: it was rolled back, but cannot be seen: call: denied",
        ),
        row(
            "deleted",
            &begun,
            |seen| seen.services = Seen::Known([].into()),
            "wait 0s: looking",
        ),
        row(
            "deleted for ever",
            &never(&begun),
            |seen| seen.services = Seen::Known([].into()),
            "act: roll auth back",
        ),
        row(
            "its rollout was not looked at",
            &begun,
            service("auth", |v| v.followed = None),
            "wait 0s: looking",
        ),
        row(
            "its rollout is never shown",
            &never(&begun),
            service("auth", |v| v.followed = None),
            cannot("the cloud does not show its rollout"),
        ),
    ]);
}

#[test]
fn asking_the_cloud_to_turn_back() {
    let act = || Act::TurnBack {
        service: name("auth"),
    };
    let asked = begun().done(act());
    let failed = |kind, effect| begun().failed(act(), kind, effect);
    let mut lost = begun();
    for _ in 0..14 {
        lost = lost
            .failed(act(), FailureKind::Unavailable, Effect::Unknown)
            .later(30);
    }
    check(vec![
        row("asked", &asked, well, RETURNING),
        row(
            "asked, and nothing happens",
            &asked.clone().later(61),
            well,
            ROLL,
        ),
        row(
            "throttled",
            &failed(FailureKind::Throttled, Effect::None),
            well,
            "wait 1s: stop the rollout of auth was not possible (call: throttled); trying again",
        ),
        row(
            "lost",
            &failed(FailureKind::Unavailable, Effect::Unknown).later(1),
            well,
            STOP,
        ),
        row("always lost", &lost, well, ROLL),
        row(
            "its record is not found",
            &failed(FailureKind::NotFound, Effect::None),
            well,
            ROLL,
        ),
    ]);
}

/// Where both releases run one definition, only the rollout tells them apart.
#[test]
fn the_same_definition_on_both_sides() {
    let mut plan = plan_of(&alone());
    let before = &mut plan.services.get_mut(&name("auth")).unwrap().before;
    before.definition = definition_ref("auth:2");
    let ready = Story::of(plan).ready();
    let begun = ready.begun("auth").later(10).turned_back();
    let at = |primary: &'static str| {
        and(
            followed("auth", RolloutStatus::RolledBack),
            service("auth", move |view| {
                view.primary = rollout(primary);
                view.primary_definition = definition_ref("auth:2");
                view.primary_state = PrimaryState::Completed;
            }),
        )
    };
    check(vec![
        row("the one from before", &begun, at("auth-1"), ENDED),
        row("still ours", &begun, at("auth-2"), ROLL),
    ]);
}

/// Not seen is not failed: a service that nobody can look at now is waited for before it is rolled back blindly.
#[test]
fn a_service_that_is_not_seen_is_waited_for() {
    use super::story::roll_out;
    use crate::journal::Side;
    let live = Story::of(plan_of(&alone()))
        .ready()
        .live("auth")
        .turned_back();
    let asked = live.clone().done(roll_out("auth", Side::Old));
    let blind = |seen: &mut Observation| seen.services = unseen();
    let waits = "wait 5s: cannot see auth now (call: throttled)";
    check(vec![
        row("not rolled back yet", &live, blind, waits),
        row("for too long", &live.clone().later(601), blind, ROLL),
        row("rolled back", &asked, blind, waits),
        row(
            "rolled back, and never seen",
            &asked.later(601),
            blind,
            "find: cannot return auth: it was rolled back, but cannot be seen: call: throttled",
        ),
    ]);
}
