//! An environment in memory: a cloud that is asked for nothing, time that jumps, and a store in which somebody else meddles.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use backstay_domain::app::{Check, Frontend, Policy, ServiceLocator, Takeover};
use backstay_domain::definition::Definition;
use backstay_domain::journal::{Cause, Event, Finding, Outcome, Record, Stuck};
use backstay_domain::lease::{Holder, Manner};
use backstay_domain::observation::{
    CheckResult, Evidence, FrontendView, InvalidationView, JobView, Observation, RunningJob,
    ServiceView, TasksView,
};
use backstay_domain::operator::{Operator, Why};
use backstay_domain::plan::{Direction, Forget, Plan, WayBack};
use backstay_domain::ports::{
    Caller, Clock, Effect, ExpectedFile, FailureKind, Follow, FrontendStore, Identity, JobRequest,
    Jobs, Journal as _, Pointer, PortFailure, Publication, Published, Pulled, Registry, Report,
    RolloutRequest, Services, Web,
};
use backstay_domain::registered::Revisions;
use backstay_domain::release::{Images, Manifest, Release, ResolvedImage};
use backstay_domain::survey::{LiveService, PublishedFiles};
use backstay_domain::{
    DefinitionRef, DeploymentId, IdempotencyKey, Repository, RolloutHandle, ServiceName, TaskId,
    Version,
};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};

use crate::state::journal::StoreJournal;
use crate::state::lease::LeaseKeeper;
use crate::state::{
    Appended, Cell as StoredCell, Ends, LogLines, MemoryStore, Store, Swapped, Tag,
};

/// A cloud of which these tests ask nothing.
pub(super) struct Nowhere;

fn nothing<T>() -> Result<T, PortFailure> {
    Err(PortFailure {
        kind: FailureKind::Rejected,
        effect: Effect::None,
        operation: "nowhere".to_owned(),
        message: "a release of nothing needs nothing".to_owned(),
    })
}

impl Services for Nowhere {
    async fn survey(
        &self,
        _: &[ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, LiveService>, PortFailure> {
        nothing()
    }
    async fn register(&self, _: &Definition, _: &Revisions) -> Result<DefinitionRef, PortFailure> {
        nothing()
    }
    async fn roll_out(&self, _: &RolloutRequest) -> Result<RolloutHandle, PortFailure> {
        nothing()
    }
    async fn turn_back(&self, _: &ServiceLocator, _: &RolloutHandle) -> Result<(), PortFailure> {
        nothing()
    }
    async fn watch(&self, _: &[Follow]) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure> {
        nothing()
    }
    async fn evidence(
        &self,
        _: &ServiceLocator,
        _: &DefinitionRef,
    ) -> Result<Evidence, PortFailure> {
        nothing()
    }
    async fn tasks(&self, _: &ServiceLocator) -> Result<TasksView, PortFailure> {
        nothing()
    }
}

impl Jobs for Nowhere {
    async fn start(&self, _: &JobRequest) -> Result<TaskId, PortFailure> {
        nothing()
    }
    async fn look(&self, _: &JobRequest, _: &TaskId) -> Result<JobView, PortFailure> {
        nothing()
    }
    async fn stop(&self, _: &JobRequest, _: &TaskId, _: &str) -> Result<(), PortFailure> {
        nothing()
    }
    async fn running(&self, _: &str, _: &Definition) -> Result<Vec<RunningJob>, PortFailure> {
        nothing()
    }
    fn unreadable(&self, _: &Definition, _: &str) -> Option<String> {
        None
    }
}

impl Registry for Nowhere {
    async fn resolve(
        &self,
        _: &BTreeSet<Repository>,
        _: &Version,
    ) -> Result<BTreeMap<Repository, ResolvedImage>, PortFailure> {
        nothing()
    }
    async fn gone(&self, _: &BTreeSet<String>) -> Result<Pulled, PortFailure> {
        nothing()
    }
}

impl FrontendStore for Nowhere {
    async fn pointers(
        &self,
        _: &Frontend,
        _: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        nothing()
    }
    async fn publish(&self, _: &Frontend, _: &Publication<'_>) -> Result<Published, PortFailure> {
        nothing()
    }
    async fn compare(
        &self,
        _: &Frontend,
        _: &Manifest,
        _: Option<&Manifest>,
    ) -> Result<PublishedFiles, PortFailure> {
        nothing()
    }
    async fn point(
        &self,
        _: &Frontend,
        _: &BTreeMap<String, Option<Pointer>>,
    ) -> Result<(), PortFailure> {
        nothing()
    }
    async fn invalidate(
        &self,
        _: &Frontend,
        _: &Forget,
        _: &IdempotencyKey,
    ) -> Result<String, PortFailure> {
        nothing()
    }
    async fn invalidation(&self, _: &Frontend, _: &str) -> Result<InvalidationView, PortFailure> {
        nothing()
    }
    async fn view(&self, _: &Frontend, _: &[ExpectedFile]) -> Result<FrontendView, PortFailure> {
        nothing()
    }
}

impl Web for Nowhere {
    async fn check(&self, _: &Check, _: &Version) -> Result<CheckResult, PortFailure> {
        nothing()
    }
}

impl Identity for Nowhere {
    async fn caller(&self) -> Result<Caller, PortFailure> {
        nothing()
    }
}

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
}

/// Before which of our operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The n-th time that a journal is read.
    Read(u32),
    /// The n-th line that is written to a journal.
    Append(u32),
}

/// A store in memory in which somebody else meddles once.
#[derive(Clone, Default)]
pub(super) struct Meddled {
    pub(super) inner: MemoryStore,
    pending: Rc<RefCell<Option<(At, Meddling)>>>,
    reads: Rc<Cell<u32>>,
    pub(super) appends: Rc<Cell<u32>>,
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
        let due = self
            .pending
            .borrow()
            .as_ref()
            .is_some_and(|(when, _)| *when == at);
        let Some((_, how)) = self.pending.borrow_mut().take_if(|_| due) else {
            return;
        };
        match how {
            Meddling::Writes(fence) => write(&self.inner, fence, interrupted()).await,
            Meddling::Ends(fence) => {
                for event in ended() {
                    write(&self.inner, fence, event).await;
                }
            }
            Meddling::TakesLease => {
                let keeper = LeaseKeeper::new(self.inner.clone());
                keeper
                    .acquire(holder("d-other"), Manner::Forced)
                    .await
                    .unwrap();
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
        frontend: None,
        checks: vec![],
        policy: Policy {
            bake: std::time::Duration::ZERO,
            ..Policy::default()
        },
        config_fingerprint: String::new(),
    };
    let version = Version::parse("bbb2222").unwrap();
    Plan {
        deployment: id(deployment),
        release: Release::assemble(&app, &version, &Images::default(), None).unwrap(),
        direction: Direction::Forward,
        before: None,
        services: BTreeMap::new(),
        waves: vec![],
        migration: None,
        frontend: None,
        checks: vec![],
        policy: app.policy,
        way_back: WayBack::Whole,
        warnings: vec![],
        revisions: Revisions::default(),
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
