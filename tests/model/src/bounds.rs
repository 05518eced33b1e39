//! How far histories are explored: named bounds, and what may happen within them.

use crate::app::{Order, Step, Terms};
use crate::process::{Accepted, Command};

/// What may disturb a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    pub kinds: &'static [Fault],
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
    pub const fn alone(
        name: &'static str,
        step: Step,
        faults: u8,
        kinds: &'static [Fault],
    ) -> Self {
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
            kinds,
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
const SERVICES: &[Fault] = &[
    Fault::Foreign,
    Fault::Forced,
    Fault::Spoiled,
    Fault::Falls,
    Fault::SlowService,
    Fault::SlowEdge,
];
/// What becomes of migrations.
const MIGRATIONS: &[Fault] = &[Fault::NeverStarts, Fault::Fails];
/// What becomes of processes.
const PROCESSES: &[Fault] = &[Fault::Crash, Fault::Expires, Fault::Blind, Fault::Stale];

/// Explored with every run of the tests.
pub const SHORT: &[Bound] = &[
    Bound::alone("calls", Step::Lossless, 1, CALLS),
    Bound::alone("services", Step::Compatible, 1, SERVICES),
    Bound::alone("migrations", Step::Absent, 1, MIGRATIONS),
    Bound::alone("processes", Step::Compatible, 1, PROCESSES),
    Bound::alone("two in a row", Step::Compatible, 0, ALL).then(2, NEXT),
    Bound::alone(
        "after trouble",
        Step::Absent,
        1,
        &[Fault::Spoiled, Fault::Fails],
    )
    .then(1, NEXT),
    Bound::alone("together", Step::Compatible, 0, ALL)
        .then(1, OTHER)
        .together(),
];

/// Explored by `just model`.
pub const LONG: &[Bound] = &[
    Bound::alone("long: one deployment, compatible", Step::Compatible, 1, ALL),
    Bound::alone("long: one deployment, lossless", Step::Lossless, 1, ALL),
    Bound::alone("long: one deployment, absent", Step::Absent, 1, ALL),
    Bound::alone("long: one deployment, nothing", Step::Nothing, 1, ALL),
];
