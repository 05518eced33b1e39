//! Every fault on every part of an app, each played on a throw-away cloud of its own: what `rehearse --all` shows.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use backstay_domain::anchor::AnchorOf;
use backstay_domain::journal::Outcome;
use backstay_domain::plan::Plan;
use backstay_simulator::is_read;
use serde::Serialize;

use super::asked::asked_fault;
use super::catalogue::{
    NOT_PUSHED, OF_A_SERVICE, OF_THE_ANCHOR, OF_THE_CALLER, OF_THE_FRONTEND, OF_THE_MIGRATION,
    PLAYED_CHANGES, PLAYED_READS,
};
use super::fault::is_simulated;
use super::{Played, Rehearsal, Setup, Step, Then, Unwatched};
use crate::compose::cloud::{Time, runtime};
use crate::failure::Failure;
use crate::render::outcome::{EXIT_LIVE, EXIT_ROLLED_BACK};
use crate::render::words::cause_words;

/// The fault that only tasks on Spot know.
const SPOT: &str = "spot-interruption";
/// How long after a deployment has stopped somebody looks after it: the trouble is over then.
const LATER: &str = "10m";

/// How a rehearsal with one fault ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The new release is live and proven all the same.
    Live,
    /// The old release is live again and proven.
    Back,
    /// Nothing was begun: the plan said no.
    Refused,
    /// It stopped half-way: `backstay resume` goes on from its journal.
    Stopped,
    /// A human is needed.
    Stuck,
}

/// One fault, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// A service's name, `migration`, a frontend's name, a call, `caller`.
    pub part: String,
    /// As `--fault` takes it, after the `=`.
    pub fault: String,
    /// How it ended.
    pub end: End,
    /// The exit code of the deployment.
    pub code: u8,
    /// Virtual time that it took, in seconds.
    pub took_s: u64,
    /// Whether the fault made a difference before the end.
    pub struck: bool,
    /// Why it turned back, is stuck or was refused; nothing when it is live.
    pub because: String,
    /// What `backstay resume` came to afterwards, where the deployment had stopped half-way.
    pub resumed: Option<End>,
    /// Moments with fewer healthy tasks than the minimum, though no task failed by itself.
    pub violations: Vec<String>,
}

/// What there is to play.
#[derive(Clone, Debug)]
pub struct Every {
    setup: Setup,
    cells: Vec<(String, String)>,
}

impl Every {
    /// All faults of an app: those of its parts, and those of the calls that its deployment makes when nothing goes wrong.
    #[must_use]
    pub fn of(setup: &Setup, calls: &BTreeMap<String, u64>) -> Self {
        let app = &setup.project.configured.app;
        let migration = app.migration.as_ref();
        let asks = migration.is_some_and(|migration| !migration.checks.is_empty());
        let anchor = migration.and_then(|migration| migration.anchor.as_ref());
        let snapshot = |of: &AnchorOf| matches!(of, AnchorOf::Snapshot { .. }) && is_simulated(of);
        let anchored = anchor.is_some_and(|anchor| snapshot(&anchor.of));
        let mut cells = Vec::new();
        let mut add = |part: &str, fault: &str| cells.push((part.to_owned(), fault.to_owned()));
        for service in app.services.keys() {
            let simulated = setup.project.configured.simulation.services.get(service);
            let provider = simulated.and_then(|it| it.capacity_provider.as_deref());
            for (name, played, ..) in &OF_A_SERVICE {
                // Only Spot takes tasks away.
                if *name != SPOT || provider == Some("FARGATE_SPOT") {
                    add(service.as_str(), played);
                }
            }
            add(service.as_str(), NOT_PUSHED.0);
        }
        if app.migration.is_some() {
            for (name, played, _) in &OF_THE_MIGRATION {
                // Only who asks gets an answer.
                if !name.starts_with("answers") || asks {
                    add("migration", played);
                }
            }
        }
        if anchored {
            for (_, played, _) in &OF_THE_ANCHOR {
                add("anchor", played);
            }
        }
        for frontend in app.frontends.keys() {
            for (fault, _) in &OF_THE_FRONTEND {
                add(frontend.as_str(), fault);
            }
        }
        for call in calls.keys() {
            let played: &[&str] = match is_read(call) {
                true => &PLAYED_READS,
                false => &PLAYED_CHANGES,
            };
            for fault in played {
                add(call, fault);
            }
        }
        for (_, played, _) in &OF_THE_CALLER {
            add("caller", played);
        }
        Self {
            setup: setup.clone(),
            cells,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cells.len()
    }

    /// Plays all of them, on as many threads as there are processors; `done` is told after each how many are.
    ///
    /// # Errors
    /// When one cannot be set up: a defect, since the same app was played without a fault.
    pub fn play(&self, done: &(dyn Fn(usize) + Sync)) -> Result<Vec<Cell>, Failure> {
        let next = AtomicUsize::new(0);
        let played: Mutex<BTreeMap<usize, Result<Cell, Failure>>> = Mutex::default();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers.min(self.cells.len()) {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some((part, fault)) = self.cells.get(number) else {
                            return;
                        };
                        let cell = self.cell(part, fault);
                        let mut played = played.lock().unwrap_or_else(PoisonError::into_inner);
                        played.insert(number, cell);
                        done(played.len());
                    }
                });
            }
        });
        let played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
        played.into_values().collect()
    }

    fn cell(&self, part: &str, fault: &str) -> Result<Cell, Failure> {
        let mut setup = self.setup.clone();
        let text = format!("{part}={fault}");
        let asked = asked_fault(&text, &setup.project.configured);
        let asked = asked.map_err(|error| Failure::usage(error.message, error.hint))?;
        setup.suffers(text, asked);
        if part == "caller" {
            let resume = Then {
                resume: Some(String::new()),
                repaired: true,
                after: Some(LATER.to_owned()),
                ..Then::default()
            };
            setup.then.push(Step::of(&resume, &setup.project)?);
        }
        let played = runtime(Time::Paused)?.block_on(async {
            let rehearsal = Rehearsal::new(setup)?;
            Ok::<Played, Failure>(rehearsal.play(&Unwatched, |_: &Plan| {}).await)
        })?;
        let (end, because) = match &played.outcome {
            Ok(None | Some(Outcome::Live { .. })) => (End::Live, String::new()),
            Ok(Some(Outcome::RolledBack { cause, .. })) => (End::Back, cause_words(cause).0),
            Ok(Some(Outcome::Stuck { because, .. })) => (End::Stuck, because.to_string()),
            // Nothing is in a journal that was never begun.
            Err(failure) if played.records.is_empty() => (End::Refused, failure.to_string()),
            Err(failure) => (End::Stopped, failure.to_string()),
        };
        let resumed = played.then.first().filter(|_| end == End::Stopped);
        let resumed = resumed.map(|then| match &then.said {
            Ok(said) if said.code == EXIT_LIVE => End::Live,
            Ok(said) if said.code == EXIT_ROLLED_BACK => End::Back,
            Ok(_) | Err(_) => End::Stuck,
        });
        Ok(Cell {
            part: part.to_owned(),
            fault: fault.to_owned(),
            end,
            code: played.exit_code(),
            took_s: played.took_ms / 1_000,
            struck: played.not_struck.is_empty(),
            because,
            resumed,
            violations: played.violations,
        })
    }
}
