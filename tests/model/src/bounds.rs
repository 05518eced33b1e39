//! How far histories are explored: named bounds, and what may happen within them.

use std::fmt;

use crate::app::{Order, Step, Terms};
use crate::process::{Accepted, Command};

/// What may disturb a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Fault {
    /// A call is denied.
    Refused,
    /// A call is throttled once.
    Throttled,
    /// A call takes effect, its answer is lost.
    Lost,
    /// A call's answer is lost, it takes effect up to 80 s later.
    Late,
    /// A call's answer is lost, it never takes effect.
    Never,
    /// A look sees nothing, or may not.
    Blind,
    /// A look sees the services as they were up to 15 s ago.
    Stale,
    /// A process is gone: between two steps, within what it writes, or with a call on its way.
    Crash,
    /// A process's credentials expire for good.
    Expires,
    /// Somebody else rolls a service out.
    Foreign,
    /// Somebody forces a rollout of what a service runs.
    Forced,
    /// No task of what a service runs can be started any more.
    Spoiled,
    /// A service's task falls, and no other can be started.
    Falls,
    /// The migration's task never starts.
    NeverStarts,
    /// The migration's task fails or is killed, wherever it is.
    Fails,
    /// The rollouts of a service take as long as they like.
    SlowService,
    /// One-off tasks take as long as they like.
    SlowTasks,
    /// The CDN takes as long as it likes.
    SlowEdge,
}

/// All of them.
pub const ALL: &[Fault] = &[
    Fault::Refused,
    Fault::Throttled,
    Fault::Lost,
    Fault::Late,
    Fault::Never,
    Fault::Blind,
    Fault::Stale,
    Fault::Crash,
    Fault::Expires,
    Fault::Foreign,
    Fault::Forced,
    Fault::Spoiled,
    Fault::Falls,
    Fault::NeverStarts,
    Fault::Fails,
    Fault::SlowService,
    Fault::SlowTasks,
    Fault::SlowEdge,
];

/// Some of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// These.
    #[must_use]
    pub const fn of(faults: &[Fault]) -> Self {
        let (mut kinds, mut at) = (0, 0);
        while at < faults.len() {
            kinds |= 1 << faults[at] as u8;
            at += 1;
        }
        Self(kinds)
    }

    /// Whether this is one of them.
    #[must_use]
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u8) != 0
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = ALL.iter().filter(|fault| self.has(**fault));
        f.debug_set().entries(kinds).finish()
    }
}

/// Whether two commands may be carried out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// A command is given when nobody is at work.
    No,
    /// At any moment.
    Yes,
}

/// How far histories are explored.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// What people call it.
    pub name: &'static str,
    /// The application.
    pub terms: Terms,
    /// The first command.
    pub first: Command,
    /// What may be given after it.
    pub commands: &'static [Command],
    /// How many of those.
    pub further: u8,
    /// Whether at once.
    pub together: Together,
    /// How many disturbances.
    pub faults: u8,
    /// Which.
    pub kinds: Kinds,
    /// No history is longer than so many steps.
    pub depth: usize,
    /// There are no more situations than so many.
    pub states: usize,
}

/// Nobody answers for anything.
pub const PLAIN: Accepted = Accepted {
    schema: false,
    unproven: false,
};

impl Bound {
    /// One deployment of the second release, whose migration does this.
    #[must_use]
    pub const fn alone(name: &'static str, step: Step, faults: u8, kinds: &[Fault]) -> Self {
        Self {
            name,
            terms: Terms {
                steps: [step, Step::Nothing],
                order: Order::Together,
                poll: 60,
            },
            first: Command::Deploy(2, PLAIN),
            commands: &[],
            further: 0,
            together: Together::No,
            faults,
            kinds: Kinds::of(kinds),
            depth: 1_000,
            states: 20_000_000,
        }
    }

    /// And then so many of these commands, one after the other.
    #[must_use]
    pub const fn then(self, further: u8, commands: &'static [Command]) -> Self {
        Self {
            further,
            commands,
            ..self
        }
    }

    /// All of them at once.
    #[must_use]
    pub const fn together(self) -> Self {
        Self {
            together: Together::Yes,
            ..self
        }
    }

    /// The third release's migration does this.
    #[must_use]
    pub const fn third(self, step: Step) -> Self {
        let [second, _] = self.terms.steps;
        Self {
            terms: Terms {
                steps: [second, step],
                ..self.terms
            },
            ..self
        }
    }

    /// `web` waits for `api`.
    #[must_use]
    pub const fn chained(self) -> Self {
        Self {
            terms: Terms {
                order: Order::Chained,
                ..self.terms
            },
            ..self
        }
    }
}

/// What people may do next.
pub const NEXT: &[Command] = &[
    Command::Resume,
    Command::Rollback(None, PLAIN),
    Command::Deploy(3, PLAIN),
];

/// Another deployer, while one is at work.
pub const OTHER: &[Command] = &[Command::Deploy(3, PLAIN), Command::Rollback(None, PLAIN)];

/// What becomes of calls.
const CALLS: &[Fault] = &[Fault::Refused, Fault::Lost, Fault::Late, Fault::Never];
/// What becomes of services.
const SERVICES: &[Fault] = &[Fault::Foreign, Fault::Forced, Fault::Spoiled, Fault::Falls];
/// What becomes of migrations.
const MIGRATIONS: &[Fault] = &[Fault::NeverStarts, Fault::Fails];
/// What becomes of processes.
const PROCESSES: &[Fault] = &[Fault::Crash, Fault::Expires, Fault::Blind, Fault::Stale];

/// Going back.
pub const BACK: &[Command] = &[Command::Rollback(None, PLAIN)];

/// Explored with every run of the tests.
pub const SHORT: &[Bound] = &[
    Bound::alone("calls", Step::Lossless, 1, CALLS),
    Bound::alone("services", Step::Compatible, 1, SERVICES),
    Bound::alone("migrations", Step::Absent, 1, MIGRATIONS),
    Bound::alone("processes", Step::Compatible, 1, PROCESSES),
    Bound::alone("in a row", Step::Compatible, 0, ALL).then(2, NEXT),
    Bound::alone("after trouble", Step::Absent, 1, &[Fault::Spoiled]).then(1, BACK),
    Bound::alone("at once", Step::Compatible, 0, ALL)
        .then(1, BACK)
        .together(),
    // A task fell after the proof of its own service and before that of the last one, and the release was recorded.
    Bound::alone("falls at the end", Step::Compatible, 1, &[Fault::Falls])
        .third(Step::Nothing)
        .then(1, NEXT),
];

/// Explored by `just model`.
#[must_use]
pub fn long() -> Vec<Bound> {
    let mut bounds = Vec::new();
    for step in [
        Step::Nothing,
        Step::Compatible,
        Step::Lossless,
        Step::Absent,
    ] {
        bounds.push(Bound::alone("any one disturbance", step, 1, ALL));
        bounds.push(
            Bound::alone("one after the other", step, 0, ALL)
                .then(1, OTHER)
                .together(),
        );
    }
    // Every two of them, in the longest of histories.
    for (at, one) in ALL.iter().enumerate() {
        for other in &ALL[at..] {
            bounds.push(Bound::alone(
                "two disturbances",
                Step::Lossless,
                2,
                &[*one, *other],
            ));
        }
    }
    for second in [Step::Compatible, Step::Lossless, Step::Absent] {
        for third in [
            Step::Nothing,
            Step::Compatible,
            Step::Lossless,
            Step::Absent,
        ] {
            for fault in ALL {
                let bound = Bound::alone("two deployments", second, 1, &[*fault]);
                bounds.push(bound.third(third).then(1, NEXT));
            }
        }
    }
    for fault in ALL {
        let bound = Bound::alone("two deployers", Step::Lossless, 1, &[*fault]);
        bounds.push(bound.then(1, OTHER).together());
    }
    bounds
}
