//! Journals over every store: what is acknowledged is there, in order, and nobody writes behind somebody else's back.

use backstay_adapters::state::journal::{
    self, JournalError, Matching, Problem, StoreJournal, audit, find_by_prefix, heads, list, read,
};
use backstay_adapters::state::{AnyStore, Store as _};
use backstay_domain::journal::{Event, Outcome, Record};
use backstay_domain::operator::Operator;
use backstay_domain::ports::{Effect, FailureKind, Journal as _};

use crate::places::{Place, in_every_place, paused};
use crate::records::{deployment, id, note, of};

async fn written(store: &AnyStore, records: &[Record]) {
    let journal = StoreJournal::create(store.clone(), 1, &records[0].deployment)
        .await
        .unwrap();
    for record in records {
        journal.append(record).await.unwrap();
    }
}

#[test]
fn records_come_back_and_go_on() {
    in_every_place(async |place| {
        let (records, cut) = (deployment(), deployment().len() / 2);
        let id = &records[0].deployment;
        let store = place.store();
        written(&store, &records[..cut]).await;
        let (journal, found) = StoreJournal::open(place.store(), 2, id).await.unwrap();
        assert_eq!(found, records[..cut], "{}", place.name);
        for record in &records[cut..] {
            journal.append(record).await.unwrap();
        }
        assert_eq!(read(&store, id).await.unwrap(), records);
        let ends = heads(&store, id).await.unwrap();
        assert_eq!(
            (&ends.first, Some(&ends.last)),
            (&records[0], records.last())
        );
        assert_eq!(ends.count, records.len() as u64);
        let audit = audit(&store, id).await.unwrap();
        assert_eq!(audit.problems, []);
        assert_eq!(
            audit.ended_with,
            Some(records.len() as u64),
            "its end is noted"
        );
        let again = StoreJournal::create(store.clone(), 3, id)
            .await
            .unwrap_err();
        assert_eq!(again, JournalError::Exists(id.clone()));
    });
}

#[test]
fn no_gap_no_repetition_and_nobody_elses_record() {
    in_every_place(async |place| {
        let id = id("d-1234");
        let journal = StoreJournal::create(place.store(), 1, &id).await.unwrap();
        journal.append(&note(&id, 0)).await.unwrap();
        for wrong in [
            note(&id, 0),
            note(&id, 2),
            note(&crate::records::id("d-other"), 1),
        ] {
            let failure = journal.append(&wrong).await.unwrap_err();
            assert_eq!(
                (failure.kind, failure.effect),
                (FailureKind::Rejected, Effect::None)
            );
        }
        journal.append(&note(&id, 1)).await.unwrap();
    });
}

#[test]
fn who_was_overtaken_is_told_by_which_fence() {
    in_every_place(async |place| {
        let id = id("d-1234");
        let old = StoreJournal::create(place.store(), 7, &id).await.unwrap();
        old.append(&note(&id, 0)).await.unwrap();
        let (new, records) = StoreJournal::open(place.store(), 8, &id).await.unwrap();
        assert_eq!(records.len(), 1);
        new.append(&note(&id, 1)).await.unwrap();
        let failure = old.append(&note(&id, 1)).await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.effect),
            (FailureKind::Conflict, Effect::None)
        );
        assert!(
            failure.message.ends_with("over (fence 8)"),
            "{}: {failure}",
            place.name
        );
        let late = StoreJournal::open(place.store(), 7, &id).await.unwrap_err();
        let JournalError::Port(failure) = late else {
            panic!("{late}")
        };
        assert_eq!(failure.kind, FailureKind::Conflict);
        assert_eq!(read(&place.store(), &id).await.unwrap().len(), 2);
    });
}

#[test]
fn a_deployment_is_found_by_the_beginning_of_its_id() {
    in_every_place(async |place| {
        let store = place.store();
        assert_eq!(list(&store).await.unwrap(), []);
        let mut early = note(&id("d-zzzz"), 0);
        early.at = "2025-01-01T00:00:00Z".parse().unwrap();
        let records = [
            note(&id("d-abcd"), 0),
            note(&id("d-abce"), 0),
            early,
            note(&id("d-abcd2"), 0),
        ];
        for record in &records {
            written(&store, std::slice::from_ref(record)).await;
        }
        let order = ["d-zzzz", "d-abcd", "d-abcd2", "d-abce"].map(id);
        assert_eq!(
            list(&store).await.unwrap(),
            order,
            "{}: newest last",
            place.name
        );
        let history = journal::history(&store).await.unwrap();
        assert!(
            history
                .iter()
                .all(|(id, heads)| heads.as_ref().unwrap().last.deployment == *id)
        );
        let rows = [
            ("d-z", Matching::One(id("d-zzzz"))),
            ("z", Matching::One(id("d-zzzz"))),
            ("d-abcd", Matching::One(id("d-abcd"))),
            (
                "abc",
                Matching::Ambiguous(["d-abcd", "d-abcd2", "d-abce"].map(id).to_vec()),
            ),
            ("q", Matching::None),
        ];
        for (text, expected) in rows {
            assert_eq!(
                find_by_prefix(&store, text).await.unwrap(),
                expected,
                "{text}"
            );
        }
        let missing = read(&store, &id("d-none")).await.unwrap_err();
        assert_eq!(missing, JournalError::Missing(id("d-none")));
        let audit = audit(&store, &id("d-none")).await.unwrap();
        assert_eq!(audit.problems, [Problem::Absent]);
    });
}

#[test]
fn a_deployment_that_was_stuck_goes_on_after_its_end() {
    let records = of("breaking-migration-without-a-way-down");
    let ended = &records.last().unwrap().event;
    assert!(matches!(
        ended,
        Event::Finished {
            outcome: Outcome::Stuck { .. }
        }
    ));
    let id = &records[0].deployment;
    paused(async {
        let store = AnyStore::memory();
        written(&store, &records).await;
        let (journal, _) = StoreJournal::open(store.clone(), 2, id).await.unwrap();
        let next = Record {
            sequence: records.len() as u64,
            event: Event::Resumed {
                by: None,
                operator: Operator::default(),
                fence: 2,
            },
            ..note(id, 0)
        };
        journal.append(&next).await.unwrap();
        let audit = audit(&store, id).await.unwrap();
        assert_eq!(
            audit.problems,
            [],
            "what was noted at its end is still there"
        );
        assert_eq!(audit.ended_with, Some(records.len() as u64));
        assert!(StoreJournal::open(store, 3, id).await.is_ok());
    });
}

#[test]
fn a_failure_without_effect_can_be_tried_again_and_one_without_answer_cannot() {
    paused(async {
        let place = Place::simulated();
        let id = id("d-1234");
        let journal = StoreJournal::create(place.store(), 1, &id).await.unwrap();
        let fault = |fault, count| backstay_simulator::Fault::Call {
            operation: "s3.PutObject".to_owned(),
            containing: None,
            skip: 0,
            count,
            fault,
        };
        let deny = fault(backstay_simulator::CallFault::Deny, 1);
        place.cloud().with_world(|world| world.add_fault(deny));
        let denied = journal.append(&note(&id, 0)).await.unwrap_err();
        assert_eq!(
            (denied.kind, denied.effect),
            (FailureKind::Denied, Effect::None)
        );
        journal.append(&note(&id, 0)).await.unwrap();
        let reset = fault(backstay_simulator::CallFault::ConnectionReset, u32::MAX);
        place.cloud().with_world(|world| world.add_fault(reset));
        let unknown = journal.append(&note(&id, 1)).await.unwrap_err();
        assert_eq!(
            (unknown.kind, unknown.effect),
            (FailureKind::Unavailable, Effect::Unknown)
        );
        place.cloud().with_world(|world| world.clear_faults());
        assert!(
            journal.append(&note(&id, 1)).await.is_err(),
            "it may be there already"
        );
        let (journal, records) = StoreJournal::open(place.store(), 1, &id).await.unwrap();
        journal
            .append(&note(&id, records.len() as u64))
            .await
            .unwrap();
        assert_eq!(
            place
                .store()
                .lines("journal/d-1234")
                .await
                .unwrap()
                .lines
                .len(),
            2
        );
    });
}
