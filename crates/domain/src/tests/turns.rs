//! Every state of lease, journal and process, beside every command: what happens.

use std::time::Duration;

use super::story::Story;
use super::world::{app, plan_of, start};
use crate::DeploymentId;
use crate::app::{Resume, Takeover};
use crate::journal::{Cause, Event, Finding, Outcome, Record, Stuck as Why};
use crate::lease::{Found, Holder, LEASE_LIVES, Lease, Left, Manner};
use crate::operator::Operator;
use crate::progress::Progress;
use crate::turn::{Claim, Errand, First, Stuck, Unfinished, Unlocks};

fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

/// Its lease, last renewed so long ago.
fn held(age: Duration) -> Found {
    let holder = Holder {
        operator: Operator::default(),
        since: start(),
        deployment: id("d-left"),
        doing: "deploying".to_owned(),
    };
    let lease = Lease::claim(None, holder, Manner::Patient).unwrap();
    Found {
        lease: lease.working_on(id("d-left")),
        age,
    }
}

fn given_back(left: Left) -> Found {
    let found = held(Duration::ZERO);
    Found {
        lease: found.lease.given_back(left),
        ..found
    }
}

#[test]
fn how_a_lease_is_asked_for() {
    use Claim::{Force, Outwait, Respect};
    let second = Duration::from_secs(1);
    let states = [
        ("no lease yet", None),
        ("given back", Some(given_back(Left::Nothing))),
        ("given back half way", Some(given_back(Left::Unfinished))),
        ("its process is at work", Some(held(second))),
        (
            "at its last moment",
            Some(held(LEASE_LIVES - Duration::from_millis(1))),
        ),
        ("its process is gone", Some(held(LEASE_LIVES))),
    ];
    let (named, left) = (id("d-named"), id("d-left"));
    let rows: [(Errand<'_>, [Claim; 6]); 6] = [
        (Errand::Deploy, [Respect; 6]),
        (
            Errand::RollBack,
            [Respect, Respect, Respect, Force(1), Force(1), Respect],
        ),
        (Errand::Resume(None), [Outwait; 6]),
        (Errand::Resume(Some(&named)), [Outwait; 6]),
        // Whether a process is gone says the human: but only of the one that was named.
        (
            Errand::Unlock(&left),
            [Respect, Respect, Respect, Force(1), Force(1), Force(1)],
        ),
        (Errand::Unlock(&named), [Respect; 6]),
    ];
    for (errand, expected) in rows {
        for ((state, found), expected) in states.iter().zip(expected) {
            assert_eq!(
                errand.claim(found.as_ref()),
                expected,
                "{errand:?}: {state}"
            );
        }
    }
}

#[test]
fn whose_lease_is_taken_away() {
    let word = |found: Option<&Found>, named: &str| match Unlocks::of(found, named) {
        Unlocks::Nobodys => "nobody's".to_owned(),
        Unlocks::Anothers(holder) => format!("another's: {}", holder.deployment),
        Unlocks::Theirs(holder) => format!("theirs: {}", holder.deployment),
    };
    let rows = [
        (None, "d-left", "nobody's"),
        (Some(given_back(Left::Nothing)), "d-left", "nobody's"),
        (Some(given_back(Left::Unfinished)), "d-left", "nobody's"),
        (Some(held(Duration::ZERO)), "d-left", "theirs: d-left"),
        // Whether its process is gone says the human.
        (Some(held(LEASE_LIVES)), "d-left", "theirs: d-left"),
        (Some(held(Duration::ZERO)), "d-lef", "another's: d-left"),
        (Some(held(Duration::ZERO)), "d-left2", "another's: d-left"),
        (Some(held(LEASE_LIVES)), "d-other", "another's: d-left"),
    ];
    for (found, named, expected) in rows {
        assert_eq!(word(found.as_ref(), named), expected, "{named}: {found:?}");
    }
}

#[test]
fn what_is_done_first() {
    let word = |first: First| match first {
        First::Nothing => "its own".to_owned(),
        First::GoOn {
            deployment,
            direction,
            stuck,
        } => {
            let whither = match direction {
                None => "as its policy says",
                Some(Resume::Forward) => "forward",
                Some(Resume::Back) => "back",
            };
            let also = match stuck {
                Stuck::Stays => "",
                Stuck::Again => ", also when stuck",
            };
            format!("{deployment} {whither}{also}")
        }
        First::GoOnWithStuck => "the newest, if stuck".to_owned(),
        First::Note(deployment) => format!("note in {deployment}"),
        First::Refuse(deployment) => format!("refused: {deployment}"),
    };
    let left = |takeover| {
        Some(Unfinished {
            deployment: id("d-left"),
            takeover,
        })
    };
    let (same, other) = (id("d-left"), id("d-other"));
    // Nothing unfinished; unfinished where its policy takes it over; unfinished where its policy refuses that.
    let rows: [(Errand<'_>, [&str; 3]); 6] = [
        (
            Errand::Deploy,
            ["its own", "d-left as its policy says", "refused: d-left"],
        ),
        // A policy about deployments of others keeps nobody from going back.
        (Errand::RollBack, ["its own", "d-left back", "d-left back"]),
        (
            Errand::Resume(None),
            [
                "the newest, if stuck",
                "d-left as its policy says, also when stuck",
                "d-left as its policy says, also when stuck",
            ],
        ),
        (
            Errand::Resume(Some(&same)),
            ["d-left as its policy says, also when stuck"; 3],
        ),
        (
            Errand::Resume(Some(&other)),
            [
                "d-other as its policy says, also when stuck",
                "refused: d-left",
                "refused: d-left",
            ],
        ),
        (
            Errand::Unlock(&same),
            ["its own", "note in d-left", "note in d-left"],
        ),
    ];
    for (errand, expected) in rows {
        let states = [None, left(Takeover::Resume), left(Takeover::Refuse)];
        for (state, expected) in states.into_iter().zip(expected) {
            let situation = format!("{errand:?}: {state:?}");
            assert_eq!(word(errand.first(state)), expected, "{situation}");
        }
    }
}

#[test]
fn what_is_taken_up_again() {
    let begun = Story::of(plan_of(&app()));
    let signal = "SIGTERM".to_owned();
    let cause = Cause::Interrupted { signal };
    let back = begun.clone().find(Finding::TurnedBack {
        cause: cause.clone(),
    });
    let ended = |from: &Story, outcome| {
        let end = Event::Finished { outcome };
        from.clone().then(end).progress
    };
    let stuck = Outcome::Stuck {
        cause: cause.clone(),
        because: Why::Schema,
        left: vec![],
    };
    let live = Outcome::Live {
        proofs: vec![],
        unproven: vec![],
    };
    let rolled_back = Outcome::RolledBack {
        cause,
        proofs: vec![],
        schema: None,
    };
    let abandoned = Progress::default().apply(&Record {
        sequence: 0,
        at: start(),
        deployment: id("d-left"),
        event: Event::Abandoned {
            operator: Operator::default(),
        },
    });
    let rows = [
        ("begun", begun.progress.clone(), [false, false]),
        ("on its way back", back.progress.clone(), [false, false]),
        ("stuck", ended(&back, stuck), [true, false]),
        ("live", ended(&begun, live), [true, true]),
        ("rolled back", ended(&back, rolled_back), [true, true]),
        ("abandoned", abandoned.unwrap(), [true, true]),
    ];
    for (state, progress, expected) in rows {
        let found = [Stuck::Stays, Stuck::Again].map(|stuck| stuck.settled(&progress));
        assert_eq!(found, expected, "{state}");
    }
}
