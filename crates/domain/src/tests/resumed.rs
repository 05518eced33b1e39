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

/// Time in which a process had trouble of its own counts once, whoever goes on after it.
#[test]
fn the_absence_before_it_was_taken_up_counts_once() {
    let act = roll_out("auth", Side::New);
    let story = Story::of(plan_of(&app())).intend(act.clone());
    let failure = failure(FailureKind::Unauthenticated, Effect::None);
    let reason = crate::reason::Reason::Unauthenticated { failure };
    let away = story.later(100).then(Event::Waiting { reason });
    let back = away.later(3600);
    let taken_up = apply(&back, resumed()).unwrap();
    let since = crate::progress::after(super::world::start(), std::time::Duration::from_secs(3600));
    assert_eq!(taken_up.standing(&act, back.now), Standing::InDoubt(since));
}

/// What a human says is gone is tried again; what is known of the world is not forgotten.
#[test]
fn what_is_tried_again_after_a_human_came() {
    use crate::journal::Job;
    use crate::observation::JobState;
    let service = |of: &str| roll_out(of, Side::New);
    let lost = |story: Story, of: &str| {
        story.failed(service(of), FailureKind::Unavailable, Effect::Unknown)
    };
    let refused = |story: Story, of: &str, kind: FailureKind| {
        story.later(1).failed(service(of), kind, Effect::None)
    };
    let story = Story::of(plan_of(&app())).turned_back();
    let story = refused(story, "auth", FailureKind::Denied);
    let story = refused(lost(story, "catalog"), "catalog", FailureKind::Denied);
    let story = refused(lost(story, "proxy"), "proxy", FailureKind::Throttled);
    let page = crate::journal::Act::Point {
        frontend: Default::default(),
        side: Side::New,
    };
    let story = story.failed(page.clone(), FailureKind::Unavailable, Effect::Unknown);
    let story = story.job(Job::RevisionBefore, JobState::Exited(0), &["r1"]);
    let story = story.job(Job::Up, JobState::Running, &[]);
    let stop = Act::StopJob { job: Job::Up };
    let story = story.done(stop.clone());
    let stuck = story.then(Event::Finished {
        outcome: Outcome::Stuck {
            cause: cause(),
            because: Stuck::Schema,
            left: vec![],
        },
    });
    let again = apply(&stuck, resumed()).unwrap();
    let now = stuck.now;
    assert_eq!(again.standing(&service("auth"), now), Standing::Ready);
    assert!(!again.may_have_done(&service("auth")), "it was never done");
    let doubt = |act: &Act| matches!(again.standing(act, now), Standing::InDoubt(_));
    assert!(doubt(&service("catalog")), "refused, but once it was lost");
    assert!(doubt(&page), "the answer to it was lost");
    let passing = again.standing(&service("proxy"), now);
    assert!(matches!(passing, Standing::Later(..)), "{passing:?}");
    assert_eq!(again.tried(&stop), None, "it is asked to stop again");
    assert_eq!(again.job_end(Job::Up), None, "and looked at again");
    assert!(again.job_end(Job::RevisionBefore).is_some());
    assert!(again.task(Job::Up).is_some());
}
