//! Progress: every illegal record, and what a fold makes of prefixes.

use super::story::{Story, failure, roll_out};
use super::world::{app, name, plan_of, whole_app};
use crate::DeploymentId;
use crate::decide::{decide, phase};
use crate::journal::{Act, Cause, Event, Finding, Gave, Job, Outcome, Record, Side, Stuck};
use crate::observation::JobState;
use crate::ports::{Effect, FailureKind};
use crate::progress::Progress;
use crate::verdict::Component;
use crate::watch::watch;

fn cause() -> Cause {
    Cause::CheckFailed {
        name: "login".to_owned(),
        seen: "500".to_owned(),
    }
}

fn refused(story: &Story, event: Event) -> String {
    let record = Record {
        sequence: story.progress.next_sequence(),
        at: story.now,
        deployment: story.plan.deployment.clone(),
        event,
    };
    match story.progress.clone().apply(&record) {
        Ok(_) => "legal".to_owned(),
        Err(illegal) => illegal.why.to_string(),
    }
}

#[test]
fn illegal_events() {
    let begun = Story::of(plan_of(&app()));
    let nothing = Story {
        progress: Progress::default(),
        ..begun.clone()
    };
    let act = || roll_out("auth", Side::New);
    let done = || Event::Done {
        act: act(),
        gave: Gave::Nothing,
    };
    let failed = || Event::Failed {
        act: act(),
        failure: failure(FailureKind::Denied, Effect::None),
    };
    let intended = || Event::Intended { act: act() };
    let turned = || Event::Found {
        finding: Finding::TurnedBack { cause: cause() },
    };
    let no_effect = || Event::Found {
        finding: Finding::NoEffect { act: act() },
    };
    let started = || Event::Started {
        plan: Box::new(begun.plan.clone()),
        by: None,
        operator: crate::operator::Operator::default(),
        why: crate::operator::Why::default(),
    };
    let finished = |outcome| Event::Finished { outcome };
    let live = || Outcome::Live {
        proofs: vec![],
        unproven: vec![],
    };
    let rolled_back = || Outcome::RolledBack {
        cause: cause(),
        proofs: vec![],
        schema: None,
    };
    let stuck = || Outcome::Stuck {
        cause: cause(),
        because: Stuck::Schema,
        left: vec![],
    };
    let in_flight = begun.clone().intend(act());
    let over = begun.clone().begun("auth");
    let back = begun.clone().turned_back();
    let ended = begun.clone().then(finished(stuck()));
    let rows = [
        (
            "before the start",
            &nothing,
            intended(),
            "the deployment has not begun",
        ),
        (
            "twice begun",
            &begun,
            started(),
            "the deployment has begun already",
        ),
        (
            "done, never intended",
            &begun,
            done(),
            "an act ends that was never intended",
        ),
        (
            "failed, never intended",
            &begun,
            failed(),
            "an act ends that was never intended",
        ),
        (
            "no effect, never intended",
            &begun,
            no_effect(),
            "an act had no effect that was never intended",
        ),
        (
            "done twice",
            &over,
            done(),
            "an act ends that has ended already",
        ),
        (
            "failed after done",
            &over,
            failed(),
            "an act ends that has ended already",
        ),
        (
            "intended after done",
            &over,
            intended(),
            "an act is intended again that is done",
        ),
        (
            "turned back twice",
            &back,
            turned(),
            "it has turned back already",
        ),
        (
            "live on the way back",
            &back,
            finished(live()),
            "it is live although it turned back",
        ),
        (
            "rolled back without turning back",
            &begun,
            finished(rolled_back()),
            "it is rolled back but never turned back",
        ),
        (
            "anything after the end",
            &ended,
            intended(),
            "the deployment has ended",
        ),
        (
            "intended again after a crash",
            &in_flight,
            intended(),
            "legal",
        ),
        ("done after the intent", &in_flight, done(), "legal"),
        ("failed after the intent", &in_flight, failed(), "legal"),
        (
            "no effect after the intent",
            &in_flight,
            no_effect(),
            "legal",
        ),
        ("live", &begun, finished(live()), "legal"),
        ("rolled back", &back, finished(rolled_back()), "legal"),
        ("stuck on the way", &begun, finished(stuck()), "legal"),
        ("stuck on the way back", &back, finished(stuck()), "legal"),
    ];
    for (situation, story, event, expected) in rows {
        assert_eq!(refused(story, event), expected, "{situation}");
    }
}

#[test]
fn records_come_without_gaps_and_of_one_deployment() {
    let story = Story::of(plan_of(&app()));
    let record = |sequence, deployment: &str| Record {
        sequence,
        at: story.now,
        deployment: DeploymentId::parse(deployment).unwrap(),
        event: Event::Found {
            finding: Finding::BakeBegan,
        },
    };
    let apply = |record| {
        story
            .progress
            .clone()
            .apply(&record)
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    assert_eq!(apply(record(1, "d-test")), Ok(()));
    let gap = "record 2 cannot follow: its sequence number is not the next one";
    assert_eq!(apply(record(2, "d-test")), Err(gap.to_owned()));
    let foreign = "record 1 cannot follow: it belongs to another deployment";
    assert_eq!(apply(record(1, "d-other")), Err(foreign.to_owned()));
}

#[test]
fn what_an_attempt_left_behind_is_not_forgotten() {
    let point = || Act::Point {
        frontend: Default::default(),
        side: Side::New,
    };
    let begun = Story::of(plan_of(&app()));
    let denied = |story: Story| story.failed(point(), FailureKind::Denied, Effect::None);
    let half = |story: Story| story.failed(point(), FailureKind::Unavailable, Effect::Applied);
    let may = |story: Story| story.progress.may_have_done(&point());
    assert!(!may(begun.clone()));
    assert!(!may(denied(begun.clone())));
    assert!(may(half(begun.clone())));
    assert!(may(denied(half(begun.clone()))));
    assert!(
        may(denied(begun.clone().intend(point()))),
        "a crash may have left traces"
    );
    assert!(!may(denied(
        begun
            .clone()
            .intend(point())
            .find(Finding::NoEffect { act: point() })
    )));
}

/// A deployment in which everything happens, and a rollback of it.
fn long_story() -> Story {
    let forward = Story::of(plan_of(&whole_app()))
        .all_live()
        .find(Finding::CheckFailed {
            name: "login".to_owned(),
            seen: "500".to_owned(),
        })
        .later(10)
        .find(Finding::ChecksPassed)
        .failed(
            Act::Point {
                frontend: Default::default(),
                side: Side::New,
            },
            FailureKind::Unavailable,
            Effect::Applied,
        )
        .later(2)
        .done(Act::Point {
            frontend: Default::default(),
            side: Side::New,
        })
        .done(Act::Invalidate {
            frontend: Default::default(),
            side: Side::New,
        })
        .find(Finding::Invalidated {
            frontend: Default::default(),
            side: Side::New,
        })
        .proven(Component::Frontend(Default::default()), Side::New)
        .find(Finding::BakeBegan)
        .turned_back()
        .done(Act::Point {
            frontend: Default::default(),
            side: Side::Old,
        })
        .done(Act::Invalidate {
            frontend: Default::default(),
            side: Side::Old,
        })
        .find(Finding::Invalidated {
            frontend: Default::default(),
            side: Side::Old,
        })
        .proven(Component::Frontend(Default::default()), Side::Old);
    let back = ["catalog", "proxy", "auth"]
        .into_iter()
        .fold(forward, |story, text| {
            story.done(roll_out(text, Side::Old)).home(text)
        });
    let outcome = Outcome::RolledBack {
        cause: cause(),
        proofs: vec![],
        schema: None,
    };
    back.then(Event::Finished { outcome })
}

#[test]
fn every_prefix_leads_to_a_decision() {
    let story = long_story();
    for length in 0..=story.records.len() {
        let mut now = story.now;
        let mut prefix = Story {
            progress: Progress::default(),
            records: vec![],
            ..story.clone()
        };
        for record in &story.records[..length] {
            prefix.progress = prefix.progress.apply(record).unwrap();
            now = record.at;
        }
        prefix.now = now;
        let _ = (
            phase(&prefix.plan, &prefix.progress),
            watch(&prefix.plan, &prefix.progress, now),
        );
        let _ = decide(&prefix.plan, &prefix.progress, &prefix.look(), now);
    }
}

#[test]
fn records_in_any_order_are_refused_or_lead_to_a_decision() {
    let story = long_story();
    // Small and deterministic: every record dropped once, and every neighbouring pair swapped once.
    let count = story.records.len();
    let dropped = (1..count).map(|gone| (1..count).filter(|i| *i != gone).collect::<Vec<_>>());
    let swapped = (1..count - 1).map(|at| {
        let mut order: Vec<usize> = (1..count).collect();
        order.swap(at - 1, at);
        order
    });
    for order in dropped.chain(swapped) {
        let mut changed = Story::of(story.plan.clone());
        for at in order {
            let record = Record {
                sequence: changed.progress.next_sequence(),
                ..story.records[at].clone()
            };
            if let Ok(progress) = changed.progress.clone().apply(&record) {
                changed.progress = progress;
                changed.now = record.at;
                let _ = changed.decide(&changed.look());
            }
        }
    }
}

#[test]
fn the_revision_is_the_first_word_of_the_last_line() {
    let read = |log: &[&str]| {
        let story =
            Story::of(plan_of(&whole_app())).job(Job::RevisionBefore, JobState::Exited(0), log);
        let reading = crate::decide::reading(&story.progress, Job::RevisionBefore);
        reading.map(|revision| revision.to_string())
    };
    assert_eq!(
        read(&["INFO context", "9c1 (head)", "  "]).as_deref(),
        Some("9c1")
    );
    assert_eq!(read(&[]).as_deref(), Some("empty"));
    assert_eq!(read(&["9c1", "7aa"]), None);
    assert!(
        !Story::of(plan_of(&app()))
            .progress
            .proven(Side::New, &Component::Service(name("auth")))
    );
}

/// What is the same is one situation, however many lines say it; what differs is another.
#[test]
fn the_same_situation_has_the_same_hash() {
    use crate::reason::Reason;
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let hash =
        |story: &Story| BuildHasherDefault::<DefaultHasher>::default().hash_one(&story.progress);
    let begun = Story::of(plan_of(&app()));
    let waited = begun.clone().then(Event::Waiting {
        reason: Reason::FirstLook,
    });
    let found = |story: &Story| story.clone().find(Finding::ChecksPassed);
    assert_ne!(
        waited.progress.next_sequence(),
        begun.progress.next_sequence()
    );
    assert_eq!(hash(&found(&waited)), hash(&found(&begun)));
    let others = [
        begun.clone(),
        waited,
        found(&begun),
        begun.clone().later(1).find(Finding::ChecksPassed),
        begun.clone().begun("auth"),
        begun.clone().intend(roll_out("auth", Side::New)),
        begun.clone().find(Finding::BakeBegan),
        begun.clone().find(Finding::Undone),
        begun.clone().turned_back(),
        begun
            .clone()
            .proven(Component::Frontend(Default::default()), Side::New),
        begun.clone().cannot_return("auth"),
    ];
    let hashes: std::collections::BTreeSet<u64> = others.iter().map(hash).collect();
    assert_eq!(hashes.len(), others.len());
    let progress = &begun.progress;
    assert_eq!(progress.started_at(), Some(begun.now));
    assert_eq!(progress.deployment(), Some(&begun.plan.deployment));
}
