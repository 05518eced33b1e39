//! A situation, and all that may happen next: a process's step, something in the cloud, a disturbance, a new command, time.

use backstay_domain::DeploymentId;

use crate::app::Code;
use crate::bounds::{Bound, Together};
use crate::cloud::{Force, TaskState};
use crate::fixed;
use crate::moves::{Move, Slow};
use crate::process::{Command, Context, Credentials, End, Process, Running, Stage};
use crate::world::{Fate, Sight, World};

/// Seconds that a lease lives without being renewed.
const LEASE_LIVES: u32 = 60;

/// A situation.
#[derive(Clone, Debug)]
pub struct State {
    /// Seconds since the beginning.
    pub now: u32,
    /// Everything that is shared.
    pub world: World,
    /// Every command that was given.
    pub processes: Vec<Process>,
    /// Disturbances that may still come.
    pub faults: u8,
    /// Commands that may still be given.
    pub further: u8,
    /// Whether a service was disturbed: the first one may as well be `api`.
    pub touched: bool,
    /// Services that somebody else deployed.
    pub foreign: [bool; 2],
    /// Whether a human answered for code on a schema.
    pub vouched: bool,
}

/// Something that may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A process looks and decides, makes its next call, or goes on with its turn.
    Step(usize),
    /// Its next call has this fate.
    Call(usize, Fate),
    /// Its look sees this.
    Look(usize, Sight),
    /// It is gone.
    Crash(usize),
    /// It is gone after so many lines of what it decides now.
    CrashAfter(usize, u32),
    /// It is gone when its call was sent: what became of that nobody notes.
    CrashSent(usize, Fate),
    /// Its credentials expire.
    Expires(usize),
    /// Something happens in the cloud.
    Happens(Move),
    /// A call arrives late.
    Arrives(usize),
    /// Somebody else rolls a service out.
    Foreign(usize),
    /// Somebody forces a rollout of what a service runs.
    Forced(usize),
    /// No task of a service's revision can be started any more.
    Spoils(usize, u8),
    /// A service's task falls, and no other can be started.
    Falls(usize),
    /// A one-off task ends like this.
    Ends(usize, TaskState),
    /// Something takes as long as it likes from now on.
    Slows(Slow),
    /// Somebody gives a command.
    Gives(Command),
    /// Time goes on to the next moment somebody waits for.
    Time,
}

impl State {
    /// The first command is given.
    #[must_use]
    pub fn first(cx: Context<'_>, bound: &Bound) -> Self {
        let mut state = Self {
            now: 0,
            world: World::new(cx.setup),
            processes: Vec::new(),
            faults: bound.faults,
            further: bound.further,
            touched: false,
            foreign: [false; 2],
            vouched: false,
        };
        state.give(bound.first);
        state
    }

    pub(crate) fn give(&mut self, command: Command) {
        let name = fixed(DeploymentId::parse(format!(
            "d-{:04}",
            self.processes.len() + 1
        )));
        self.vouched |= match command {
            Command::Deploy(_, accepted) | Command::Rollback(_, accepted) => accepted.schema,
            Command::Resume => false,
        };
        self.processes.push(Process::new(command, name, self.now));
    }

    /// Whether anybody is at work.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.processes.iter().any(Process::lives)
    }

    /// All that may happen next.
    #[must_use]
    pub fn actions(&self, bound: &Bound) -> Vec<Action> {
        let mut all = Vec::new();
        if self.is_quiet() && self.further == 0 {
            return all;
        }
        for (number, process) in self.processes.iter().enumerate().filter(|(_, p)| p.lives()) {
            if process.wake <= self.now {
                all.push(Action::Step(number));
            }
        }
        // What is disturbed early is met early: so little as can be is explored before a fault is found.
        if self.faults > 0 {
            self.disturbances(bound, &mut all);
        }
        let may_give = match bound.together {
            Together::No => self.is_quiet(),
            Together::Yes => true,
        };
        if self.further > 0 && may_give {
            all.extend(bound.commands.iter().map(|command| Action::Gives(*command)));
        }
        if self.next_moment().is_some() {
            all.push(Action::Time);
        }
        all.extend(self.moves().into_iter().map(Action::Happens));
        all.extend((0..self.world.late.len()).map(Action::Arrives));
        all
    }

    /// What may happen in the cloud. What happens to different things while nobody looks happens in one order.
    fn moves(&self) -> Vec<Move> {
        let mut moves = self.world.cloud.moves();
        let mut living = self.processes.iter().filter(|process| process.lives());
        if living.any(|process| process.wake <= self.now) {
            return moves;
        }
        let mut prompt = moves
            .iter()
            .filter(|what| self.world.cloud.is_prompt(**what));
        if let Some(first) = prompt.next().map(|what| what.of()) {
            moves.retain(|what| what.of() == first || !self.world.cloud.is_prompt(*what));
        }
        moves
    }

    /// When time goes on: while somebody can act now it does not.
    fn next_moment(&self) -> Option<u32> {
        let moves = self.world.cloud.moves();
        if moves
            .into_iter()
            .any(|what| self.world.cloud.is_prompt(what))
        {
            return None;
        }
        let living = self.processes.iter().filter(|process| process.lives());
        let wakes = living.map(|process| process.wake).min()?;
        let late = self.world.late.iter().map(|late| late.by).min();
        let next = late.map_or(wakes, |late| late.min(wakes));
        (next > self.now && wakes > self.now).then_some(next)
    }

    /// What is after something happened; nothing where it makes no difference.
    #[must_use]
    pub fn after(&self, cx: Context<'_>, action: Action) -> Option<Self> {
        let mut next = self.clone();
        next.world.arrived.clear();
        let now = next.now;
        match action {
            Action::Step(at) => next.step(cx, at, Fate::Done, Sight::Clear),
            Action::Call(at, fate) => next.step(cx, at, fate, Sight::Clear),
            Action::Look(at, sight) => next.step(cx, at, Fate::Done, sight),
            Action::Crash(at) => next.processes[at].crash(&mut next.world, now),
            Action::CrashAfter(at, lines) => {
                next.processes[at].look(cx, &mut next.world, now, Sight::Clear, Some(lines));
                if !matches!(next.processes[at].stage, Stage::Over(End::Crashed)) {
                    return None;
                }
            }
            Action::CrashSent(at, fate) => next.crash_sent(cx, at, fate),
            Action::Expires(at) => next.processes[at].credentials = Credentials::Expired,
            Action::Happens(what) => next.world.cloud.happens(what),
            Action::Arrives(at) => {
                let late = next.world.late.remove(at);
                next.world.call(&late.call, now);
            }
            Action::Foreign(at) => next.foreign(at),
            Action::Forced(at) => next.changed(at, |service| {
                service.update(service.now().revision, Force::Yes);
            }),
            Action::Spoils(at, revision) => {
                next.world.cloud.services[at].spoiled.push(revision);
                next.touched = true;
            }
            Action::Falls(at) => next.changed(at, |service| {
                let revision = service.now().revision;
                service.spoiled.push(revision);
                service.newest().up = false;
            }),
            Action::Ends(at, state) => next.world.cloud.tasks[at].state = state,
            Action::Slows(what) => {
                next.world.cloud.slow.push(what);
                next.touched |= matches!(what, Slow::Service(_));
            }
            Action::Gives(command) => {
                next.further -= 1;
                next.wait_for_lease()?;
                next.give(command);
            }
            Action::Time => {
                next.now = next.next_moment()?;
                next.world.forget(next.now);
            }
        }
        if action.is_disturbance() {
            next.faults -= 1;
        }
        Some(next)
    }

    fn step(&mut self, cx: Context<'_>, at: usize, fate: Fate, sight: Sight) {
        let now = self.now;
        let living: Vec<bool> = self.processes.iter().map(Process::lives).collect();
        let process = &mut self.processes[at];
        match &process.stage {
            Stage::Run(Running { acts, .. }) if acts.is_empty() => {
                process.look(cx, &mut self.world, now, sight, None);
            }
            Stage::Run(_) => process.call(cx, &mut self.world, now, fate),
            _ => process.turn(cx, &mut self.world, now, &living),
        }
    }

    /// The call is made, and nobody writes what came of it.
    fn crash_sent(&mut self, cx: Context<'_>, at: usize, fate: Fate) {
        let now = self.now;
        let mut world = self.world.clone();
        let mut process = self.processes[at].clone();
        process.call(cx, &mut world, now, fate);
        (self.world.cloud, self.world.late) = (world.cloud, world.late);
        (self.world.stale, self.world.arrived) = (world.stale, world.arrived);
        self.processes[at].crash(&mut self.world, now);
    }

    fn foreign(&mut self, at: usize) {
        let families = &mut self.world.cloud.families[at];
        let known = families.iter().position(|code| *code == Code::Foreign);
        let revision = known.unwrap_or_else(|| {
            families.push(Code::Foreign);
            families.len() - 1
        });
        let revision = u8::try_from(revision + 1).unwrap_or(u8::MAX);
        self.foreign[at] = true;
        self.changed(at, |service| {
            service.update(revision, Force::No);
        });
    }

    fn changed(&mut self, at: usize, change: impl FnOnce(&mut crate::cloud::Service)) {
        change(&mut self.world.cloud.services[at]);
        self.touched = true;
        for process in &mut self.processes {
            process.changed[at] = true;
        }
    }

    /// Who comes after a crash waits until the lease has expired; calls on their way arrive before.
    fn wait_for_lease(&mut self) -> Option<()> {
        let store = &self.world.store;
        let held = store
            .lease
            .as_ref()
            .is_some_and(|lease| lease.holder.is_some());
        if held && self.is_quiet() {
            let free = self.now.max(store.renewed + LEASE_LIVES);
            if self.world.late.iter().any(|late| late.by < free) {
                return None;
            }
            self.now = free;
            self.world.forget(free);
        }
        Some(())
    }
}
