//! A service of the abstract cloud: rolling deployments, the circuit breaker, and the way back that the cloud takes itself.

use crate::cloud::{BREAKER, Deployment, Force, Given, Record, RolloutState, Service};
use crate::moves::Move;

impl Service {
    /// The PRIMARY deployment.
    #[must_use]
    pub fn now(&self) -> &Deployment {
        &self.deployments[usize::from(self.primary)]
    }

    pub(crate) fn newest(&mut self) -> &mut Deployment {
        &mut self.deployments[usize::from(self.primary)]
    }

    /// Tasks that run.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.deployments.iter().map(|one| u32::from(one.up)).sum()
    }

    /// The most recent deployment in COMPLETED, beside the primary one: where a rollback goes (B4).
    #[must_use]
    pub fn completed(&self) -> Option<u8> {
        let completed = |at: &usize| {
            let one = &self.deployments[*at];
            one.state == RolloutState::Completed && *at != usize::from(self.primary)
        };
        let last = (0..self.deployments.len()).rfind(completed)?;
        u8::try_from(last).ok()
    }

    /// UpdateService (A1): without effect when nothing differs; accepted during a deployment, which stops then.
    pub(crate) fn update(&mut self, revision: u8, force: Force) -> Given {
        if self.now().revision == revision && force == Force::No {
            return usize::from(self.primary);
        }
        for one in &mut self.deployments {
            one.record = match one.record {
                Record::InProgress | Record::RollbackRequested => Record::Stopped,
                Record::RollbackInProgress => Record::RollbackFailed,
                ended => ended,
            };
        }
        self.deployments.push(Deployment {
            revision,
            state: RolloutState::InProgress,
            record: Record::InProgress,
            up: false,
            failed: 0,
        });
        self.primary = u8::try_from(self.deployments.len() - 1).unwrap_or(u8::MAX);
        usize::from(self.primary)
    }

    /// StopServiceDeployment with ROLLBACK (B6): harmless when it has ended.
    pub(crate) fn ask_back(&mut self, deployment: u8) {
        let asked = &mut self.deployments[usize::from(deployment)];
        if deployment == self.primary && asked.record == Record::InProgress {
            asked.record = Record::RollbackRequested;
        }
    }

    pub(crate) fn moves(&self, at: usize) -> Vec<Move> {
        let now = self.now();
        let spoiled = self.spoiled.contains(&now.revision);
        let mut moves = Vec::new();
        match (now.state, now.up) {
            // A FAILED one starts nothing (A4).
            (RolloutState::Failed, _) => {}
            (RolloutState::InProgress, true) if self.running() > 1 => moves.push(Move::Drains(at)),
            (RolloutState::InProgress, true) => moves.push(Move::Completes(at)),
            (RolloutState::Completed, true) => {}
            (_, false) if !spoiled => moves.push(Move::Starts(at)),
            (_, false) if now.failed < BREAKER => moves.push(Move::Fails(at)),
            (_, false) => {}
        }
        if now.record == Record::RollbackRequested {
            moves.push(Move::TurnsBack(at));
        }
        moves
    }

    /// A task fails; at the threshold the breaker trips (B2, B4). It watches no completed deployment.
    pub(crate) fn fails(&mut self) {
        let newest = self.newest();
        newest.failed += 1;
        if newest.state == RolloutState::InProgress && newest.failed >= BREAKER {
            self.turns_back();
        }
    }

    /// The cloud returns to the last completed deployment, which keeps its id (B4); without one it stalls.
    pub(crate) fn turns_back(&mut self) {
        let back = self.completed();
        let newest = self.newest();
        newest.state = RolloutState::Failed;
        // A restored one has its own record since long; the record that it belongs to now is another's.
        if matches!(
            newest.record,
            Record::InProgress | Record::RollbackRequested
        ) {
            newest.record = match back {
                Some(_) => Record::RollbackInProgress,
                None => Record::RollbackFailed,
            };
        }
        let Some(back) = back else {
            for one in &mut self.deployments {
                if one.record == Record::RollbackInProgress {
                    one.record = Record::RollbackFailed;
                }
            }
            return;
        };
        self.primary = back;
        let restored = self.newest();
        restored.state = RolloutState::InProgress;
        restored.failed = 0;
    }

    /// A4: with the new tasks healthy, those of other deployments leave their target groups and stop.
    pub(crate) fn drains(&mut self) {
        let primary = usize::from(self.primary);
        for (at, one) in self.deployments.iter_mut().enumerate() {
            one.up &= at == primary;
        }
    }

    /// A6: all tasks of the primary deployment are healthy, and no other's runs.
    pub(crate) fn completes(&mut self) {
        for one in &mut self.deployments {
            if one.record == Record::RollbackInProgress {
                one.record = Record::RollbackSuccessful;
            }
        }
        let newest = self.newest();
        newest.state = RolloutState::Completed;
        if matches!(
            newest.record,
            Record::InProgress | Record::RollbackRequested
        ) {
            newest.record = Record::Successful;
        }
    }
}
