//! Whoever writes just now, or never stops; whom nobody knows; who went on.

use backstay_domain::DeploymentId;
use backstay_domain::ports::Caller;

use super::*;
use crate::turn::unfinished::TRIES;

/// Notes by hand that the former deployment's lease, with this fence, was taken.
async fn unlocks(store: &Meddled, from: u64) -> Result<Option<DeploymentId>, TurnError> {
    let clock = Jumps::default();
    take(
        opened(store, &clock),
        &Uninterrupted,
        aim(Manner::Forced { from }),
        async |turn| turn.unlocked(&id(FORMER), None).await,
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_begins_just_now_is_not_abandoned() {
    let (store, fence) = left(vec![]).await;
    store.meddle(At::Append(0), Meddling::Begins(fence));
    assert!(live(resumes(&store, Stuck::Stays).await));
    assert!(store.meddled());
    let begun = records(&store).await;
    assert!(matches!(begun[0].event, Event::Started { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_writes_once_more_does_not_keep_a_lease_from_being_taken_by_hand() {
    let (store, fence) = left(vec![started(plan(FORMER))]).await;
    store.meddle(At::Append(0), Meddling::Writes(fence));
    assert_eq!(unlocks(&store, fence).await.unwrap(), Some(id(FORMER)));
    assert!(store.meddled());
    let last = records(&store).await.pop().unwrap();
    assert!(matches!(last.event, Event::Unlocked { .. }));
}

/// Whoever never stops writing does not hold us for ever either.
#[tokio::test(start_paused = true)]
async fn a_holder_that_never_stops_writing_is_given_up() {
    let (store, fence) = left(vec![started(plan(FORMER))]).await;
    store.meddle(At::EveryAppend, Meddling::Writes(fence));
    let resumed = resumes(&store, Stuck::Stays).await;
    assert!(
        matches!(resumed, Err(TurnError::Halted(Halted::Lost(_)))),
        "{resumed:?}"
    );
    assert_eq!(store.appends.get(), TRIES);
    let (store, fence) = left(vec![started(plan(FORMER))]).await;
    store.meddle(At::EveryAppend, Meddling::Writes(fence));
    assert!(unlocks(&store, fence).await.is_err());
    assert_eq!(store.appends.get(), TRIES);
}

/// Who has nobody to talk to leaves what he found as it was.
#[tokio::test(start_paused = true)]
async fn whom_nobody_knows_takes_nothing_up() {
    for (answer, goes_on) in [
        (FailureKind::Unauthenticated, false),
        (FailureKind::Unavailable, false),
        (FailureKind::Denied, true),
    ] {
        let (store, _) = left(vec![started(plan(FORMER))]).await;
        let clock = Jumps::default();
        let cloud = Nowhere(answer);
        let opened = Opened {
            cloud: &cloud,
            clock: &clock,
            store: &store,
        };
        let aim = aim(Manner::Patient);
        let resumed = take(opened, &Uninterrupted, aim, async |turn| {
            turn.settle(further(Stuck::Stays), |_| Nobody).await
        })
        .await;
        let away = matches!(resumed, Err(TurnError::Halted(Halted::Away(_))));
        assert_eq!((live(resumed), away), (goes_on, !goes_on), "{answer:?}");
        let written = records(&store).await.len() > 1;
        assert_eq!(written, goes_on, "{answer:?}");
    }
}

/// The journal says who went on, as people and as the cloud know him.
#[tokio::test(start_paused = true)]
async fn who_goes_on_is_written_down() {
    let (store, _) = left(vec![started(plan(FORMER))]).await;
    let clock = Jumps::default();
    let caller = Caller {
        account: "1".to_owned(),
        principal: "role/ci".to_owned(),
    };
    let further = Further {
        by: Some(caller.clone()),
        ..further(Stuck::Stays)
    };
    let aim = aim(Manner::Patient);
    let resumed = take(opened(&store, &clock), &Uninterrupted, aim, async |turn| {
        turn.settle(further, |_| Nobody).await
    });
    assert!(live(resumed.await));
    let written = records(&store).await;
    let taken_up = written.into_iter().find_map(|record| match record.event {
        Event::Resumed { by, operator, .. } => Some((by, operator)),
        _ => None,
    });
    assert_eq!(taken_up, Some((Some(caller), operator("we"))));
}

#[test]
fn whom_nobody_interrupts_is_not_asked_twice() {
    use futures_util::FutureExt as _;
    assert!(Uninterrupted.second().now_or_never().is_none());
}

/// Only who was overtaken tries again: a store that does not answer is told at once.
#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_written_is_not_abandoned_again_and_again() {
    let (store, _) = left(vec![]).await;
    store.appends.set(0);
    store.broken.set(true);
    assert!(resumes(&store, Stuck::Stays).await.is_err());
    assert_eq!(store.appends.get(), 1);
}

/// A new deployment never goes on with what needs a human, also when it came to that just now.
#[tokio::test(start_paused = true)]
async fn what_gets_stuck_meanwhile_is_not_taken_up_by_a_deployment() {
    let (store, fence) = left(vec![started(plan(FORMER))]).await;
    store.meddle(At::Read(1), Meddling::Sticks(fence));
    let clock = Jumps::default();
    let aim = aim(Manner::Patient);
    let settled: Result<Option<Resumed>, TurnError> =
        take(opened(&store, &clock), &Uninterrupted, aim, async |turn| {
            turn.settle(further(Stuck::Again), |_| Nobody).await
        })
        .await;
    assert!(store.meddled());
    assert!(matches!(settled, Ok(None)), "{settled:?}");
    assert_eq!(records(&store).await.len(), 2);
}

/// The rollouts that a deployment began are known by what its calls gave.
#[test]
fn what_it_rolled_out_is_known() {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use backstay_domain::app::ServiceLocator;
    use backstay_domain::definition::Definition;
    use backstay_domain::journal::{Act, Gave, Side};
    use backstay_domain::plan::{Change, ServiceBefore, ServicePlan};
    use backstay_domain::progress::Progress;
    use backstay_domain::survey::{Balanced, Breaker, History, Judges};
    let name: backstay_domain::ServiceName = "auth".parse().unwrap();
    let rollout = |text: &str| text.parse::<backstay_domain::RolloutHandle>().unwrap();
    let service = ServicePlan {
        locator: ServiceLocator {
            name: name.clone(),
            cluster: "main".to_owned(),
            cluster_name: "auth".to_owned(),
        },
        change: Change::Update,
        target: None,
        before: ServiceBefore {
            definition: "auth:1".parse().unwrap(),
            document: Definition::new(serde_json::json!({})),
            version: None,
            rollout: rollout("auth-1"),
            desired: 1,
            history: History::Completed,
            breaker: Breaker::RollsBack,
            balanced: Balanced::Yes,
            judges: Judges::default(),
        },
        timeout: Duration::from_secs(60),
        probe: None,
        awaited: backstay_domain::app::Awaited::default(),
    };
    let mut plan = plan(FORMER);
    plan.services.insert(name.clone(), service);
    let act = |side: Side| Act::RollOut {
        service: name.clone(),
        side,
    };
    let gave = |side: Side, handle: &str| Event::Done {
        act: act(side),
        gave: Gave::Rollout(rollout(handle)),
    };
    let events = [
        started(plan.clone()),
        Event::Intended {
            act: act(Side::New),
        },
        gave(Side::New, "auth-2"),
        Event::Intended {
            act: act(Side::Old),
        },
        gave(Side::Old, "auth-3"),
    ];
    let mut progress = Progress::default();
    for (sequence, event) in (0..).zip(events) {
        let record = Record {
            sequence,
            at: jiff::Timestamp::UNIX_EPOCH,
            deployment: id(FORMER),
            event,
        };
        progress = progress.apply(&record).unwrap();
    }
    let open = Open {
        deployment: id(FORMER),
        plan: Some(plan),
        progress,
        waits: Waits::Unfinished,
    };
    let both = ["auth-2", "auth-3"].map(rollout);
    assert_eq!(open.rollouts(), BTreeSet::from(both));
}
