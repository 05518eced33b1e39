//! Watches one play from its three doors (journal, ledger, cloud) and copies the moments that it is asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backstay_cli::compose::ledger::MemoryLedger;
use backstay_domain::journal::{Event, Finding, Record};
use backstay_domain::ledger::Entry;
use backstay_domain::observation::Observation;
use backstay_domain::ports::{Journal, Ledger, PortFailure, Report};
use backstay_domain::release::Release;
use backstay_domain::schema::{SchemaEntry, SchemaRecord};
use backstay_domain::{AppName, EnvironmentName};
use backstay_simulator::{Cloud, Picture, World};
use tokio::sync::Notify;

use super::fork::{Fork, words};

/// Which moments are kept.
#[derive(Clone)]
pub(super) enum Keep {
    /// None.
    Nothing,
    /// Every moment after which a crash is a case of its own, and every call to be struck; of each one in so many.
    Everything(Strides),
    /// One moment, chosen by this seed; all are equally likely.
    One(u64),
    /// The moment right after this call was sent; the play need not go on from there.
    Sent(Sending),
}

/// A call, by how many of its operation come before it.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    /// `service.Operation`.
    pub operation: String,
    /// How many come before.
    pub skip: u32,
}

/// One in so many is played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strides {
    /// Moments and changing calls.
    pub moments: usize,
    /// Reading calls.
    pub reads: usize,
    /// Where counting begins.
    pub shift: usize,
}

/// A call that something can happen to, and the last moment before it at which nothing was in flight.
pub(super) struct Struck {
    pub(super) before: Arc<Fork>,
    /// `service.Operation`.
    pub(super) operation: String,
    /// How many calls of this operation were between.
    pub(super) skip: u32,
    /// Whether it changes something.
    pub(super) changes: bool,
}

/// What was seen of one play.
pub(super) struct Recorder {
    keep: Keep,
    caught: Notify,
    state: Mutex<State>,
}

struct State {
    records: Vec<Arc<Record>>,
    ledger: Arc<Vec<Entry>>,
    moments: u64,
    forks: Vec<Fork>,
    /// The last moment with nothing in flight, and calls since then.
    quiet: Arc<Fork>,
    since: BTreeMap<String, u32>,
    reads: usize,
    changes: usize,
    struck: Vec<Struck>,
    /// Changing calls, struck or not.
    changing: usize,
    /// What was said to serve, and the world at that moment.
    serving: Vec<(String, Picture)>,
}

/// What a recorder has seen.
pub(super) struct Seen {
    pub(super) records: Vec<Arc<Record>>,
    pub(super) forks: Vec<Fork>,
    pub(super) struck: Vec<Struck>,
    /// How many moments there were, kept or not.
    pub(super) moments: u64,
    /// How many changing calls there were, struck or not.
    pub(super) changing: usize,
    /// What was said to serve, and the world at that moment.
    pub(super) serving: Vec<(String, Picture)>,
}

impl Recorder {
    pub(super) fn new(from: &Fork, keep: Keep) -> Self {
        Self {
            keep,
            caught: Notify::new(),
            state: Mutex::new(State {
                records: from.records.clone(),
                ledger: Arc::clone(&from.ledger),
                moments: 0,
                forks: Vec::new(),
                quiet: Arc::new(from.clone()),
                since: BTreeMap::new(),
                reads: 0,
                changes: 0,
                struck: Vec::new(),
                changing: 0,
                serving: Vec::new(),
            }),
        }
    }

    /// Everything that is recorded so far.
    pub(super) fn records(&self) -> Vec<Arc<Record>> {
        self.state().records.clone()
    }

    /// What was seen so far; leaves nothing behind.
    pub(super) fn take(&self) -> Seen {
        let mut state = self.state();
        Seen {
            records: std::mem::take(&mut state.records),
            forks: std::mem::take(&mut state.forks),
            struck: std::mem::take(&mut state.struck),
            moments: state.moments,
            changing: state.changing,
            serving: std::mem::take(&mut state.serving),
        }
    }

    /// Waits until the call that is to be kept was sent.
    pub(super) async fn caught(&self) {
        self.caught.notified().await;
    }

    /// A call was served.
    pub(super) fn served(&self, operation: &str, world: &World) {
        let mut state = self.state();
        let changes = is_change(operation);
        if let Keep::Sent(sending) = &self.keep
            && sending.operation == operation
        {
            let seen = state.since.entry(operation.to_owned()).or_default();
            *seen += 1;
            if *seen == sending.skip + 1 {
                let fork = state.fork(world.clone(), format!("with {operation} on its way"));
                state.forks.push(fork);
                self.caught.notify_one();
            }
        }
        if let Keep::Everything(strides) = &self.keep {
            let (number, stride) = if changes {
                (&mut state.changes, strides.moments)
            } else {
                (&mut state.reads, strides.reads)
            };
            let due = (*number + strides.shift).is_multiple_of(stride);
            *number += 1;
            let skip = state.since.get(operation).copied().unwrap_or(0);
            if due {
                let before = Arc::clone(&state.quiet);
                state.struck.push(Struck {
                    before,
                    operation: operation.to_owned(),
                    skip,
                    changes,
                });
            }
            state.since.insert(operation.to_owned(), skip + 1);
        }
        if changes {
            state.changing += 1;
            self.moment(&mut state, world, || format!("after {operation}"));
        }
    }

    fn appended(&self, record: &Record, world: &World) {
        let mut state = self.state();
        state.records.push(Arc::new(record.clone()));
        if let Event::Found {
            finding: Finding::Serves { proof, .. },
        } = &record.event
        {
            let service = proof.component.to_string();
            state.serving.push((service, world.picture()));
        }
        if !matches!(record.event, Event::Finished { .. }) {
            self.moment(&mut state, world, || {
                format!("after record {} ({})", record.sequence, words(record))
            });
        }
    }

    fn proven(&self, ledger: Vec<Entry>, world: &World) {
        let mut state = self.state();
        state.ledger = Arc::new(ledger);
        self.moment(&mut state, world, || {
            "after the ledger was written".to_owned()
        });
    }

    /// Nothing is in flight.
    fn quiet(&self, world: impl FnOnce() -> World) {
        if let Keep::Everything(_) = self.keep {
            let world = world();
            let mut state = self.state();
            let fork = state.fork(world, "at rest".to_owned());
            state.quiet = Arc::new(fork);
            state.since.clear();
        }
    }

    fn moment(&self, state: &mut State, world: &World, place: impl FnOnce() -> String) {
        state.moments += 1;
        let kept = match &self.keep {
            Keep::Nothing | Keep::Sent(_) => false,
            Keep::Everything(strides) => {
                let number = usize::try_from(state.moments).unwrap_or(usize::MAX);
                (number + strides.shift).is_multiple_of(strides.moments)
            }
            // The n-th moment takes the place of the one before with chance 1/n, so that each is kept with the same chance.
            Keep::One(seed) => {
                let chosen =
                    scattered(*seed ^ scattered(state.moments)).is_multiple_of(state.moments);
                if chosen {
                    state.forks.clear();
                }
                chosen
            }
        };
        if kept {
            let fork = state.fork(world.clone(), place());
            state.forks.push(fork);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fork(&self, world: World, place: String) -> Fork {
        Fork {
            world,
            records: self.records.clone(),
            ledger: Arc::clone(&self.ledger),
            place,
        }
    }
}

/// A number that looks like chance, and is the same for the same number (the finaliser of SplitMix64).
pub(super) fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub(super) fn is_change(operation: &str) -> bool {
    let name = operation.rsplit('.').next().unwrap_or(operation);
    let verbs = [
        "Update", "Register", "Run", "Put", "Create", "Continue", "Stop", "Copy", "Delete",
    ];
    verbs.iter().any(|verb| name.starts_with(verb))
}

/// The journal, the ledger and the report of a play that is watched.
pub(super) struct Watched {
    pub(super) recorder: Arc<Recorder>,
    pub(super) cloud: Cloud,
    pub(super) ledger: MemoryLedger,
}

impl Journal for Watched {
    async fn append(&self, record: &Record) -> Result<(), PortFailure> {
        self.cloud
            .with_world(|world| self.recorder.appended(record, world));
        Ok(())
    }
}

impl Ledger for Watched {
    async fn last_proven(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Option<Release>, PortFailure> {
        self.ledger.last_proven(app, environment).await
    }

    async fn newest(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
        count: usize,
    ) -> Result<Vec<Entry>, PortFailure> {
        self.ledger.newest(app, environment, count).await
    }

    async fn record(&self, entry: &Entry) -> Result<(), PortFailure> {
        self.ledger.record(entry).await?;
        let proven = self.ledger.snapshot();
        self.cloud
            .with_world(|world| self.recorder.proven(proven, world));
        Ok(())
    }

    async fn schema(&self) -> Result<SchemaRecord, PortFailure> {
        self.ledger.schema().await
    }

    async fn note(&self, entry: &SchemaEntry) -> Result<(), PortFailure> {
        self.ledger.note(entry).await
    }
}

impl Report for Watched {
    fn recorded(&self, _: &Record) {}

    fn observed(&self, _: &Observation) {
        self.recorder
            .quiet(|| self.cloud.with_world(|world| world.clone()));
    }
}
