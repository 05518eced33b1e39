//! An environment in memory: a cloud that is asked for nothing, time that jumps, and a store in which somebody else meddles.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use backstay_domain::app::{Policy, Takeover};
use backstay_domain::journal::{Cause, Event, Finding, Outcome, Record, Stuck};
use backstay_domain::lease::{Holder, Manner};
use backstay_domain::observation::Observation;
use backstay_domain::operator::{Operator, Why};
use backstay_domain::plan::{Direction, Plan, WayBack};
use backstay_domain::ports::{Clock, Effect, FailureKind, Journal as _, PortFailure, Report};
use backstay_domain::registered::Revisions;
use backstay_domain::release::{Images, Release};
use backstay_domain::{DeploymentId, Version};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};

use crate::state::journal::StoreJournal;
use crate::state::lease::LeaseKeeper;
use crate::state::{
    Appended, Cell as StoredCell, Ends, LogLines, MemoryStore, Store, Swapped, Tag,
};

/// Time that jumps to whatever is waited for.
pub(super) struct Jumps(Cell<Timestamp>);

impl Default for Jumps {
    fn default() -> Self {
        Self(Cell::new(Timestamp::UNIX_EPOCH))
    }
}

impl Clock for Jumps {
    fn now(&self) -> Timestamp {
        self.0.set(self.0.get() + SignedDuration::from_millis(1));
        self.0.get()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        self.0.set(self.0.get().max(moment));
    }
}

/// Nobody watches.
pub(super) struct Nobody;

impl Report for Nobody {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}

/// What somebody else does to the store, just before an operation of ours.
#[derive(Clone, Debug)]
pub(super) enum Meddling {
    /// The former holder writes one record more, under its fence.
    Writes(u64),
    /// The former holder ends the deployment, under its fence.
    Ends(u64),
    /// Another process takes the lease by force.
    TakesLease,
    /// The former holder begins just now, under its fence.
    Begins(u64),
    /// The former holder needs a human, under its fence.
    Sticks(u64),
}

/// Before which of our operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The n-th time that a journal is read.
    Read(u32),
    /// The n-th line that is written to a journal.
    Append(u32),
    /// Every line that is written to a journal: he does not stop.
    EveryAppend,
}

/// A store in memory in which somebody else meddles once.
#[derive(Clone, Default)]
pub(super) struct Meddled {
    pub(super) inner: MemoryStore,
    pending: Rc<RefCell<Option<(At, Meddling)>>>,
    reads: Rc<Cell<u32>>,
    pub(super) appends: Rc<Cell<u32>>,
    /// Nothing can be written to a journal any more.
    pub(super) broken: Rc<Cell<bool>>,
}

impl Meddled {
    pub(super) fn meddle(&self, at: At, how: Meddling) {
        self.reads.set(0);
        self.appends.set(0);
        *self.pending.borrow_mut() = Some((at, how));
    }

    /// Whether it did happen.
    pub(super) fn meddled(&self) -> bool {
        self.pending.borrow().is_none()
    }

    async fn before(&self, at: At) {
        let pending = self.pending.borrow().clone();
        let how = match (pending, at) {
            (Some((At::EveryAppend, how)), At::Append(_)) => how,
            (Some((when, how)), at) if when == at => {
                self.pending.take();
                how
            }
            (Some(_) | None, _) => return,
        };
        match how {
            Meddling::Begins(fence) => write(&self.inner, fence, started(plan(FORMER))).await,
            Meddling::Sticks(fence) => write(&self.inner, fence, stuck()).await,
            Meddling::Writes(fence) => write(&self.inner, fence, interrupted()).await,
            Meddling::Ends(fence) => {
                for event in ended() {
                    write(&self.inner, fence, event).await;
                }
            }
            Meddling::TakesLease => {
                let keeper = LeaseKeeper::new(self.inner.clone());
                let found = keeper.look().await.unwrap().unwrap();
                let from = found.lease.fence;
                let taken = keeper.acquire(holder("d-other"), Manner::Forced { from });
                taken.await.unwrap();
            }
        }
    }
}

impl Store for Meddled {
    async fn cell(&self, name: &str) -> Result<Option<StoredCell>, PortFailure> {
        self.inner.cell(name).await
    }
    async fn swap(
        &self,
        name: &str,
        expected: Option<&Tag>,
        bytes: &[u8],
    ) -> Result<Swapped, PortFailure> {
        self.inner.swap(name, expected, bytes).await
    }
    async fn append(&self, log: &str, position: u64, line: &[u8]) -> Result<Appended, PortFailure> {
        let number = self.appends.replace(self.appends.get() + 1);
        self.before(At::Append(number)).await;
        if self.broken.get() {
            return Err(PortFailure {
                kind: FailureKind::Unavailable,
                effect: Effect::None,
                operation: "append".to_owned(),
                message: "no answer".to_owned(),
            });
        }
        self.inner.append(log, position, line).await
    }
    async fn lines(&self, log: &str) -> Result<LogLines, PortFailure> {
        let number = self.reads.replace(self.reads.get() + 1);
        self.before(At::Read(number)).await;
        self.inner.lines(log).await
    }
    async fn ends(&self, log: &str) -> Result<Option<Ends>, PortFailure> {
        self.inner.ends(log).await
    }
    async fn names(&self, folder: &str) -> Result<Vec<String>, PortFailure> {
        self.inner.names(folder).await
    }
    async fn grow_older(&self, by: std::time::Duration) {
        self.inner.grow_older(by).await;
    }
    async fn prove(&self) -> Result<(), PortFailure> {
        Ok(())
    }
}

pub(super) const FORMER: &str = "d-former";

pub(super) fn id(text: &str) -> DeploymentId {
    text.parse().unwrap()
}

/// A release of nothing: it is live as soon as it is recorded.
pub(super) fn plan(deployment: &str) -> Plan {
    let app = backstay_domain::app::App {
        name: "shop".parse().unwrap(),
        environment: "test".parse().unwrap(),
        services: BTreeMap::new(),
        migration: None,
        frontends: BTreeMap::new(),
        jobs: BTreeMap::new(),
        checks: vec![],
        policy: Policy {
            bake: std::time::Duration::ZERO,
            ..Policy::default()
        },
        config_fingerprint: String::new(),
        looked_up: vec![],
    };
    let version = Version::parse("bbb2222").unwrap();
    Plan {
        deployment: id(deployment),
        release: Release::assemble(&app, &version, &Images::default(), BTreeMap::new()).unwrap(),
        direction: Direction::Forward,
        before: None,
        services: BTreeMap::new(),
        waves: vec![],
        migration: None,
        frontends: BTreeMap::new(),
        jobs: BTreeMap::new(),
        checks: vec![],
        policy: app.policy,
        way_back: WayBack::Whole,
        warnings: vec![],
        revisions: Revisions::default(),
        startable: BTreeSet::new(),
        steps: vec![],
    }
}

pub(super) fn holder(deployment: &str) -> Holder {
    Holder {
        operator: operator("former"),
        since: Timestamp::UNIX_EPOCH,
        deployment: id(deployment),
        doing: "deploying bbb2222".to_owned(),
    }
}

pub(super) fn operator(actor: &str) -> Operator {
    Operator {
        actor: Some(actor.to_owned()),
        ..Operator::default()
    }
}

pub(super) fn started(plan: Plan) -> Event {
    Event::Started {
        plan: Box::new(plan),
        by: None,
        operator: operator("former"),
        why: Why::default(),
    }
}

/// It turned back and arrived.
pub(super) fn ended() -> [Event; 2] {
    let cause = Cause::Interrupted {
        signal: "SIGTERM".to_owned(),
    };
    let finding = Finding::TurnedBack {
        cause: cause.clone(),
    };
    let outcome = Outcome::RolledBack {
        cause,
        proofs: vec![],
        schema: None,
    };
    [Event::Found { finding }, Event::Finished { outcome }]
}

pub(super) fn stuck() -> Event {
    let outcome = Outcome::Stuck {
        cause: Cause::Interrupted {
            signal: "SIGTERM".to_owned(),
        },
        because: Stuck::SchemaUnknown,
        left: vec![],
    };
    Event::Finished { outcome }
}

fn interrupted() -> Event {
    Event::Interrupted {
        signal: "SIGINT".to_owned(),
        then: backstay_domain::app::OnInterrupt::Leave,
    }
}

/// Writes to the former deployment's journal as its holder would. What is refused is not written.
pub(super) async fn write<S: Store + Clone>(store: &S, fence: u64, event: Event) {
    let deployment = id(FORMER);
    let (journal, sequence) = match &event {
        Event::Started { .. } => {
            let journal = StoreJournal::create(store.clone(), fence, &deployment).await;
            (journal.unwrap(), 0)
        }
        _ => {
            let opened = StoreJournal::open(store.clone(), fence, &deployment).await;
            let Ok((journal, records)) = opened else {
                return;
            };
            (journal, records.len() as u64)
        }
    };
    let record = Record {
        sequence,
        at: Timestamp::UNIX_EPOCH,
        deployment,
        event,
    };
    let _ = journal.append(&record).await;
}

/// A store in which a former holder, whose lease has expired, wrote these events. Returns its fence too.
pub(super) async fn left(events: Vec<Event>) -> (Meddled, u64) {
    let store = Meddled::default();
    let keeper = LeaseKeeper::new(store.inner.clone());
    let lease = keeper
        .acquire(holder(FORMER), Manner::Patient)
        .await
        .unwrap();
    lease.begin(&id(FORMER)).await.unwrap();
    for event in events {
        write(&store.inner, lease.fence(), event).await;
    }
    tokio::time::advance(std::time::Duration::from_secs(61)).await;
    (store, lease.fence())
}

/// What the environment's policy says about a deployment found unfinished.
pub(super) fn refusing(mut plan: Plan) -> Plan {
    plan.policy.takeover = Takeover::Refuse;
    plan
}

/// Nothing here ever waits for anybody.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing waits")
}
