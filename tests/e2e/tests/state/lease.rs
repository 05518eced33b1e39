//! The lease over every store: one holder, until it is given back or has expired; and who lost it does nothing more.

use std::time::Duration;

use backstay_adapters::state::journal::{StoreJournal, read};
use backstay_adapters::state::lease::{LeaseError, LeaseKeeper};
use backstay_domain::journal::{Act, Event};
use backstay_domain::lease::{LEASE_LIVES, Left, Manner};
use backstay_domain::ports::{Effect, FailureKind, Journal as _};
use backstay_simulator::{CallFault, Fault};

use crate::places::{Place, in_every_place, paused};
use crate::records::{holder, id, note};

#[test]
fn one_at_a_time_and_each_with_a_greater_fence() {
    in_every_place(async |place| {
        let keeper = LeaseKeeper::new(place.store());
        assert_eq!(keeper.look().await.unwrap(), None);
        let held = keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        assert_eq!((held.fence(), held.found()), (1, None));
        let other = LeaseKeeper::new(place.store());
        let refused = other
            .acquire(holder("bob"), Manner::Patient)
            .await
            .unwrap_err();
        let LeaseError::Held(by) = refused else {
            panic!("{refused}")
        };
        assert_eq!(
            by.holder.operator.actor.as_deref(),
            Some("ana"),
            "{}",
            place.name
        );
        held.begin(&id("d-1234")).await.unwrap();
        held.doing("proving").await.unwrap();
        let found = other.look().await.unwrap().unwrap().lease;
        assert_eq!(found.deployment, Some(id("d-1234")));
        assert_eq!(found.holder.unwrap().doing, "proving");
        held.release(Left::Unfinished).await.unwrap();
        assert!(
            held.renew().await.is_err() && held.ensure().await.is_err(),
            "it was given back"
        );
        let next = other.acquire(holder("bob"), Manner::Patient).await.unwrap();
        assert_eq!((next.fence(), next.found()), (2, Some(&id("d-1234"))));
        next.release(Left::Nothing).await.unwrap();
        let last = keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        assert_eq!((last.fence(), last.found()), (3, None), "{}", place.name);
    });
}

#[test]
fn an_expired_lease_is_taken_over_and_its_holder_does_nothing_more() {
    in_every_place(async |place| {
        if place.name == "endpoint" {
            return; // A minute of real time.
        }
        let keeper = LeaseKeeper::new(place.store());
        let old = keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        old.begin(&id("d-1234")).await.unwrap();
        let journal = old.journal(
            StoreJournal::create(place.store(), old.fence(), &id("d-1234"))
                .await
                .unwrap(),
        );
        journal.append(&note(&id("d-1234"), 0)).await.unwrap();
        place
            .let_age("lease", LEASE_LIVES - Duration::from_secs(5))
            .await;
        assert!(matches!(
            keeper.acquire(holder("bob"), Manner::Patient).await,
            Err(LeaseError::Held(_))
        ));
        place.let_age("lease", Duration::from_secs(7)).await;
        let new = keeper
            .acquire(holder("bob"), Manner::Patient)
            .await
            .unwrap();
        assert_eq!(
            (new.fence(), new.found()),
            (2, Some(&id("d-1234"))),
            "{}",
            place.name
        );
        let (taken, records) = StoreJournal::open(place.store(), new.fence(), &id("d-1234"))
            .await
            .unwrap();
        new.journal(taken)
            .append(&note(&id("d-1234"), records.len() as u64))
            .await
            .unwrap();
        let failure = journal.append(&note(&id("d-1234"), 1)).await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.effect),
            (FailureKind::Conflict, Effect::None),
            "{failure}"
        );
        let LeaseError::Lost(lost) = old.renew().await.unwrap_err() else {
            panic!("not lost")
        };
        assert!(lost.to_string().contains("bob has taken it"), "{lost}");
        assert!(old.ensure().await.is_err() && old.release(Left::Nothing).await.is_err());
        assert_eq!(read(&place.store(), &id("d-1234")).await.unwrap().len(), 2);
    });
}

#[test]
fn a_lease_is_taken_by_force() {
    in_every_place(async |place| {
        let keeper = LeaseKeeper::new(place.store());
        let old = keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        let new = keeper
            .acquire(holder("bob"), Manner::Forced { from: 1 })
            .await
            .unwrap();
        assert_eq!(new.fence(), 2);
        assert!(
            matches!(old.renew().await, Err(LeaseError::Lost(_))),
            "{}",
            place.name
        );
        assert!(old.lost().is_some());
        new.renew().await.unwrap();
    });
}

#[test]
fn a_heartbeat_keeps_it_for_hours_and_says_when_it_is_lost() {
    paused(async {
        for place in [Place::memory(), Place::simulated()] {
            let keeper = LeaseKeeper::new(place.store());
            let held = keeper
                .acquire(holder("ana"), Manner::Patient)
                .await
                .unwrap();
            let two_hours = Duration::from_secs(7200);
            held.while_alive(tokio::time::sleep(two_hours)).await;
            let age = keeper.look().await.unwrap().unwrap().age;
            assert!(age <= LEASE_LIVES / 3, "{}: {age:?}", place.name);
            let other = keeper
                .acquire(holder("bob"), Manner::Forced { from: 1 })
                .await
                .unwrap();
            let lost = tokio::time::timeout(LEASE_LIVES / 2, held.keep_alive())
                .await
                .unwrap();
            assert_eq!((lost.fence, lost.now.unwrap().fence), (1, other.fence()));
            // Work goes on to its own end.
            assert_eq!(held.while_alive(async { 5 }).await, 5);
        }
    });
}

fn outage(place: &Place, count: u32) {
    place.cloud().with_world(|world| {
        world.add_fault(Fault::Call {
            operation: "s3.*".to_owned(),
            containing: None,
            skip: 0,
            count,
            fault: CallFault::ServerError,
        })
    });
}

#[test]
fn without_an_answer_the_holder_acts_only_as_long_as_the_lease_lives() {
    paused(async {
        let place = Place::simulated();
        let held = LeaseKeeper::new(place.store())
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        outage(&place, u32::MAX);
        tokio::time::advance(Duration::from_secs(39)).await;
        held.ensure().await.unwrap();
        tokio::time::advance(Duration::from_secs(22)).await;
        let failure = held.ensure().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unavailable, "{failure}");
        place.cloud().with_world(|world| world.clear_faults());
        held.ensure().await.unwrap();
        outage(&place, u32::MAX);
        let alive = tokio::time::timeout(Duration::from_secs(300), held.keep_alive()).await;
        assert!(alive.is_err(), "an outage is no loss");
        place.cloud().with_world(|world| world.clear_faults());
        held.while_alive(tokio::time::sleep(LEASE_LIVES)).await;
        assert!(held.lost().is_none());
    });
}

#[test]
fn a_renewal_that_nobody_waited_for_is_known_again() {
    paused(async {
        let place = Place::simulated();
        let keeper = LeaseKeeper::new(place.store());
        let held = keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        place.cloud().with_world(|world| {
            world.add_fault(Fault::Call {
                operation: "s3.PutObject".to_owned(),
                containing: None,
                skip: 0,
                count: 1,
                fault: CallFault::Latency(5_000),
            });
        });
        let second = Duration::from_secs(1);
        let begun = tokio::time::timeout(second, held.begin(&id("d-1234"))).await;
        assert!(begun.is_err(), "it arrived, and its answer was not heard");
        held.renew().await.unwrap();
        let lease = keeper.look().await.unwrap().unwrap().lease;
        assert_eq!((lease.fence, lease.deployment), (1, Some(id("d-1234"))));
        held.release(Left::Nothing).await.unwrap();
    });
}

#[test]
fn after_an_intent_the_lease_is_made_sure_of_again() {
    paused(async {
        let place = Place::memory();
        let keeper = LeaseKeeper::new(place.store());
        let held = keeper
            .acquire(holder("ana"), Manner::Patient)
            .await
            .unwrap();
        let (id, mut intent) = (id("d-1234"), note(&id("d-1234"), 0));
        intent.event = Event::Intended {
            act: Act::RecordRelease,
        };
        // Writing takes longer than the lease lives, and somebody takes it meanwhile.
        struct Slow(StoreJournal, LeaseKeeper);
        impl backstay_domain::ports::Journal for Slow {
            async fn append(
                &self,
                record: &backstay_domain::journal::Record,
            ) -> Result<(), backstay_domain::ports::PortFailure> {
                self.0.append(record).await?;
                tokio::time::sleep(LEASE_LIVES).await;
                let taken = self.1.acquire(holder("bob"), Manner::Patient).await;
                assert!(taken.is_ok());
                Ok(())
            }
        }
        let journal = StoreJournal::create(place.store(), held.fence(), &id)
            .await
            .unwrap();
        let failure = held
            .journal(Slow(journal, keeper))
            .append(&intent)
            .await
            .unwrap_err();
        assert_eq!(
            (failure.kind, failure.effect),
            (FailureKind::Conflict, Effect::Applied),
            "{failure}"
        );
    });
}
