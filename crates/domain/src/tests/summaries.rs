//! Deployments in a few words.

use jiff::{SignedDuration, Timestamp};

use super::world::{app, plan_of, start};
use crate::DeploymentId;
use crate::journal::{Cause, Event, Outcome, Record, Stuck};
use crate::operator::{Operator, Why};
use crate::ports::Caller;
use crate::summary::{End, Summary};

fn record(sequence: u64, event: Event) -> Record {
    let at: Timestamp = start() + SignedDuration::from_secs(i64::try_from(sequence).unwrap() * 100);
    Record {
        sequence,
        at,
        deployment: DeploymentId::parse("d-test").unwrap(),
        event,
    }
}

fn actor(name: &str) -> Operator {
    Operator {
        actor: Some(name.to_owned()),
        ..Operator::default()
    }
}

fn started() -> Event {
    Event::Started {
        plan: Box::new(plan_of(&app())),
        by: Some(Caller {
            account: "1".to_owned(),
            principal: "role/deploy".to_owned(),
        }),
        operator: actor("ann"),
        why: Why {
            reason: Some("because".to_owned()),
            ..Why::default()
        },
    }
}

fn cause() -> Cause {
    Cause::Interrupted {
        signal: "SIGTERM".to_owned(),
    }
}

fn stuck() -> Event {
    Event::Finished {
        outcome: Outcome::Stuck {
            cause: cause(),
            because: Stuck::Schema,
            left: vec![],
        },
    }
}

fn unlocked() -> Event {
    Event::Unlocked {
        operator: actor("bob"),
        reason: None,
    }
}

#[test]
fn the_last_record_says_how_it_ended() {
    let (cause, because) = (cause(), Stuck::Schema);
    let rows = [
        (
            Event::Finished {
                outcome: Outcome::Live {
                    proofs: vec![],
                    unproven: vec![],
                },
            },
            End::Live,
        ),
        (
            Event::Finished {
                outcome: Outcome::RolledBack {
                    cause: cause.clone(),
                    proofs: vec![],
                    schema: None,
                },
            },
            End::RolledBack {
                cause: cause.clone(),
            },
        ),
        (stuck(), End::Stuck { cause, because }),
        (unlocked(), End::Unfinished),
        (started(), End::Unfinished),
    ];
    for (last, end) in rows {
        let summary = Summary::of(&record(0, started()), &record(3, last)).unwrap();
        assert_eq!(summary.end, end);
        assert_eq!(summary.took(), SignedDuration::from_secs(300));
    }
}

#[test]
fn the_first_record_says_who_why_and_where() {
    let summary = Summary::of(&record(0, started()), &record(0, started())).unwrap();
    let course = summary.course.unwrap();
    assert_eq!(course.before.unwrap().version.as_str(), "old");
    assert_eq!(course.version.as_str(), "new");
    assert_eq!(summary.by.unwrap().principal, "role/deploy");
    assert_eq!(summary.operator, actor("ann"));
    assert_eq!(summary.why.reason.as_deref(), Some("because"));
}

#[test]
fn one_that_never_began_goes_nowhere() {
    let abandoned = record(
        0,
        Event::Abandoned {
            operator: actor("bob"),
        },
    );
    let summary = Summary::of(&abandoned, &abandoned).unwrap();
    assert_eq!((summary.course, summary.end), (None, End::Abandoned));
    assert_eq!(summary.operator, actor("bob"));
}

#[test]
fn what_begins_otherwise_is_no_journal() {
    assert_eq!(
        Summary::of(&record(0, unlocked()), &record(1, stuck())),
        None
    );
    assert_eq!(Summary::of_all(&[]), None);
}

#[test]
fn a_lease_taken_away_afterwards_changes_nothing() {
    let records = [
        record(0, started()),
        record(1, stuck()),
        record(2, unlocked()),
    ];
    let summary = Summary::of_all(&records).unwrap();
    assert!(matches!(summary.end, End::Stuck { .. }));
    assert_eq!(summary.took(), SignedDuration::from_secs(100));
}
