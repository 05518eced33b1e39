//! Taking a deployment up again: time that nobody used does not count, what was stuck is tried again, what is over stays so.

use super::story::{Story, failure, roll_out};
use super::world::{app, plan_of};
use crate::journal::{Act, Cause, Event, Finding, Grounds, Outcome, Record, Side, Stuck};
use crate::operator::Operator;
use crate::ports::{Effect, FailureKind};
use crate::progress::{Illegal, Progress, Standing};

fn resumed() -> Event {
    Event::Resumed {
        by: None,
        operator: Operator::default(),
        fence: 2,
    }
}

fn abandoned() -> Event {
    Event::Abandoned {
        operator: Operator::default(),
    }
}

fn cause() -> Cause {
    Cause::Interrupted {
        signal: "SIGTERM".to_owned(),
    }
}

fn apply(story: &Story, event: Event) -> Result<Progress, Illegal> {
    let record = Record {
        sequence: story.progress.next_sequence(),
        at: story.now,
        deployment: story.plan.deployment.clone(),
        event,
    };
    let progress = story.progress.clone();
    progress.apply(&record).map_err(|illegal| illegal.why)
}

#[test]
fn a_limit_counts_only_time_in_which_somebody_looked() {
    let act = roll_out("auth", Side::New);
    let story = Story::of(plan_of(&app())).intend(act.clone());
    let intended_at = story.now;
    let much_later = story.later(7200);
    let now = much_later.now;
    let taken_up = apply(&much_later, resumed()).unwrap();
    // The record before it was the intent itself: it counts as made just now.
    assert_eq!(taken_up.standing(&act, now), Standing::InDoubt(now));
    assert_eq!(
        much_later.progress.standing(&act, now),
        Standing::InDoubt(intended_at)
    );
}

#[test]
fn a_release_that_nobody_watched_is_watched_again() {
    let story = Story::of(plan_of(&app())).find(Finding::BakeBegan);
    assert!(story.progress.bake_began().is_some());
    assert_eq!(apply(&story, resumed()).unwrap().bake_began(), None);
    let recorded = story.done(Act::RecordRelease);
    assert!(apply(&recorded, resumed()).unwrap().bake_began().is_some());
}

#[test]
fn only_what_is_stuck_can_be_taken_up_after_its_end() {
    let begun = Story::of(plan_of(&app()));
    let gave_up = begun
        .clone()
        .turned_back()
        .intend(roll_out("auth", Side::Old));
    let act = roll_out("auth", Side::Old);
    let denied = Event::Failed {
        act: act.clone(),
        failure: failure(FailureKind::Denied, Effect::None),
    };
    let stuck = gave_up
        .then(denied)
        .find(Finding::CannotReturn {
            service: super::world::name("auth"),
            why: "denied".to_owned(),
            grounds: Grounds::default(),
        })
        .then(Event::Finished {
            outcome: Outcome::Stuck {
                cause: cause(),
                because: Stuck::Schema,
                left: vec![],
            },
        });
    assert!(stuck.progress.is_over());
    let again = apply(&stuck, resumed()).unwrap();
    assert!(!again.is_over() && again.cannot_return().is_empty());
    assert_eq!(again.standing(&act, stuck.now), Standing::Ready);
    assert!(
        again.turned_back().is_some(),
        "it does not turn round again"
    );
    let live = begun.clone().then(Event::Finished {
        outcome: Outcome::Live {
            proofs: vec![],
            unproven: vec![],
        },
    });
    assert_eq!(apply(&live, resumed()), Err(Illegal::AfterTheEnd));
    assert_eq!(
        apply(&begun, abandoned()),
        Err(Illegal::AbandonedAfterBegun)
    );
}

#[test]
fn what_was_abandoned_before_it_began_never_begins() {
    let begun = Story::of(plan_of(&app()));
    let nothing = Story {
        progress: Progress::default(),
        ..begun
    };
    let gone = Story {
        progress: apply(&nothing, abandoned()).unwrap(),
        ..nothing
    };
    assert!(gone.progress.is_over());
    for event in [resumed(), abandoned()] {
        assert_eq!(apply(&gone, event), Err(Illegal::AfterAbandoned));
    }
}
