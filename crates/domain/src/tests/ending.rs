//! How the way back ends: what left and returns, what stays, and how long all of it may take.

use super::returning::alone;
use super::story::{Story, check, roll_out, row, service, unseen, well, without_proxy};
use super::world::{definition_ref, name, plan_of};
use crate::journal::{Finding, Side};
use crate::observation::{Observation, Seen};
use crate::ports::{Effect, FailureKind};

#[test]
fn a_service_that_left_returns() {
    let live = without_proxy();
    let left = live
        .clone()
        .done(roll_out("proxy", Side::New))
        .turned_back();
    let lost = live
        .failed(
            roll_out("proxy", Side::New),
            FailureKind::Unavailable,
            Effect::Unknown,
        )
        .turned_back();
    let asked = left.clone().done(roll_out("proxy", Side::Old));
    let none = |seen: &mut Observation| {
        service("proxy", |v| (v.desired, v.running) = (0, 0))(seen);
        if let Some(Seen::Known(v)) = seen.tasks.get_mut(&name("proxy")) {
            v.desired = 0;
            v.tasks.clear();
        }
    };
    check(vec![
        row("it left", &left, none, "act: roll proxy back"),
        row(
            "it may have left, and its last task is gone",
            &lost.clone().later(60),
            none,
            "act: roll proxy back",
        ),
        row(
            "it may leave still",
            &lost.clone().later(60),
            well,
            "wait 5s: the answer to `roll out proxy` was lost; looking whether it took effect",
        ),
        row(
            "it did not leave in time: its number is named again all the same",
            &lost.clone().later(96),
            well,
            "act: roll proxy back",
        ),
        row(
            "asked: a look from before proves nothing",
            &asked,
            none,
            "wait 5s: proxy returning to the previous release",
        ),
        row("asked: back", &asked, well, "find: ended proxy old"),
        row(
            "somebody else deployed it",
            &left,
            service("proxy", |v| {
                v.primary_definition = definition_ref("proxy:7")
            }),
            "find: left alone proxy: proxy:7",
        ),
    ]);
}

#[test]
fn how_it_ends() {
    let story = Story::of(plan_of(&alone())).turned_back();
    check(vec![
        row(
            "proven",
            &story.clone().home("auth"),
            well,
            "finish: rolled back, 1 proofs: check `login` failed: 500",
        ),
        row(
            "it cannot return",
            &story.clone().cannot_return("auth"),
            well,
            "finish: stuck: auth cannot return to its previous release: it does not",
        ),
        row(
            "left alone",
            &story.clone().find(Finding::LeftAlone {
                service: name("auth"),
                runs: definition_ref("auth:7"),
            }),
            well,
            "finish: stuck: auth run what somebody else deployed meanwhile",
        ),
    ]);
}

/// However short the services' own limits are, everything together has ten minutes to be proven.
#[test]
fn all_proofs_together_have_ten_minutes_at_least() {
    let mut plan = plan_of(&alone());
    let auth = plan.services.get_mut(&name("auth")).unwrap();
    auth.timeout = std::time::Duration::from_secs(30);
    let undone = Story::of(plan).turned_back().find(Finding::Undone);
    let blind = |seen: &mut Observation| {
        seen.tasks.insert(name("auth"), unseen());
    };
    let found = |seconds: u64| row("", &undone.clone().later(seconds), blind, "").found;
    assert!(
        found(600).starts_with("wait 5s: auth: not proven yet"),
        "{}",
        found(600)
    );
    assert!(
        found(601).starts_with("find: unproven auth"),
        "{}",
        found(601)
    );
}
