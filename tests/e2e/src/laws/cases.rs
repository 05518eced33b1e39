//! The cases of each law over one scenario: which moments, which calls, what happens there, and how it must end.

use std::fmt;
use std::path::Path;

use backstay_cli::scenario::Scenario;
use backstay_simulator::{CallFault, Fault};

use super::after::after;
use super::denied::denied;
use super::ending::{ends_well, lasts};
use super::late::late;
use super::once::{Late, started_twice};
use super::recorder::{Keep, Strides, Struck, scattered};
use super::resume::{Ended, Going, Towards, resume};
use super::stage::{Exempt, Stage};

/// What may happen at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// A crash after any event or effect, resumed or taken back by somebody else; and once more while it goes on.
    Crash,
    /// A reply is lost, a call is denied, or answered with 500.
    Call,
    /// A request takes effect long after it was sent, when its sender has given up or somebody else has taken over.
    Late,
    /// Somebody who is asked, or a host that is asked, gives no answer from the beginning: nothing is changed.
    Denied,
    /// After the end, `rollback` and the printed choices do what they are there for.
    After,
    /// Code runs only on schemas that it was declared for, whatever is done one after the other.
    Schemas,
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
    /// What was left out besides, and why.
    pub notes: Vec<String>,
    /// Those that broke it.
    pub broken: Vec<Broken>,
}

/// A case that broke a law.
#[derive(Clone, Debug)]
pub struct Broken {
    /// What happened.
    pub what: &'static str,
    /// Where.
    pub place: String,
    /// What is not as it has to be.
    pub lines: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.join("\n    ");
        write!(f, "{}: {}:\n    {lines}", self.what, self.place)
    }
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
        Law::Late => late(&stage, &undisturbed, &mut cases),
        Law::Denied => denied(&stage, &undisturbed, part, &mut cases),
        Law::After => after(&stage, &undisturbed, &mut cases),
        // It has scenarios of its own.
        Law::Schemas => {}
    }
    Ok(cases)
}

/// Of so many crashes one is taken back as well.
const TAKEN_BACK: usize = 3;

fn crashes(stage: &Stage, undisturbed: &Ended, cases: &mut Cases) {
    let moments = usize::try_from(undisturbed.seen.moments).unwrap_or(usize::MAX);
    cases.left_out += moments.saturating_sub(undisturbed.seen.forks.len());
    for (number, fork) in undisturbed.seen.forks.iter().enumerate() {
        let seed = scattered(stage.setup.seed ^ (number as u64) << 8);
        let going = Going {
            keep: Keep::One(seed),
            ..Going::default()
        };
        let resumed = resume(stage, fork, &going);
        let later = cases.judge(stage, "crash", &fork.place, resumed);
        for later in later.iter().flat_map(|ended| &ended.seen.forks) {
            let place = format!("{}, then {}", fork.place, later.place);
            let again = resume(stage, later, &Going::default());
            cases.judge(stage, "crash while resuming", &place, again);
        }
        if number.is_multiple_of(TAKEN_BACK) && fork.plan().is_some() {
            let going = Going {
                towards: Towards::Back,
                ..Going::default()
            };
            let back = resume(stage, fork, &going);
            cases.judge(stage, "taken back", &fork.place, back);
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
            let going = Going {
                faults: &[once(struck, *fault)],
                ..Going::default()
            };
            let ended = resume(stage, &struck.before, &going);
            cases.judge(stage, name(*fault), &place, ended);
        }
    }
}

/// A fault at this very call.
pub(super) fn once(struck: &Struck, fault: CallFault) -> Fault {
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
        self.notes.extend(other.notes);
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
    pub(super) fn judge(
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
                self.breaks(what, place, vec![why]);
                None
            }
        }
    }

    fn check(&mut self, stage: &Stage, what: &'static str, place: &str, ended: &Ended) {
        self.count(what, 1);
        let mut found = ends_well(stage, ended);
        let late = match what.starts_with("late") {
            true => Late::Something,
            false => Late::Nothing,
        };
        found.extend(started_twice(stage, ended, late));
        found.extend(lasts(stage, ended));
        if !found.is_empty() {
            self.breaks(what, place, found);
        }
    }

    pub(super) fn breaks(&mut self, what: &'static str, place: &str, lines: Vec<String>) {
        let place = place.to_owned();
        self.broken.push(Broken { what, place, lines });
    }

    pub(super) fn count(&mut self, what: &'static str, number: usize) {
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
        if !self.notes.is_empty() {
            write!(f, "; {}", self.notes.join("; "))?;
        }
        Ok(())
    }
}
