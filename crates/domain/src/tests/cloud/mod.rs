//! A cloud in memory: rollouts take a minute, tasks of broken services stop, any reply can be lost once.

mod ports;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::story::failure;
use crate::app::Check;
use crate::journal::Record;
use crate::ledger::Entry;
use crate::observation::{
    CheckResult, JobState, Observation, PrimaryState, RolloutStatus, RolloutView, ServiceView,
    Trouble,
};
use crate::plan::Plan;
use crate::ports::{
    Caller, Clock, Effect, FailureKind, Identity, Journal, Ledger, PortFailure, Report, Web,
};
use crate::progress::after;
use crate::release::Release;
use crate::scheduled::Started;
use crate::schema::{SchemaEntry, SchemaRecord};
use crate::verdict::WitnessKind;
use crate::{AppName, DefinitionRef, EnvironmentName, RolloutHandle, ServiceName, Version};

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
            ["ask", code] => (JobState::Exited(code.parse().unwrap()), vec![]),
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

/// Hashes by path.
pub(super) type Pages = BTreeMap<String, String>;

/// When a task began, how it ends, and what it prints.
type Ending = (Timestamp, JobState, Vec<String>);

/// Cloud, clock, journal, ledger and report in one: they share one order of events.
pub(super) struct Fake {
    now: Cell<Timestamp>,
    services: RefCell<BTreeMap<ServiceName, Running>>,
    jobs: RefCell<BTreeMap<String, Ending>>,
    /// What the database can be brought back to, since when.
    pub(super) anchors: RefCell<BTreeMap<String, Timestamp>>,
    pub(super) anchoring: Anchoring,
    /// What migrations change.
    pub(super) database: RefCell<Database>,
    /// The pages in each bucket.
    pub(super) pointers: RefCell<BTreeMap<String, Pages>>,
    /// The bucket whose CDN goes on serving what it served at first.
    pub(super) stale: Option<(&'static str, BTreeMap<String, Pages>)>,
    /// What rules start, by their names.
    pub(super) schedules: RefCell<BTreeMap<String, Started>>,
    pub(super) recorded: RefCell<Vec<Entry>>,
    pub(super) schema: RefCell<SchemaRecord>,
    pub(super) broken: BTreeSet<ServiceName>,
    pub(super) blind: bool,
    /// Whoever cannot be heard, and why.
    pub(super) unheard: Option<(WitnessKind, FailureKind)>,
    /// Tasks of every service that run, until a moment; then all of them do.
    pub(super) short: Option<(u32, Timestamp)>,
    /// Whether tasks say which image they run.
    pub(super) digests: Digests,
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
    /// Who was asked before they had anything to say.
    pub(super) asked: RefCell<Vec<String>>,
    /// Nobody answers there.
    pub(super) unreached: bool,
}

/// How anchors are made.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchoring {
    /// How long it takes.
    pub(super) seconds: i64,
    /// Half way it fails, because of this.
    pub(super) fails: Option<&'static str>,
    /// It cannot be made, as can be told before.
    pub(super) refused: Option<FailureKind>,
    /// Earlier ones cannot be removed.
    pub(super) stays: Option<FailureKind>,
}

/// Whether tasks say which image they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digests {
    Said,
    Unsaid,
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
        let schedules = plan.jobs.values().filter_map(|job| {
            let trigger = job.trigger.as_ref()?.to_string();
            Some((trigger, job.before.clone()?))
        });
        let before = plan.frontends.values();
        let before = before.map(|it| (it.frontend.bucket.clone(), it.before.clone()));
        Self {
            now: Cell::new(super::world::start()),
            services: RefCell::new(services.collect()),
            jobs: RefCell::default(),
            anchors: RefCell::default(),
            anchoring: Anchoring::default(),
            database: RefCell::default(),
            pointers: RefCell::new(before.collect()),
            stale: None,
            schedules: RefCell::new(schedules.collect()),
            recorded: RefCell::default(),
            schema: RefCell::default(),
            broken: BTreeSet::new(),
            blind: false,
            unheard: None,
            short: None,
            digests: Digests::Said,
            forgetful: false,
            versions: ("old", "new"),
            lost: None,
            room: Cell::new(usize::MAX),
            changes: Cell::new(0),
            records: RefCell::default(),
            log: RefCell::default(),
            looks: Cell::new(0),
            asked: RefCell::default(),
            unreached: false,
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

    fn hears(&self, who: WitnessKind) -> Answer<()> {
        match self.unheard {
            Some((silent, kind)) if silent == who => Err(failure(kind, Effect::None)),
            Some(_) | None => Ok(()),
        }
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
            primary_running: if done { 2 } else { 0 },
            followed: follow.map(|handle| RolloutView {
                handle: handle.clone(),
                status,
                reason: None,
                failures: (0, None),
                running: 2,
                shift: None,
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

impl Web for Fake {
    async fn check(&self, _: &Check, _: &Version) -> Answer<CheckResult> {
        if self.unreached {
            return Ok(CheckResult::Unreached("no connection".to_owned()));
        }
        if self.hears(WitnessKind::Probe).is_err() {
            return Ok(CheckResult::Failed("status 503 instead of 200".to_owned()));
        }
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
