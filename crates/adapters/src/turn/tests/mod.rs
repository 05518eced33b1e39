//! The protocol of taking a turn, in memory: whoever comes second, whatever the first one left, whoever writes meanwhile.

mod nowhere;
mod stubborn;
mod world;

use backstay_domain::engine::{Begun, Halted};
use backstay_domain::journal::{Event, Outcome, Record};
use backstay_domain::lease::Manner;
use backstay_domain::ports::{FailureKind, Interrupts, Uninterrupted};
use backstay_domain::turn::{Errand, First, Stuck};

use super::*;
use crate::state::Store;
use crate::state::journal;
use crate::state::lease::{LeaseError, LeaseKeeper};
use nowhere::Nowhere;
use world::{
    At, FORMER, Jumps, Meddled, Meddling, Nobody, at_once, ended, id, left, operator, plan,
    refusing, started, stuck,
};

fn aim(manner: Manner) -> Aim<'static> {
    Aim {
        deployment: id("d-ours"),
        doing: "deploying ccc3333".to_owned(),
        manner,
        patience: Patience::None,
        operator: operator("we"),
    }
}

fn further(stuck: Stuck) -> Further {
    Further {
        by: None,
        direction: None,
        reason: None,
        stuck,
    }
}

fn opened<'o>(store: &'o Meddled, clock: &'o Jumps) -> Opened<'o, Nowhere, Jumps, Meddled> {
    Opened {
        cloud: &Nowhere(FailureKind::Rejected),
        clock,
        store,
    }
}

/// Takes a turn and brings the former deployment to its end.
async fn resumes(store: &Meddled, stuck: Stuck) -> Result<Option<Resumed>, TurnError> {
    let clock = Jumps::default();
    take(
        opened(store, &clock),
        &Uninterrupted,
        aim(Manner::Patient),
        async |turn| match turn.first(Errand::RollBack).await? {
            First::GoOn { deployment, .. } => {
                turn.resume(&deployment, further(stuck), |_| Nobody).await
            }
            _ if stuck == Stuck::Again => {
                turn.resume(&id(FORMER), further(stuck), |_| Nobody).await
            }
            _ => Ok(None),
        },
    )
    .await
}

async fn records(store: &Meddled) -> Vec<Record> {
    journal::read(&store.inner, &id(FORMER)).await.unwrap()
}

/// The deployment that the lease names, and whether somebody holds it.
async fn lease(store: &Meddled) -> (Option<String>, bool) {
    let found = LeaseKeeper::new(store.inner.clone()).look().await.unwrap();
    let lease = found.unwrap().lease;
    (
        lease.deployment.map(|id| id.to_string()),
        lease.holder.is_some(),
    )
}

fn live(resumed: Result<Option<Resumed>, TurnError>) -> bool {
    matches!(
        resumed,
        Ok(Some(Resumed {
            outcome: Outcome::Live { .. },
            ..
        }))
    )
}

#[tokio::test(start_paused = true)]
async fn a_turn_deploys_and_leaves_nothing() {
    let (store, clock) = (Meddled::default(), Jumps::default());
    let plan = plan("d-ours");
    let done: Result<Outcome, TurnError> = take(
        opened(&store, &clock),
        &Uninterrupted,
        aim(Manner::Patient),
        async |turn| turn.deploy(&plan, Begun::default(), &Nobody).await,
    )
    .await;
    assert!(matches!(done, Ok(Outcome::Live { .. })), "{done:?}");
    assert_eq!(lease(&store).await, (None, false));
    assert!(standing(&store).await.unwrap().open.is_none());
}

#[tokio::test(start_paused = true)]
async fn of_two_holders_the_second_is_kept_away_by_name() {
    let (store, clock) = (Meddled::default(), Jumps::default());
    let first: Result<(), TurnError> = take(
        opened(&store, &clock),
        &Uninterrupted,
        aim(Manner::Patient),
        async |_| {
            let second = resumes(&store, Stuck::Stays).await;
            let Err(TurnError::Lease(LeaseError::Held(held))) = second else {
                panic!("{second:?}");
            };
            assert_eq!(held.holder.deployment, id("d-ours"));
            Ok(())
        },
    )
    .await;
    first.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_holder_left_is_brought_to_its_end() {
    let (store, _) = left(vec![started(plan(FORMER))]).await;
    let waits = standing(&store).await.unwrap().open.unwrap();
    assert_eq!(
        (waits.deployment, waits.waits),
        (id(FORMER), Waits::Unfinished)
    );
    assert!(live(resumes(&store, Stuck::Stays).await));
    assert_eq!(lease(&store).await, (None, false));
    assert!(standing(&store).await.unwrap().open.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_was_never_begun_is_abandoned_and_cannot_be_begun_any_more() {
    let (store, fence) = left(vec![]).await;
    assert!(matches!(resumes(&store, Stuck::Stays).await, Ok(None)));
    let records = records(&store).await;
    assert!(
        matches!(records[0].event, Event::Abandoned { .. }),
        "{records:?}"
    );
    let begun = journal::StoreJournal::create(store.inner.clone(), fence, &id(FORMER)).await;
    assert!(begun.is_err(), "its holder wakes up");
    assert_eq!(lease(&store).await, (None, false));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_writes_once_more_does_not_stop_who_took_over() {
    for at in [At::Append(0), At::Read(1), At::Read(2)] {
        let (store, fence) = left(vec![started(plan(FORMER))]).await;
        store.meddle(at, Meddling::Writes(fence));
        let resumed = resumes(&store, Stuck::Stays).await;
        assert!(store.meddled(), "{at:?}");
        assert!(live(resumed), "{at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_ended_meanwhile_stays_as_it_ended() {
    for at in [At::Append(0), At::Read(1), At::Read(2)] {
        let (store, fence) = left(vec![started(plan(FORMER))]).await;
        store.meddle(at, Meddling::Ends(fence));
        let resumed = resumes(&store, Stuck::Stays).await.unwrap();
        assert!(store.meddled(), "{at:?}");
        // Nothing to resume, or how it ended by itself: never a second end.
        let outcome = resumed.map(|resumed| resumed.outcome);
        assert!(
            outcome
                .as_ref()
                .is_none_or(|found| matches!(found, Outcome::RolledBack { .. })),
            "{at:?}: {outcome:?}"
        );
        assert!(matches!(
            records(&store).await.last().unwrap().event,
            Event::Finished { .. }
        ));
        assert_eq!(lease(&store).await, (None, false), "{at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stuck_is_taken_up_by_a_human_only() {
    let (store, _) = left(vec![started(plan(FORMER)), stuck()]).await;
    let waits = standing(&store).await.unwrap().open.unwrap();
    assert!(matches!(waits.waits, Waits::Stuck(_)));
    assert!(matches!(resumes(&store, Stuck::Stays).await, Ok(None)));
    assert_eq!(records(&store).await.len(), 2);
    assert!(live(resumes(&store, Stuck::Again).await));
    assert!(standing(&store).await.unwrap().open.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_ended_well_is_not_resumed() {
    let (store, _) = left([vec![started(plan(FORMER))], ended().into()].concat()).await;
    assert!(matches!(resumes(&store, Stuck::Again).await, Ok(None)));
    assert_eq!(lease(&store).await, (None, false));
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_refuses_leaves_it_for_a_human() {
    let (store, _) = left(vec![started(refusing(plan(FORMER)))]).await;
    let clock = Jumps::default();
    let settled: Result<Option<Resumed>, TurnError> = take(
        opened(&store, &clock),
        &Uninterrupted,
        aim(Manner::Patient),
        async |turn| turn.settle(further(Stuck::Stays), |_| Nobody).await,
    )
    .await;
    assert!(matches!(settled, Err(TurnError::Unfinished(found)) if found == id(FORMER)));
    assert_eq!(lease(&store).await, (Some(FORMER.to_owned()), false));
}

#[tokio::test(start_paused = true)]
async fn a_lease_taken_by_hand_is_noted_and_its_holder_cannot_write() {
    let (store, fence) = left(vec![started(plan(FORMER))]).await;
    let clock = Jumps::default();
    let unlocked: Result<_, TurnError> = take(
        opened(&store, &clock),
        &Uninterrupted,
        aim(Manner::Forced { from: fence }),
        async |turn| turn.unlocked(&id(FORMER), Some("its runner is gone")).await,
    )
    .await;
    assert_eq!(unlocked.unwrap(), Some(id(FORMER)));
    let [turned, _] = ended();
    world::write(&store.inner, fence, turned).await;
    let records = records(&store).await;
    assert!(matches!(
        records.last().unwrap().event,
        Event::Unlocked { .. }
    ));
    assert_eq!(lease(&store).await, (Some(FORMER.to_owned()), false));
}

/// Whatever somebody else does, and wherever: the journal ends at most once after it was taken over, stays sound, and whoever
/// lost the lease does not call it ended.
#[tokio::test(start_paused = true)]
async fn whoever_meddles_at_any_line_there_is_one_end() {
    let mut played = 0;
    for how in [Meddling::TakesLease, Meddling::Writes(1), Meddling::Ends(1)] {
        for place in 0.. {
            let (store, _) = left(vec![started(plan(FORMER))]).await;
            store.meddle(At::Append(place), how.clone());
            let resumed = resumes(&store, Stuck::Stays).await;
            if !store.meddled() {
                break;
            }
            played += 1;
            let lost = matches!(resumed, Err(TurnError::Halted(Halted::Lost(_))));
            let taken = matches!(how, Meddling::TakesLease);
            let finished = records(&store).await;
            let ends = finished
                .iter()
                .filter(|record| matches!(record.event, Event::Finished { .. }))
                .count();
            assert!(ends <= 1, "{how:?} at {place}: {finished:?}");
            assert!(lost || ends == 1, "{how:?} at {place}: {resumed:?}");
            assert!(taken || !lost, "{how:?} at {place}: the lease was ours");
            let audit = journal::audit(&store.inner, &id(FORMER)).await.unwrap();
            assert!(audit.is_sound(), "{how:?} at {place}: {:?}", audit.problems);
            if taken {
                // What was lost is not given back.
                let (_, held) = lease(&store).await;
                assert!(held, "{how:?} at {place}");
            }
        }
    }
    assert!(played > 6, "{played}");
}

struct Impatient;

impl Interrupts for Impatient {
    fn pending(&self) -> Option<String> {
        Some("SIGINT".to_owned())
    }
    async fn wait(&self) {}
}

impl Signals for Impatient {
    async fn second(&self) -> Result<String, std::io::Error> {
        Ok("SIGTERM".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_twice_leaves_at_once_and_says_what_is_unfinished() {
    let (store, _) = left(vec![started(plan(FORMER))]).await;
    let clock = Jumps::default();
    let done: Result<(), TurnError> = take(
        opened(&store, &clock),
        &Impatient,
        aim(Manner::Patient),
        async |_| std::future::pending().await,
    )
    .await;
    assert!(matches!(done, Err(TurnError::Left(signal)) if signal == "SIGTERM"));
    assert_eq!(lease(&store).await, (Some(FORMER.to_owned()), false));
    assert!(
        at_once(store.names("journal"))
            .unwrap()
            .contains(&FORMER.to_owned())
    );
}
