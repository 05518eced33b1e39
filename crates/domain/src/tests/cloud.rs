//! A cloud in memory: rollouts take a minute, tasks of broken services stop, any reply can be lost once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::story::{evidence, failure, stopped};
use super::world::{definition_ref, digest, rollout};
use crate::app::{Check, Frontend, ServiceLocator};
use crate::definition::Definition;
use crate::journal::Record;
use crate::ledger::Entry;
use crate::observation::{
    CheckResult, Evidence, FrontendView, InvalidationView, JobState, JobView, Observation,
    PrimaryState, RolloutStatus, RolloutView, RunningJob, ServiceView, StopCause, TargetState,
    TaskState, TaskView, TasksView, Trouble,
};
use crate::plan::{Forget, Plan};
use crate::ports::{
    Caller, Clock, Effect, ExpectedFile, FailureKind, Follow, FrontendStore, Identity, JobRequest,
    Jobs, Journal, Ledger, Pointer, PortFailure, Publication, Published, Pulled, Registry, Report,
    RolloutRequest, Services, Web,
};
use crate::progress::after;
use crate::registered::Revisions;
use crate::release::{Manifest, Release, ResolvedImage};
use crate::schema::{SchemaEntry, SchemaRecord};
use crate::survey::{LiveService, PublishedFiles};
use crate::{
    AppName, DefinitionRef, EnvironmentName, IdempotencyKey, Repository, RolloutHandle,
    ServiceName, TaskId, Version,
};

type Answer<T> = Result<T, PortFailure>;

/// A schema that migrations move.
#[derive(Clone, Debug)]
pub(super) struct Database {
    /// What it is on.
    pub(super) revision: String,
    /// Where the release's migration leads.
    pub(super) head: String,
    /// The exit code of the way up, and whether it has its effect all the same.
    pub(super) up: (i32, bool),
    /// From where to where it was migrated up.
    pub(super) ups: Vec<(String, String)>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            revision: "r0".to_owned(),
            head: "r1".to_owned(),
            up: (0, true),
            ups: vec![],
        }
    }
}

impl Database {
    fn obey(&mut self, command: &[String]) -> (JobState, Vec<String>) {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["alembic", "current"] => (JobState::Exited(0), vec![self.revision.clone()]),
            ["alembic", "downgrade", revision] => {
                self.revision = (*revision).to_owned();
                (JobState::Exited(0), vec![])
            }
            _ => {
                // An older image does not know the revision that a newer one left.
                if self.head < self.revision {
                    return (JobState::Exited(255), vec![]);
                }
                let (code, has_effect) = self.up;
                if has_effect {
                    self.ups.push((self.revision.clone(), self.head.clone()));
                    self.revision.clone_from(&self.head);
                }
                (JobState::Exited(code), vec![])
            }
        }
    }
}

struct Running {
    before: DefinitionRef,
    runs: DefinitionRef,
    handle: RolloutHandle,
    since: Timestamp,
    turned: bool,
}

/// Cloud, clock, journal, ledger and report in one: they share one order of events.
pub(super) struct Fake {
    now: Cell<Timestamp>,
    services: RefCell<BTreeMap<ServiceName, Running>>,
    jobs: RefCell<BTreeMap<String, (Timestamp, JobState, Vec<String>)>>,
    /// What migrations change.
    pub(super) database: RefCell<Database>,
    pub(super) pointers: RefCell<BTreeMap<String, String>>,
    pub(super) recorded: RefCell<Vec<Entry>>,
    pub(super) schema: RefCell<SchemaRecord>,
    pub(super) broken: BTreeSet<ServiceName>,
    pub(super) blind: bool,
    /// The schema record cannot be written.
    pub(super) forgetful: bool,
    /// What the old and the new revision run.
    pub(super) versions: (&'static str, &'static str),
    /// The reply to this change (counted from 0) is lost after its effect.
    pub(super) lost: Option<usize>,
    /// So many records can be written.
    pub(super) room: Cell<usize>,
    changes: Cell<usize>,
    pub(super) records: RefCell<Vec<Record>>,
    pub(super) log: RefCell<Vec<String>>,
    pub(super) looks: Cell<u32>,
}

impl Fake {
    pub(super) fn of(plan: &Plan) -> Self {
        let services = plan.services.iter().map(|(name, service)| {
            let running = Running {
                before: service.before.definition.clone(),
                runs: service.before.definition.clone(),
                handle: service.before.rollout.clone(),
                since: Timestamp::MIN,
                turned: false,
            };
            (name.clone(), running)
        });
        let before = plan.frontend.iter().flat_map(|f| f.before.clone());
        Self {
            now: Cell::new(super::world::start()),
            services: RefCell::new(services.collect()),
            jobs: RefCell::default(),
            database: RefCell::default(),
            pointers: RefCell::new(before.collect()),
            recorded: RefCell::default(),
            schema: RefCell::default(),
            broken: BTreeSet::new(),
            blind: false,
            forgetful: false,
            versions: ("old", "new"),
            lost: None,
            room: Cell::new(usize::MAX),
            changes: Cell::new(0),
            records: RefCell::default(),
            log: RefCell::default(),
            looks: Cell::new(0),
        }
    }

    pub(super) fn seconds(&self) -> i64 {
        self.now
            .get()
            .duration_since(super::world::start())
            .as_secs()
    }

    /// What every service runs, in order of their names.
    pub(super) fn runs(&self) -> Vec<String> {
        let services = self.services.borrow();
        services
            .values()
            .map(|service| service.runs.to_string())
            .collect()
    }

    /// How many changes were asked for.
    pub(super) fn changes(&self) -> usize {
        self.changes.get()
    }

    /// A change took effect; its reply may be lost.
    fn changed<T>(&self, what: String, gave: T) -> Answer<T> {
        self.log.borrow_mut().push(format!("effect {what}"));
        let number = self.changes.replace(self.changes.get() + 1);
        if self.lost == Some(number) {
            return Err(failure(FailureKind::Unavailable, Effect::Unknown));
        }
        Ok(gave)
    }

    fn look<T>(&self, seen: T) -> Answer<T> {
        self.looks.set(self.looks.get() + 1);
        if self.blind {
            return Err(failure(FailureKind::Throttled, Effect::None));
        }
        Ok(seen)
    }

    fn is_done(&self, name: &ServiceName, running: &Running) -> bool {
        let broken = self.broken.contains(name) && running.runs != running.before;
        !broken && self.now.get() >= after(running.since, Duration::from_secs(60))
    }

    fn view(&self, name: &ServiceName, follow: Option<&RolloutHandle>) -> ServiceView {
        let services = self.services.borrow();
        let running = &services[name];
        let done = self.is_done(name, running);
        let status = match (follow == Some(&running.handle), running.turned, done) {
            (true, _, true) => RolloutStatus::Succeeded,
            (true, _, false) => RolloutStatus::InProgress,
            (false, true, _) => RolloutStatus::RolledBack,
            (false, false, _) => RolloutStatus::NotVisible,
        };
        let broken = self.broken.contains(name) && running.runs != running.before;
        ServiceView {
            desired: 2,
            running: 2,
            pending: 0,
            primary: running.handle.clone(),
            primary_definition: running.runs.clone(),
            primary_state: if done {
                PrimaryState::Completed
            } else {
                PrimaryState::InProgress
            },
            followed: follow.map(|handle| RolloutView {
                handle: handle.clone(),
                status,
                reason: None,
                failures: (0, None),
                running: 2,
            }),
            trouble: if broken {
                Trouble::Suspected
            } else {
                Trouble::None
            },
            messages: vec![],
        }
    }
}

impl Services for Fake {
    async fn survey(&self, _: &[ServiceLocator]) -> Answer<BTreeMap<ServiceName, LiveService>> {
        Ok(BTreeMap::new())
    }

    async fn register(&self, definition: &Definition, _: &Revisions) -> Answer<DefinitionRef> {
        let family = definition.family().to_owned();
        self.changed(
            format!("register {family}"),
            definition_ref(&format!("{family}:2")),
        )
    }

    async fn roll_out(&self, request: &RolloutRequest) -> Answer<RolloutHandle> {
        let mut services = self.services.borrow_mut();
        let name = &request.locator.name;
        let running = services.get_mut(name).unwrap();
        if running.runs != request.definition {
            running.runs = request.definition.clone();
            running.handle = rollout(&format!("{name}-{}", self.changes.get() + 100));
            running.since = self.now.get();
            running.turned = false;
        }
        let handle = running.handle.clone();
        self.changed(format!("roll out {}", request.definition), handle)
    }

    async fn turn_back(&self, locator: &ServiceLocator, _: &RolloutHandle) -> Answer<()> {
        let mut services = self.services.borrow_mut();
        let running = services.get_mut(&locator.name).unwrap();
        running.runs = running.before.clone();
        running.handle = rollout(&format!("{}-1", locator.name));
        running.since = self.now.get();
        running.turned = true;
        self.changed(format!("turn back {}", locator.name), ())
    }

    async fn watch(&self, follow: &[Follow]) -> Answer<BTreeMap<ServiceName, ServiceView>> {
        let views = follow.iter().map(|follow| {
            let name = &follow.locator.name;
            (name.clone(), self.view(name, follow.rollout.as_ref()))
        });
        self.look(views.collect())
    }

    async fn evidence(&self, locator: &ServiceLocator, of: &DefinitionRef) -> Answer<Evidence> {
        let services = self.services.borrow();
        let running = &services[&locator.name];
        let fails = self.broken.contains(&locator.name) && of != &running.before;
        let tasks = if fails { 2 } else { 0 };
        let task = stopped(Some(running.handle.as_str()), StopCause::Exited(1));
        self.look(evidence(vec![task; tasks]))
    }

    async fn tasks(&self, locator: &ServiceLocator) -> Answer<TasksView> {
        let services = self.services.borrow();
        let name = &locator.name;
        let runs = &services[name].runs;
        let version = if runs.as_str().ends_with(":2") {
            self.versions.1
        } else {
            self.versions.0
        };
        let task = |number: u32| TaskView {
            task: TaskId::parse(format!("task/{number}")).unwrap(),
            definition: runs.clone(),
            digests: vec![digest(&format!("shop/{name}:{version}"))],
            running: TaskState::Running,
            target: TargetState::Healthy,
        };
        self.look(TasksView {
            desired: 2,
            tasks: (0..2).map(task).collect(),
        })
    }
}

impl Jobs for Fake {
    async fn start(&self, request: &JobRequest) -> Answer<TaskId> {
        let key = request.key.to_string();
        let now = self.now.get();
        let mut jobs = self.jobs.borrow_mut();
        jobs.entry(key.clone()).or_insert_with(|| {
            let (end, log) = self.database.borrow_mut().obey(&request.command);
            (now, end, log)
        });
        drop(jobs);
        self.changed(format!("start {key}"), TaskId::parse(key).unwrap())
    }

    async fn look(&self, _: &JobRequest, task: &TaskId) -> Answer<JobView> {
        let (since, end, log) = self.jobs.borrow()[task.as_str()].clone();
        let (state, log) = match self.now.get() >= after(since, Duration::from_secs(30)) {
            true => (end, log),
            false => (JobState::Running, vec![]),
        };
        let unread = None;
        Fake::look(self, JobView { state, log, unread })
    }

    async fn stop(&self, request: &JobRequest, _: &TaskId, _: &str) -> Answer<()> {
        self.changed(format!("stop {}", request.key), ())
    }

    async fn running(&self, _: &str, _: &Definition) -> Answer<Vec<RunningJob>> {
        self.look(vec![])
    }

    fn unreadable(&self, _: &Definition, _: &str) -> Option<String> {
        None
    }
}

impl Registry for Fake {
    async fn resolve(
        &self,
        _: &BTreeSet<Repository>,
        _: &Version,
    ) -> Answer<BTreeMap<Repository, ResolvedImage>> {
        Ok(BTreeMap::new())
    }

    async fn gone(&self, _: &BTreeSet<String>) -> Answer<Pulled> {
        Ok(Pulled::default())
    }
}

impl FrontendStore for Fake {
    async fn compare(
        &self,
        _: &Frontend,
        _: &Manifest,
        _: Option<&Manifest>,
    ) -> Answer<PublishedFiles> {
        Ok(PublishedFiles {
            live: self.pointers.borrow().clone(),
            ..PublishedFiles::default()
        })
    }

    async fn pointers(&self, _: &Frontend, _: &[String]) -> Answer<BTreeMap<String, String>> {
        Ok(self.pointers.borrow().clone())
    }

    async fn publish(&self, _: &Frontend, _: &Publication<'_>) -> Answer<Published> {
        self.changed("publish".to_owned(), Published::default())
    }

    async fn point(&self, _: &Frontend, to: &BTreeMap<String, Option<Pointer>>) -> Answer<()> {
        let live = to
            .iter()
            .filter_map(|(path, to)| Some((path.clone(), to.clone()?.sha256)));
        *self.pointers.borrow_mut() = live.collect();
        self.changed("point".to_owned(), ())
    }

    async fn invalidate(&self, _: &Frontend, _: &Forget, key: &IdempotencyKey) -> Answer<String> {
        self.changed("invalidate".to_owned(), key.to_string())
    }

    async fn invalidation(&self, _: &Frontend, _: &str) -> Answer<InvalidationView> {
        Fake::look(self, InvalidationView::Completed)
    }

    async fn view(&self, _: &Frontend, expected: &[ExpectedFile]) -> Answer<FrontendView> {
        let live = self.pointers.borrow();
        let differs = |file: &&ExpectedFile| {
            live.get(&file.path)
                .is_some_and(|hash| hash != &file.sha256)
        };
        let wrong = expected.iter().filter(differs);
        let wrong = wrong
            .map(|file| (file.path.clone(), "another".to_owned()))
            .collect();
        let files = u32::try_from(expected.len()).unwrap();
        Fake::look(
            self,
            FrontendView {
                files,
                wrong,
                unseen: 0,
            },
        )
    }
}

impl Web for Fake {
    async fn check(&self, _: &Check, _: &Version) -> Answer<CheckResult> {
        Fake::look(self, CheckResult::Passed("200".to_owned()))
    }
}

impl Identity for Fake {
    async fn caller(&self) -> Answer<Caller> {
        Err(failure(FailureKind::Denied, Effect::None))
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        self.now.set(self.now.get().max(moment));
    }
}

impl Journal for Fake {
    async fn append(&self, record: &Record) -> Answer<()> {
        if self.room.get() == 0 {
            self.log.borrow_mut().push("journal full".to_owned());
            return Err(failure(FailureKind::Unavailable, Effect::None));
        }
        self.room.set(self.room.get() - 1);
        if let crate::journal::Event::Intended { act } = &record.event {
            self.log.borrow_mut().push(format!("intent {act}"));
        }
        self.records.borrow_mut().push(record.clone());
        Ok(())
    }
}

impl Ledger for Fake {
    async fn last_proven(&self, _: &AppName, _: &EnvironmentName) -> Answer<Option<Release>> {
        Ok(self
            .recorded
            .borrow()
            .last()
            .map(|entry| entry.release.clone()))
    }

    async fn newest(&self, _: &AppName, _: &EnvironmentName, count: usize) -> Answer<Vec<Entry>> {
        let recorded = self.recorded.borrow();
        let older = recorded.len().saturating_sub(count);
        Ok(recorded[older..].to_vec())
    }

    async fn record(&self, entry: &Entry) -> Answer<()> {
        let mut recorded = self.recorded.borrow_mut();
        if !recorded.last().is_some_and(|last| last.is(entry)) {
            recorded.push(entry.clone());
        }
        self.changed("record".to_owned(), ())
    }

    async fn schema(&self) -> Answer<SchemaRecord> {
        Ok(self.schema.borrow().clone())
    }

    async fn note(&self, entry: &SchemaEntry) -> Answer<()> {
        if self.forgetful {
            return Err(failure(FailureKind::Unavailable, Effect::None));
        }
        self.schema.borrow_mut().note(entry);
        self.log.borrow_mut().push(format!("note {:?}", entry.end));
        Ok(())
    }
}

impl Report for Fake {
    fn recorded(&self, _: &Record) {}
    fn observed(&self, _: &Observation) {}
}
