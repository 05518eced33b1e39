//! Every history within a bound, depth first. Situations are told apart by a number of 64 bits, so each is explored once; one
//! that comes again within its own history is a history without an end.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use crate::bounds::Bound;
use crate::choices::leads_on;
use crate::key::key;
use crate::model::{Action, State};
use crate::process::{Context, End, Stage};
use crate::properties::{Broken, broken};

/// What an exploration comes to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Situations.
    pub states: usize,
    /// What happened in them.
    pub transitions: u64,
    /// The longest history.
    pub depth: usize,
    /// How processes ended, and in how many ways they came to that.
    pub ends: BTreeMap<&'static str, u64>,
    /// Whether it was explored to its end.
    pub whole: bool,
    /// What is wrong, and the history that shows it.
    pub found: Vec<(Broken, Vec<Action>)>,
}

impl Report {
    fn is_enough(&self, until: Until) -> bool {
        match until {
            Until::TheEnd => false,
            Until::Broken(property) => self
                .found
                .iter()
                .any(|(broken, _)| broken.property == property),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} states, {} steps, depth {}, {} violations",
            self.states,
            self.transitions,
            self.depth,
            self.found.len()
        )
    }
}

struct Frame {
    state: State,
    key: u64,
    actions: Vec<Action>,
    next: usize,
}

/// Situations are told apart by a number that is mixed well already.
#[derive(Clone, Copy, Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

type Keys = HashSet<u64, BuildHasherDefault<AsIs>>;

/// When to stop before everything is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Never: one history for every property that does not hold.
    TheEnd,
    /// When this property was found broken.
    Broken(&'static str),
}

/// Explores a bound.
#[must_use]
pub fn explore(cx: Context<'_>, bound: &Bound, until: Until) -> Report {
    let (mut seen, mut open) = (Keys::default(), Keys::default());
    let mut report = Report {
        states: 0,
        transitions: 0,
        depth: 0,
        ends: BTreeMap::new(),
        whole: true,
        found: Vec::new(),
    };
    let first = State::first(cx, bound);
    let mut stack = vec![frame(first, bound)];
    seen.insert(stack[0].key);
    open.insert(stack[0].key);
    while let Some(top) = stack.last_mut() {
        let Some(action) = top.actions.get(top.next).copied() else {
            open.remove(&top.key);
            stack.pop();
            continue;
        };
        top.next += 1;
        let Some(next) = top.state.after(cx, action) else {
            continue;
        };
        report.transitions += 1;
        let wrong = broken(cx, (&top.state, &next), action)
            .or_else(|| dead_end(cx, bound, &top.state, &next))
            .or_else(|| {
                (stack.len() > bound.depth)
                    .then(|| Broken::new(ENDS, "it is longer than any may be"))
            });
        if let Some(wrong) = wrong {
            let known = report
                .found
                .iter()
                .any(|(known, _)| known.property == wrong.property);
            if !known {
                report.found.push((wrong, history(&stack, action)));
            }
            if report.is_enough(until) {
                break;
            }
            continue;
        }
        let top = &stack[stack.len() - 1];
        count(&top.state, &next, &mut report);
        let frame = frame(next, bound);
        if open.contains(&frame.key) {
            let wrong = Broken::new(ENDS, "it comes back to where it was: it waits for ever");
            if !report.found.iter().any(|(known, _)| known.property == ENDS) {
                report.found.push((wrong, history(&stack, action)));
            }
            if report.is_enough(until) {
                break;
            }
            continue;
        }
        if !seen.insert(frame.key) {
            continue;
        }
        if seen.len() >= bound.states {
            report.whole = false;
            break;
        }
        open.insert(frame.key);
        stack.push(frame);
        report.depth = report.depth.max(stack.len());
    }
    report.states = seen.len();
    report
}

const ENDS: &str = "every run ends";

fn frame(state: State, bound: &Bound) -> Frame {
    Frame {
        key: key(&state),
        actions: state.actions(bound),
        next: 0,
        state,
    }
}

fn history(stack: &[Frame], last: Action) -> Vec<Action> {
    let taken = |frame: &Frame| frame.actions[frame.next - 1];
    let mut actions: Vec<Action> = stack.iter().map(taken).collect();
    actions.pop();
    actions.push(last);
    actions
}

/// Where the last process has just come to its end, people must be able to go on.
fn dead_end(cx: Context<'_>, bound: &Bound, before: &State, after: &State) -> Option<Broken> {
    if before.is_quiet() || !after.is_quiet() {
        return None;
    }
    let why = leads_on(cx, bound, after).err()?;
    Some(Broken::new("no dead ends", why))
}

fn count(before: &State, after: &State, report: &mut Report) {
    for (before, after) in before.processes.iter().zip(&after.processes) {
        let Stage::Over(end) = &after.stage else {
            continue;
        };
        if before.lives() {
            let name = match end {
                End::Outcome(_) => "outcome",
                End::Nothing => "nothing to do",
                End::Refused(_) => "refused",
                End::Held => "held",
                End::Lost => "lost",
                End::Away => "away",
                End::Crashed => "crashed",
                End::Raving => "raving",
            };
            *report.ends.entry(name).or_default() += 1;
        }
    }
}
