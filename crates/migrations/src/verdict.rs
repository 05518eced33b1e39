//! What a revision comes to: every step of it, and what people declare. What is neither known nor declared counts as breaking.

use crate::change::What;
use crate::declaration::Said;
use crate::down::{Certain, WayDown};
use crate::problem::{Place, Problem};
use crate::rules::{Finding, Lock, Runs};
use crate::written::Operation;

/// Whether the code just before a revision runs on the schema after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compatibility {
    /// It does.
    Compatible,
    /// It does not, or nobody knows that it does.
    Breaking,
}

/// Whether others wait while a revision is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// Nobody waits for longer than a moment.
    Online,
    /// Somebody does.
    Locks(Lock),
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It is seen in what the revision does.
    Linted,
    /// People say so beside it.
    Declared,
    /// Nobody: the worst is assumed.
    Nobody,
}

/// A verdict, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<T> {
    /// The verdict.
    pub value: T,
    /// Who says so.
    pub by: By,
    /// Because of which line.
    pub place: Place,
    /// Why, in a few words.
    pub why: String,
}

/// A step of a revision, with what it means.
pub(crate) struct Weighed<'o> {
    pub(crate) operation: &'o Operation,
    pub(crate) finding: Finding,
}

/// Whether the code just before runs on the schema after it.
pub(crate) fn compatibility(
    steps: &[Weighed<'_>],
    up: &Place,
    said: Option<&Said>,
    problems: &mut Vec<Problem>,
) -> Judged<Compatibility> {
    let worst = steps
        .iter()
        .filter(|step| step.finding.runs != Runs::Expands)
        .max_by_key(|step| bridged(step, steps));
    let linted = match worst {
        None => Judged {
            value: Compatibility::Compatible,
            by: By::Linted,
            place: up.clone(),
            why: "it takes nothing away from the code before it".to_owned(),
        },
        Some(step) => Judged {
            value: Compatibility::Breaking,
            by: match bridged(step, steps) {
                Runs::Breaks => By::Linted,
                Runs::Contracts | Runs::Unknown | Runs::Expands => By::Nobody,
            },
            place: Place::new(&up.file, step.operation.line),
            why: format!("{}: {}", step.operation.change, step.finding.why),
        },
    };
    let Some((said, declared)) = said.and_then(|said| Some((said, said.compatibility?))) else {
        return linted;
    };
    // What is seen holds for more code than what is declared.
    if declared == Compatibility::Compatible && linted.value == Compatibility::Compatible {
        return linted;
    }
    let breaks = linted.value == Compatibility::Breaking && linted.by == By::Linted;
    if declared == Compatibility::Compatible && breaks {
        problems.push(Problem::error(
            said.place.clone(),
            format!("declared compatible, but {} ({})", linted.why, linted.place),
            "declare it breaking, or do it in steps: expand, move the code, contract",
        ));
        return linted;
    }
    Judged {
        value: declared,
        by: By::Declared,
        place: said.place.clone(),
        why: said.because.clone(),
    }
}

/// A renamed table whose old name is left as a view is one that code may go on with: people know.
fn bridged(step: &Weighed<'_>, steps: &[Weighed<'_>]) -> Runs {
    let What::RenameTable { table, .. } = &step.operation.change.0 else {
        return step.finding.runs;
    };
    let is_left = |other: &Weighed<'_>| matches!(&other.operation.change.0, What::CreateView { view, .. } if view == table);
    match steps.iter().any(is_left) {
        true => step.finding.runs.min(Runs::Unknown),
        false => step.finding.runs,
    }
}

/// Whether others wait while it is applied.
pub(crate) fn locking(
    steps: &[Weighed<'_>],
    up: &Place,
    said: Option<&Said>,
    problems: &mut Vec<Problem>,
) -> Judged<Locking> {
    let worst = steps
        .iter()
        .filter(|step| !step.finding.lock.is_online())
        .max_by_key(|step| step.finding.lock);
    let Some(step) = worst else {
        return Judged {
            value: Locking::Online,
            by: By::Linted,
            place: up.clone(),
            why: "locks are held for a moment only".to_owned(),
        };
    };
    let said = said.filter(|said| said.online);
    let rewrites = step.finding.lock == Lock::Rewrite;
    if let Some(said) = said.filter(|_| rewrites) {
        problems.push(Problem::error(
            said.place.clone(),
            format!(
                "declared online, but {}: {} ({}:{})",
                step.operation.change, step.finding.how, up.file, step.operation.line
            ),
            "do it in steps: a new column, filled bit by bit; or do not declare it",
        ));
    }
    if let Some(said) = said.filter(|_| !rewrites) {
        return Judged {
            value: Locking::Online,
            by: By::Declared,
            place: said.place.clone(),
            why: said.because.clone(),
        };
    }
    Judged {
        value: Locking::Locks(step.finding.lock),
        by: match step.finding.lock {
            Lock::Unknown => By::Nobody,
            Lock::Brief | Lock::Online | Lock::Rows | Lock::Writes | Lock::All | Lock::Rewrite => {
                By::Linted
            }
        },
        place: Place::new(&up.file, step.operation.line),
        why: format!("{}: {}", step.operation.change, step.finding.how),
    }
}

/// The way down, as it is seen and as it is declared.
pub(crate) fn way_down(
    seen: (Judged<WayDown>, Certain),
    said: Option<&Said>,
    problems: &mut Vec<Problem>,
) -> Judged<WayDown> {
    let (linted, certain) = seen;
    let Some((said, declared)) = said.and_then(|said| Some((said, said.way_down?))) else {
        return linted;
    };
    let better = match (declared, linted.value) {
        (WayDown::Lossless, WayDown::Lossy | WayDown::Absent) => true,
        (WayDown::Lossy, WayDown::Absent) => true,
        (WayDown::Lossless | WayDown::Lossy | WayDown::Absent, _) => false,
    };
    if better && certain == Certain::Yes {
        let declared = match declared {
            WayDown::Lossless => "lossless",
            WayDown::Lossy | WayDown::Absent => "lossy",
        };
        problems.push(Problem::error(
            said.place.clone(),
            format!(
                "declared to have a {declared} way down, but {} ({})",
                linted.why, linted.place
            ),
            "write the way down that restores it, or declare what there is",
        ));
        return linted;
    }
    Judged {
        value: declared,
        by: By::Declared,
        place: said.place.clone(),
        why: said.because.clone(),
    }
}
