//! What the processes of one environment share: the lease, the journals, proven releases and the schema record.

use std::rc::Rc;

use backstay_domain::DeploymentId;
use backstay_domain::journal::{Act, Event, Outcome, Record};
use backstay_domain::lease::{Found, Holder, Lease};
use backstay_domain::ledger::Entry;
use backstay_domain::plan::Plan;
use backstay_domain::progress::Progress;
use backstay_domain::retreat::Unrecorded;
use backstay_domain::schema::SchemaRecord;

use crate::app::{Code, Setup};
use crate::moment;

/// What the processes of one environment share.
#[derive(Clone, Debug)]
pub struct Store {
    /// The lease.
    pub lease: Option<Lease>,
    /// When its holder renewed it last; one that lives renews it all the time.
    pub renewed: u32,
    /// Journals, oldest first.
    pub journals: Vec<Journal>,
    /// Proven releases, oldest first.
    pub ledger: Rc<Vec<Entry>>,
    /// What may have happened to the schema.
    pub schema: Rc<SchemaRecord>,
}

/// A deployment's journal.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Whose.
    pub deployment: DeploymentId,
    /// Its plan; none where it was abandoned before it began.
    pub planned: Option<Rc<Planned>>,
    /// What its lines come to.
    pub progress: Rc<Progress>,
    /// Its lines.
    pub lines: Option<Rc<Line>>,
}

/// A line, and those before it.
#[derive(Debug)]
pub struct Line {
    /// What it says.
    pub record: Record,
    /// The lines before it.
    pub before: Option<Rc<Line>>,
}

/// A plan, and what was true when it was made.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What tells it from another.
    pub digest: u64,
    /// What the services ran that were complete then.
    pub services: [Code; 2],
    /// Whose page there was.
    pub page: Code,
    /// The schema's revision.
    pub schema: u8,
}

/// Somebody else wrote to the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict;

impl Store {
    /// The first release is proven, nobody is at work.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let ledger = vec![setup.first.clone()];
        Self {
            lease: None,
            renewed: 0,
            journals: Vec::new(),
            schema: Rc::new(SchemaRecord::of_ledger(&ledger)),
            ledger: Rc::new(ledger),
        }
    }

    /// The lease as a newcomer finds it; `lives` tells whether a holder's process does.
    #[must_use]
    pub fn found(&self, now: u32, lives: impl Fn(&Holder) -> bool) -> Option<Found> {
        let lease = self.lease.clone()?;
        let renewed = match lease.holder.as_ref().is_some_and(lives) {
            true => now,
            false => self.renewed,
        };
        Some(Found {
            lease,
            age: std::time::Duration::from_secs(u64::from(now.saturating_sub(renewed))),
        })
    }

    /// The journal of a deployment.
    #[must_use]
    pub fn journal(&self, deployment: &DeploymentId) -> Option<usize> {
        self.journals
            .iter()
            .position(|one| one.deployment == *deployment)
    }

    /// Begins a journal.
    ///
    /// # Errors
    /// When it was begun already, by whomever.
    pub fn create(
        &mut self,
        deployment: &DeploymentId,
        planned: Option<Rc<Planned>>,
        event: Event,
        now: u32,
    ) -> Result<usize, Conflict> {
        if self.journal(deployment).is_some() {
            return Err(Conflict);
        }
        self.journals.push(Journal {
            deployment: deployment.clone(),
            planned,
            progress: Rc::new(Progress::default()),
            lines: None,
        });
        let at = self.journals.len() - 1;
        self.append(at, &Progress::default(), event, now)?;
        Ok(at)
    }

    /// Writes the next line as one sees it who knows `known`.
    ///
    /// # Errors
    /// When somebody else wrote it.
    pub fn append(
        &mut self,
        at: usize,
        known: &Progress,
        event: Event,
        now: u32,
    ) -> Result<Rc<Progress>, Conflict> {
        let journal = &mut self.journals[at];
        if journal.progress.next_sequence() != known.next_sequence() {
            return Err(Conflict);
        }
        let record = Record {
            sequence: known.next_sequence(),
            at: moment(now),
            deployment: journal.deployment.clone(),
            event,
        };
        let progress = match known.clone().apply(&record) {
            Ok(progress) => Rc::new(progress),
            Err(illegal) => unreachable!("{illegal}: {:?}", record.event),
        };
        journal.progress = Rc::clone(&progress);
        journal.lines = Some(Rc::new(Line {
            record,
            before: journal.lines.take(),
        }));
        Ok(progress)
    }

    /// The newest deployment, if it is stuck.
    #[must_use]
    pub fn last_stuck(&self) -> Option<usize> {
        let newest = self.journals.last()?;
        let stuck = matches!(newest.progress.outcome(), Some(Outcome::Stuck { .. }));
        stuck.then(|| self.journals.len() - 1)
    }

    /// The newest deployment that changed something and was neither recorded nor taken back.
    #[must_use]
    pub fn unrecorded(&self) -> Option<Unrecorded> {
        for journal in self.journals.iter().rev() {
            let recorded = |entry: &Entry| entry.deployment.as_ref() == Some(&journal.deployment);
            if self.ledger.iter().any(recorded) {
                return None;
            }
            match journal.progress.outcome() {
                Some(Outcome::Live { .. } | Outcome::RolledBack { .. }) => continue,
                Some(Outcome::Stuck { .. }) | None => {}
            }
            if let Some(found) = Unrecorded::of(&journal.records()) {
                return Some(found);
            }
        }
        None
    }
}

impl Journal {
    /// Its lines, oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        let mut line = self.lines.as_ref();
        while let Some(one) = line {
            records.push(one.record.clone());
            line = one.before.as_ref();
        }
        records.reverse();
        records
    }

    /// Whether an act may have changed something.
    #[must_use]
    pub fn may_have_done(&self, act: &Act) -> bool {
        self.progress.may_have_done(act)
    }
}

impl Drop for Line {
    /// One after the other: a long journal is no deep recursion.
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(mut line) = before.and_then(Rc::into_inner) {
            before = line.before.take();
        }
    }
}
