//! A reply that is lost at any call: nobody loses the lease to himself, and no record is written twice or taken for
//! somebody else's.

use backstay_adapters::state::Store as _;
use backstay_adapters::state::journal::{StoreJournal, audit};
use backstay_adapters::state::lease::LeaseKeeper;
use backstay_adapters::state::ledger::StoreLedger;
use backstay_domain::journal::Record;
use backstay_domain::lease::{Left, Manner};
use backstay_domain::ledger::Entry;
use backstay_domain::ports::{Journal as _, Ledger as _, PortFailure};
use backstay_simulator::{CallFault, Fault};
use rstest::rstest;

use crate::places::{Place, paused};
use crate::records::{holder, short};

/// A short deployment's whole use of the state.
async fn deploy(place: &Place, records: &[Record], entry: &Entry) -> Result<(), String> {
    let said = |failure: PortFailure| format!("{failure:?}");
    let id = &records[0].deployment;
    let keeper = LeaseKeeper::new(place.store());
    let held = keeper
        .acquire(holder("ana"), Manner::Patient)
        .await
        .map_err(|e| format!("{e:?}"))?;
    held.begin(id).await.map_err(|e| format!("{e:?}"))?;
    let journal = StoreJournal::create(place.store(), held.fence(), id)
        .await
        .map_err(|e| format!("{e:?}"))?;
    let journal = held.journal(journal);
    for record in records {
        journal.append(record).await.map_err(said)?;
        held.renew().await.map_err(|e| format!("{e:?}"))?;
    }
    StoreLedger::new(place.store())
        .record(entry)
        .await
        .map_err(said)?;
    held.release(Left::Nothing)
        .await
        .map_err(|e| format!("{e:?}"))
}

fn fault(operation: &str, skip: u32, count: u32, fault: CallFault) -> Fault {
    Fault::Call {
        operation: operation.to_owned(),
        containing: None,
        skip,
        count,
        fault,
    }
}

/// Once, a few times in a row (the SDK gives up its own attempts), and with other failures that pass.
#[rstest]
#[case::lost(CallFault::ReplyLost, 1)]
#[case::lost_again_and_again(CallFault::ReplyLost, 6)]
#[case::reset(CallFault::ConnectionReset, 2)]
#[case::error(CallFault::ServerError, 6)]
#[case::throttled(CallFault::Throttle, 6)]
#[case::slow(CallFault::Latency(15_000), 1)]
fn at_every_call(#[case] kind: CallFault, #[case] count: u32) {
    let records = short();
    let release = records.iter().find_map(|record| match &record.event {
        backstay_domain::journal::Event::Started { plan, .. } => Some(plan.release.clone()),
        _ => None,
    });
    let entry = Entry {
        deployment: Some(records[0].deployment.clone()),
        ..Entry::bare(release.unwrap())
    };
    let calls: u64 = paused(async {
        let place = Place::simulated();
        deploy(&place, &records, &entry).await.unwrap();
        place
            .cloud()
            .with_world(|world| world.calls().values().sum())
    });
    for position in 0..u32::try_from(calls).unwrap() {
        paused(async {
            let place = Place::simulated();
            place
                .cloud()
                .with_world(|world| world.add_fault(fault("s3.*", position, count, kind)));
            let done = deploy(&place, &records, &entry).await;
            assert_eq!(done, Ok(()), "{kind:?} at call {position}");
            place.cloud().with_world(|world| world.clear_faults());
            let store = place.store();
            let audit = audit(&store, &records[0].deployment).await.unwrap();
            assert_eq!(audit.records, records, "{kind:?} at call {position}");
            assert!(audit.problems.is_empty());
            assert_eq!(
                store.names("releases").await.unwrap().len(),
                1,
                "{kind:?} at call {position}"
            );
            let lease = LeaseKeeper::new(store).look().await.unwrap().unwrap().lease;
            assert_eq!(
                (lease.fence, lease.holder, lease.deployment),
                (1, None, None)
            );
        });
    }
    println!("{calls} positions");
}
