//! A lease that is ours: kept alive beside the work, and known to be lost before anything is done without it.

use std::pin::pin;
use std::sync::{Arc, Mutex as Shared, MutexGuard, PoisonError};
use std::time::Duration;

use backstay_domain::DeploymentId;
use backstay_domain::lease::{Holder, Lease, Left};
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use futures_util::future::{Either, select};
use tokio::sync::Mutex;

use super::cell::{Written, parse};
use super::{LEASE, LeaseError, LeasedJournal, RENEW};
use crate::clock::{Stopwatch, pause};
use crate::state::AnyStore;
use crate::state::store::{Store, Swapped, Tag};

/// Times that a write of ours may overtake another one of ours.
const TRIES: u32 = 5;

/// Between attempts of the heartbeat while the store does not answer.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// A lease that this process holds. Clones are the same lease.
#[derive(Debug)]
pub struct HeldLease<S = AnyStore>(Arc<Inner<S>>);

#[derive(Debug)]
struct Inner<S> {
    store: S,
    fence: u64,
    lives: Duration,
    found: Option<DeploymentId>,
    /// Held while a write is under way: one at a time.
    last: Mutex<Last>,
    standing: Shared<Standing>,
}

/// What we wrote last, as far as we know.
#[derive(Debug)]
struct Last {
    by: String,
    /// Also what was never acknowledged.
    writes: u64,
    lease: Lease,
    tag: Tag,
}

/// Whether it is still ours.
#[derive(Clone, Debug)]
enum Standing {
    /// It was when this was started.
    Renewed(Stopwatch),
    Lost(Lost),
    GivenBack,
}

/// The lease was taken from us: nothing may be done any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lease was lost: {}", taken(*fence, now.as_deref()))]
pub struct Lost {
    /// Our fence.
    pub fence: u64,
    /// The lease as it is now.
    pub now: Option<Box<Lease>>,
}

impl<S> Clone for HeldLease<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> HeldLease<S> {
    pub(super) fn new(store: S, written: Written, tag: Tag, renewed: Stopwatch) -> Self {
        Self(Arc::new(Inner {
            store,
            fence: written.lease.fence,
            lives: written.lease.lives(),
            found: written.lease.deployment.clone(),
            last: Mutex::new(Last {
                by: written.by,
                writes: 0,
                lease: written.lease,
                tag,
            }),
            standing: Shared::new(Standing::Renewed(renewed)),
        }))
    }

    /// Its fence: what journals are written under.
    #[must_use]
    pub fn fence(&self) -> u64 {
        self.0.fence
    }

    /// The deployment that it named when it was taken: its journal may be unfinished.
    #[must_use]
    pub fn found(&self) -> Option<&DeploymentId> {
        self.0.found.as_ref()
    }

    /// Notes in it which deployment we work on, before its journal is begun.
    ///
    /// # Errors
    /// When it is lost, or the store refuses.
    pub async fn begin(&self, deployment: &DeploymentId) -> Result<(), LeaseError> {
        self.write(|lease| lease.working_on(deployment.clone()))
            .await
    }

    /// Notes in it what we do now, for people.
    ///
    /// # Errors
    /// When it is lost, or the store refuses.
    pub async fn doing(&self, what: &str) -> Result<(), LeaseError> {
        self.write(|lease| lease.doing(what)).await
    }

    /// Renews it.
    ///
    /// # Errors
    /// When it is lost, or the store refuses.
    pub async fn renew(&self) -> Result<(), LeaseError> {
        self.write(|lease| lease).await
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When it is lost, or the store refuses; then it expires by itself.
    pub async fn release(&self, left: Left) -> Result<(), LeaseError> {
        self.write(|lease| lease.given_back(left)).await?;
        *self.standing() = Standing::GivenBack;
        Ok(())
    }

    /// Whether it was lost, as far as is known without asking.
    #[must_use]
    pub fn lost(&self) -> Option<Lost> {
        match &*self.standing() {
            Standing::Lost(lost) => Some(lost.clone()),
            Standing::Renewed(_) | Standing::GivenBack => None,
        }
    }

    /// Makes sure that it is ours, for at least a third of its life to come: renews it if its last renewal is older than
    /// two thirds. To be called before anything is done that only its holder may do.
    ///
    /// # Errors
    /// When it is lost or given back (a conflict), or may have expired and cannot be renewed.
    pub async fn ensure(&self) -> Result<(), PortFailure> {
        let age = match self.standing().clone() {
            Standing::Lost(lost) => return Err(conflict(&lost.to_string())),
            Standing::GivenBack => return Err(conflict("the lease was given back")),
            Standing::Renewed(since) => since.elapsed(),
        };
        if age < self.0.lives / 3 * 2 {
            return Ok(());
        }
        match self.renew().await {
            Ok(()) => Ok(()),
            Err(LeaseError::Port(failure)) => match self.age() {
                // It is ours for a while yet; what comes next asks again.
                Some(age) if age < self.0.lives && failure.is_passing() => Ok(()),
                Some(_) | None => Err(failure),
            },
            Err(LeaseError::Lost(lost)) => Err(conflict(&lost.to_string())),
            Err(LeaseError::Held(held)) => Err(conflict(&held.to_string())),
        }
    }

    /// Renews it every third of its life, in tokio's time. Returns only when it is lost. May be dropped at any moment.
    pub async fn keep_alive(&self) -> Lost {
        let interval = self.0.lives / 3;
        loop {
            match self.age() {
                Some(age) => pause(interval.saturating_sub(age)).await,
                None => {
                    return match self.lost() {
                        Some(lost) => lost,
                        // It was given back: there is nothing to keep alive.
                        None => std::future::pending().await,
                    };
                }
            }
            // Somebody else may have renewed it meanwhile, for what comes next.
            if self.age().is_some_and(|age| age < interval) {
                continue;
            }
            match self.renew().await {
                Ok(()) => {}
                Err(LeaseError::Lost(lost)) => return lost,
                Err(failure @ (LeaseError::Port(_) | LeaseError::Held(_))) => {
                    tracing::warn!(%failure, "the lease could not be renewed");
                    pause(TRY_AGAIN.min(interval)).await;
                }
            }
        }
    }

    /// Does some work and keeps the lease alive beside it. A lost lease does not end the work: what only the holder may do
    /// is refused from then on, and the work comes to its end by itself.
    pub async fn while_alive<T>(&self, work: impl Future<Output = T>) -> T {
        let (work, alive) = (pin!(work), pin!(self.keep_alive()));
        match select(work, alive).await {
            Either::Left((done, _)) => done,
            Either::Right((_, work)) => work.await,
        }
    }

    /// A journal that is written only while the lease is ours.
    pub fn journal<J>(&self, journal: J) -> LeasedJournal<J, S> {
        LeasedJournal::new(self.clone(), journal)
    }

    /// Since it was renewed; `None` when it is no longer ours.
    fn age(&self) -> Option<Duration> {
        match &*self.standing() {
            Standing::Renewed(since) => Some(since.elapsed()),
            Standing::Lost(_) | Standing::GivenBack => None,
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.0
            .standing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, change: impl Fn(Lease) -> Lease) -> Result<(), LeaseError> {
        let mut last = self.0.last.lock().await;
        match self.standing().clone() {
            Standing::Renewed(_) => {}
            Standing::Lost(lost) => return Err(LeaseError::Lost(lost)),
            Standing::GivenBack => {
                return Err(LeaseError::Port(conflict("the lease was given back")));
            }
        }
        for _ in 0..TRIES {
            // Counted before it is sent: a write whose answer nobody waits for may arrive all the same.
            last.writes += 1;
            let lease = change(last.lease.clone());
            let bytes = Written::new(&last.by, last.writes, lease.clone()).bytes(RENEW)?;
            let renewed = Stopwatch::started();
            match self.0.store.swap(LEASE, Some(&last.tag), &bytes).await? {
                Swapped::Done(tag) => {
                    (last.lease, last.tag) = (lease, tag);
                    *self.standing() = Standing::Renewed(renewed);
                    return Ok(());
                }
                Swapped::Conflict => (last.lease, last.tag) = self.ours(&last.by).await?,
            }
        }
        Err(LeaseError::Port(conflict("the lease changes all the time")))
    }

    /// The present state of the lease if a write of ours made it; otherwise it is lost.
    async fn ours(&self, by: &str) -> Result<(Lease, Tag), LeaseError> {
        let found = self.0.store.cell(LEASE).await?;
        let written = found.as_ref().map(|cell| parse(&cell.bytes)).transpose()?;
        match (found, written) {
            (Some(cell), Some(written)) if written.by == by => Ok((written.lease, cell.tag)),
            (_, written) => {
                let lost = Lost {
                    fence: self.0.fence,
                    now: written.map(|written| Box::new(written.lease)),
                };
                *self.standing() = Standing::Lost(lost.clone());
                Err(LeaseError::Lost(lost))
            }
        }
    }
}

fn taken(fence: u64, now: Option<&Lease>) -> String {
    let Some(now) = now else {
        return format!("it was removed (ours had fence {fence})");
    };
    let who = match &now.holder {
        Some(Holder {
            operator, doing, ..
        }) => format!("{operator} has taken it ({doing})"),
        None => "somebody has taken it and given it back".to_owned(),
    };
    format!("{who}; its fence is {}, ours was {fence}", now.fence)
}

fn conflict(message: &str) -> PortFailure {
    PortFailure {
        kind: FailureKind::Conflict,
        effect: Effect::None,
        operation: RENEW.to_owned(),
        message: message.to_owned(),
    }
}
