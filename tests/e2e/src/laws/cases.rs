//! The cases of each law over one scenario: which moments, which calls, what happens there, and how it must end.

use std::fmt;
use std::path::Path;

use backstay_cli::scenario::Scenario;
use backstay_simulator::{CallFault, Fault};

use super::ending::ends_well;
use super::once::started_twice;
use super::recorder::{Keep, Strides, Struck, scattered};
use super::resume::{Ended, resume};
use super::stage::{Exempt, Stage};

/// What may happen at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// A crash after any event or effect, resumed; and once more while it goes on.
    Crash,
    /// A reply is lost, a call is denied, or answered with 500.
    Call,
}

/// How many cases were played, and those that broke the law.
#[derive(Debug, Default)]
pub struct Cases {
    /// Played, by what happened.
    pub played: Vec<(&'static str, usize)>,
    /// Moments and calls that were left out, by stride.
    pub left_out: usize,
    /// Nothing was played, because of this.
    pub exempt: Option<Exempt>,
    /// One line each.
    pub broken: Vec<String>,
}

/// Plays a law over a scenario: the `part`-th of `parts`, which together play every moment.
///
/// # Errors
/// What keeps the scenario from being played at all.
pub fn obey(scenario: &Scenario, law: Law, (part, parts): (usize, usize)) -> Result<Cases, String> {
    let stage = Stage::of(scenario)?;
    let many = scenario.given.copies.is_some();
    let strides = Strides {
        moments: if many { 40 } else { parts },
        reads: if many { 100 } else { 7 * parts },
        shift: scenario.title.len() + part,
    };
    let undisturbed = stage.play(Keep::Everything(strides))?;
    let mut cases = Cases::default();
    if undisturbed.seen.records.is_empty() {
        cases.check(&stage, "undisturbed", "undisturbed", &undisturbed);
        cases.exempt = Some(Exempt::NothingIsDone);
        return Ok(cases);
    }
    cases.check(&stage, "undisturbed", "undisturbed", &undisturbed);
    match law {
        Law::Crash => crashes(&stage, &undisturbed, &mut cases),
        Law::Call => calls(&stage, &undisturbed, &mut cases),
    }
    Ok(cases)
}

fn crashes(stage: &Stage, undisturbed: &Ended, cases: &mut Cases) {
    let moments = usize::try_from(undisturbed.seen.moments).unwrap_or(usize::MAX);
    cases.left_out += moments.saturating_sub(undisturbed.seen.forks.len());
    for (number, fork) in undisturbed.seen.forks.iter().enumerate() {
        let seed = scattered(stage.setup.seed ^ (number as u64) << 8);
        let resumed = resume(stage, fork, &[], Keep::One(seed));
        let later = cases.judge(stage, "crash", &fork.place, resumed);
        for later in later.iter().flat_map(|ended| &ended.seen.forks) {
            let place = format!("{}, then {}", fork.place, later.place);
            let again = resume(stage, later, &[], Keep::Nothing);
            cases.judge(stage, "crash while resuming", &place, again);
        }
    }
}

fn calls(stage: &Stage, undisturbed: &Ended, cases: &mut Cases) {
    for (number, struck) in undisturbed.seen.struck.iter().enumerate() {
        let faults: &[_] = match (struck.changes, number % 2) {
            (true, _) => &[
                CallFault::ReplyLost,
                CallFault::Deny,
                CallFault::ServerError,
            ],
            (false, 0) => &[CallFault::ReplyLost],
            (false, _) => &[CallFault::Deny],
        };
        for fault in faults {
            let after = struck.before.records.len();
            let place = format!(
                "{fault:?} at {} number {} after {after} records",
                struck.operation, struck.skip
            );
            let ended = resume(
                stage,
                &struck.before,
                &[once(struck, *fault)],
                Keep::Nothing,
            );
            cases.judge(stage, name(*fault), &place, ended);
        }
    }
}

fn once(struck: &Struck, fault: CallFault) -> Fault {
    Fault::Call {
        operation: struck.operation.clone(),
        containing: None,
        skip: struck.skip,
        count: 1,
        fault,
    }
}

fn name(fault: CallFault) -> &'static str {
    match fault {
        CallFault::ReplyLost => "reply lost",
        CallFault::Deny => "denied",
        _ => "server error",
    }
}

impl Cases {
    /// All that were played.
    #[must_use]
    pub fn total(&self) -> usize {
        self.played.iter().map(|(_, number)| number).sum()
    }

    /// Adds what was played elsewhere.
    pub fn extend(&mut self, other: Self) {
        for (what, number) in other.played {
            self.count(what, number);
        }
        self.left_out += other.left_out;
        self.exempt = self.exempt.or(other.exempt);
        self.broken.extend(other.broken);
    }

    /// Writes the number of cases where `just test` adds them up.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, directory: &Path, name: &str) -> Result<(), String> {
        let text = format!("{} cases: {name}: {self}\n", self.total());
        std::fs::create_dir_all(directory)
            .and_then(|()| std::fs::write(directory.join(name), text))
            .map_err(|error| format!("{}: {error}", directory.display()))
    }

    /// A play that cannot be played on breaks the law as well.
    fn judge(
        &mut self,
        stage: &Stage,
        what: &'static str,
        place: &str,
        ended: Result<Ended, String>,
    ) -> Option<Ended> {
        match ended {
            Ok(ended) => {
                self.check(stage, what, place, &ended);
                Some(ended)
            }
            Err(why) => {
                self.count(what, 1);
                self.broken.push(format!("{what}: {place}:\n    {why}"));
                None
            }
        }
    }

    fn check(&mut self, stage: &Stage, what: &'static str, place: &str, ended: &Ended) {
        self.count(what, 1);
        let mut found = ends_well(stage, ended);
        found.extend(started_twice(stage, ended));
        if !found.is_empty() {
            self.broken
                .push(format!("{what}: {place}:\n    {}", found.join("\n    ")));
        }
    }

    fn count(&mut self, what: &'static str, number: usize) {
        match self.played.iter_mut().find(|(known, _)| *known == what) {
            Some((_, played)) => *played += number,
            None => self.played.push((what, number)),
        }
    }
}

impl fmt::Display for Cases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let played: Vec<String> = self
            .played
            .iter()
            .map(|(what, number)| format!("{number} {what}"))
            .collect();
        f.write_str(&played.join(", "))?;
        if self.left_out > 0 {
            write!(f, "; {} moments left out", self.left_out)?;
        }
        if let Some(Exempt::NothingIsDone) = self.exempt {
            f.write_str("; no law: nothing is done")?;
        }
        Ok(())
    }
}
