//! Many at once, in every place: exactly one wins each time, and nothing that was acknowledged is lost.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use backstay_adapters::state::journal::{StoreJournal, audit};
use backstay_adapters::state::lease::{HeldLease, LeaseError, LeaseKeeper};
use backstay_adapters::state::{AnyStore, Appended, LocalStore, MemoryStore, Store};
use backstay_domain::lease::{Left, Manner};
use backstay_domain::ports::{FailureKind, Journal as _};
use backstay_simulator::Weather;
use futures_util::future::join_all;

use crate::places::{bucket, on, paused};
use crate::records::{deployment, holder};

const RACERS: usize = 50;
const ROUNDS: u64 = 20;

/// The winner of a round, and that all others were told so.
fn winner(results: Vec<Result<HeldLease, LeaseError>>, round: u64) -> HeldLease {
    let mut winners = Vec::new();
    for result in results {
        match result {
            Ok(held) => winners.push(held),
            Err(LeaseError::Held(held)) => assert!(!held.expires_in.is_zero()),
            Err(error) => panic!("round {round}: {error:?}"),
        }
    }
    assert_eq!(winners.len(), 1, "round {round}");
    let winner = winners.remove(0);
    assert_eq!(winner.fence(), round, "fences are strictly increasing");
    winner
}

#[test]
fn one_of_fifty_tasks_takes_the_lease() {
    for cloud in [false, true] {
        paused(async {
            let memory = MemoryStore::default();
            let cloud = cloud.then(|| bucket(Weather::Typical));
            for round in 1..=ROUNDS {
                let racers = (0..RACERS).map(|_| {
                    let store: AnyStore = cloud
                        .as_ref()
                        .map_or_else(|| memory.clone().into(), |cloud| on(cloud).into());
                    async move {
                        LeaseKeeper::new(store)
                            .acquire(holder("racer"), Manner::Patient)
                            .await
                    }
                });
                winner(join_all(racers).await, round)
                    .release(Left::Nothing)
                    .await
                    .unwrap();
            }
        });
    }
}

#[test]
fn one_of_fifty_threads_takes_the_lease_in_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let barrier = Arc::new(Barrier::new(RACERS));
    for round in 1..=ROUNDS {
        let racers: Vec<_> = (0..RACERS)
            .map(|_| {
                let (store, barrier) = (AnyStore::local(directory.path()), Arc::clone(&barrier));
                std::thread::spawn(move || {
                    barrier.wait();
                    paused(LeaseKeeper::new(store).acquire(holder("racer"), Manner::Patient))
                })
            })
            .collect();
        let results = racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect();
        let winner = winner(results, round);
        paused(winner.release(Left::Nothing)).unwrap();
    }
}

/// Appends lines wherever the log ends, and returns where they were acknowledged.
async fn append_some(store: impl Store, writer: usize) -> Vec<(u64, Vec<u8>)> {
    let (mut position, mut acknowledged) = (0, Vec::new());
    for line in 0..4 {
        let line = format!("{writer}/{line}").into_bytes();
        while store
            .append("journal/d-1234", position, &line)
            .await
            .unwrap()
            == Appended::Conflict
        {
            position = store
                .ends("journal/d-1234")
                .await
                .unwrap()
                .map_or(0, |ends| ends.count);
        }
        acknowledged.push((position, line));
        position += 1;
    }
    acknowledged
}

fn check_lines(mut acknowledged: Vec<(u64, Vec<u8>)>, found: Vec<(u64, Vec<u8>)>) {
    acknowledged.sort();
    assert_eq!(
        found, acknowledged,
        "every line once, where it was acknowledged, and nothing else"
    );
}

#[test]
fn no_line_is_lost_or_written_over() {
    paused(async {
        let (memory, cloud) = (MemoryStore::default(), bucket(Weather::Typical));
        let in_memory =
            join_all((0..RACERS).map(|writer| append_some(memory.clone(), writer))).await;
        check_lines(
            in_memory.concat(),
            memory.lines("journal/d-1234").await.unwrap().lines,
        );
        let in_bucket = join_all((0..20).map(|writer| append_some(on(&cloud), writer))).await;
        check_lines(
            in_bucket.concat(),
            on(&cloud).lines("journal/d-1234").await.unwrap().lines,
        );
    });
    let directory = tempfile::tempdir().unwrap();
    let writers: Vec<_> = (0..RACERS)
        .map(|writer| {
            let store = LocalStore::new(directory.path());
            std::thread::spawn(move || paused(append_some(store, writer)))
        })
        .collect();
    let acknowledged = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .collect();
    let found = paused(LocalStore::new(directory.path()).lines("journal/d-1234")).unwrap();
    assert_eq!(found.torn, 0);
    check_lines(acknowledged, found.lines);
}

/// Holders that fall asleep at any moment are taken over again and again; the journal has one history all the same.
#[test]
fn whoever_wakes_after_a_takeover_cannot_write() {
    let records = deployment();
    let id = &records[0].deployment;
    paused(async {
        for store in [AnyStore::memory(), on(&bucket(Weather::Typical)).into()] {
            let keeper = LeaseKeeper::new(store.clone());
            let mut sleepers = Vec::new();
            let mut written = 0;
            while written < 24 {
                let held = keeper
                    .acquire(holder("worker"), Manner::Patient)
                    .await
                    .unwrap();
                let journal = if written == 0 {
                    StoreJournal::create(store.clone(), held.fence(), id)
                        .await
                        .unwrap()
                } else {
                    let (journal, found) = StoreJournal::open(store.clone(), held.fence(), id)
                        .await
                        .unwrap();
                    assert_eq!(found, records[..written]);
                    journal
                };
                let journal = held.journal(journal);
                for _ in 0..3 {
                    journal.append(&records[written]).await.unwrap();
                    written += 1;
                }
                sleepers.push((journal, written));
                tokio::time::advance(Duration::from_secs(63)).await;
            }
            // The last one was not taken over: it goes on after its long sleep.
            let (last, next) = sleepers.pop().unwrap();
            for (sleeper, next) in &sleepers {
                let failure = sleeper.append(&records[*next]).await.unwrap_err();
                assert_eq!(failure.kind, FailureKind::Conflict, "{failure}");
            }
            last.append(&records[next]).await.unwrap();
            let audit = audit(&store, id).await.unwrap();
            assert_eq!(
                (audit.problems.as_slice(), audit.records.as_slice()),
                (&[][..], &records[..25])
            );
        }
    });
}
