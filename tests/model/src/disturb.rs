//! What may disturb a history now.

use backstay_domain::journal::Act;
use backstay_domain::ports::FailureKind;

use crate::app::Order;
use crate::bounds::{Bound, Fault};
use crate::cloud::{RolloutState, TaskState};
use crate::model::{Action, State};
use crate::moves::Slow;
use crate::process::{Credentials, Process, Stage};
use crate::world::{Fate, Sight};

impl State {
    pub(crate) fn disturbances(&self, bound: &Bound, all: &mut Vec<Action>) {
        for (number, process) in self.processes.iter().enumerate().filter(|(_, p)| p.lives()) {
            self.disturb_process(bound, (number, process), all);
        }
        let has = |fault| bound.kinds.has(fault);
        for (at, service) in self.world.cloud.services.iter().enumerate() {
            // What comes first may as well come to `api`.
            let mirrored = bound.terms.order == Order::Together && !self.touched && at == 1;
            if mirrored || self.is_quiet() {
                continue;
            }
            if has(Fault::Foreign) {
                all.push(Action::Foreign(at));
            }
            if has(Fault::Forced) {
                all.push(Action::Forced(at));
            }
            let slow = Slow::Service(at);
            let now = service.now();
            if has(Fault::SlowService)
                && now.state == RolloutState::InProgress
                && !self.world.cloud.slow.contains(&slow)
            {
                all.push(Action::Slows(slow));
            }
            if has(Fault::Spoiled) && !service.spoiled.contains(&now.revision) {
                all.push(Action::Spoils(at, now.revision));
            }
            if has(Fault::Falls) && now.up {
                all.push(Action::Falls(at));
            }
        }
        let moves = self.world.cloud.moves();
        let busy = |slow: Slow| {
            let mut prompt = moves
                .iter()
                .filter(|what| self.world.cloud.is_prompt(**what));
            prompt.any(|what| what.slow() == slow)
        };
        for (fault, slow) in [
            (Fault::SlowTasks, Slow::Tasks),
            (Fault::SlowEdge, Slow::Edge),
        ] {
            if has(fault) && busy(slow) {
                all.push(Action::Slows(slow));
            }
        }
        for (at, task) in self.world.cloud.tasks.iter().enumerate() {
            match task.state {
                TaskState::Pending if has(Fault::NeverStarts) => {
                    all.push(Action::Ends(at, TaskState::NeverStarted));
                }
                TaskState::Running if has(Fault::Fails) => {
                    all.push(Action::Ends(
                        at,
                        TaskState::Exited(1, self.world.cloud.schema),
                    ));
                    all.push(Action::Ends(at, TaskState::Killed));
                }
                _ => {}
            }
        }
    }

    fn disturb_process(
        &self,
        bound: &Bound,
        (at, process): (usize, &Process),
        all: &mut Vec<Action>,
    ) {
        let has = |fault| bound.kinds.has(fault);
        if has(Fault::Expires) && process.credentials == Credentials::Known {
            all.push(Action::Expires(at));
        }
        if has(Fault::Crash) && !matches!(process.stage, Stage::Claim) {
            all.push(Action::Crash(at));
        }
        let Stage::Run(running) = &process.stage else {
            return;
        };
        if process.wake > self.now {
            return;
        }
        match running.acts.front() {
            Some(act) if !matches!(act, Act::RecordRelease) => {
                let fates = [
                    (Fault::Refused, Fate::Refused(FailureKind::Denied)),
                    (Fault::Throttled, Fate::Refused(FailureKind::Throttled)),
                    (Fault::Lost, Fate::Lost),
                    (Fault::Late, Fate::Late),
                    (Fault::Never, Fate::Never),
                ];
                let fates = fates.into_iter().filter(|(fault, _)| has(*fault));
                all.extend(fates.map(|(_, fate)| Action::Call(at, fate)));
                if has(Fault::Crash) {
                    let sent = [Fate::Done, Fate::Late];
                    all.extend(sent.map(|fate| Action::CrashSent(at, fate)));
                }
            }
            Some(_) => {}
            None => {
                if has(Fault::Blind) {
                    all.push(Action::Look(at, Sight::None(FailureKind::Unavailable)));
                    all.push(Action::Look(at, Sight::None(FailureKind::Denied)));
                }
                if has(Fault::Stale) && self.world.stale.is_some() {
                    all.push(Action::Look(at, Sight::Stale));
                }
                if has(Fault::Crash) {
                    all.extend((1..4).map(|lines| Action::CrashAfter(at, lines)));
                }
            }
        }
    }
}

impl Action {
    /// Whether it counts as a disturbance.
    pub(crate) fn is_disturbance(self) -> bool {
        match self {
            Self::Step(_) | Self::Happens(_) | Self::Arrives(_) | Self::Gives(_) | Self::Time => {
                false
            }
            Self::Call(..)
            | Self::Look(..)
            | Self::Crash(_)
            | Self::CrashAfter(..)
            | Self::CrashSent(..)
            | Self::Expires(_)
            | Self::Foreign(_)
            | Self::Forced(_)
            | Self::Spoils(..)
            | Self::Falls(_)
            | Self::Slows(_)
            | Self::Ends(..) => true,
        }
    }
}
