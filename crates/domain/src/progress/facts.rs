//! What the journal says, in the words that decisions ask in.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{CheckState, JobEnd, Progress};
use crate::anchor::Anchored;
use crate::journal::{Act, Cause, Gave, Job, Obstacle, Outcome, Side};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Witness};
use crate::{
    DefinitionRef, DeploymentId, FrontendName, JobName, RolloutHandle, ServiceName, TaskId,
};

impl Progress {
    /// The task definition registered for a component.
    #[must_use]
    pub fn definition(&self, component: &Component) -> Option<&DefinitionRef> {
        match self
            .acts
            .get(&Act::Register {
                component: component.clone(),
            })?
            .result
            .as_ref()?
        {
            Ok(Gave::Definition(definition)) => Some(definition),
            Ok(_) | Err(_) => None,
        }
    }

    /// Since when this process has trouble of its own.
    #[must_use]
    pub fn away_since(&self) -> Option<Timestamp> {
        self.away_since
    }

    /// The rollout of a service to one side, and since when it goes.
    #[must_use]
    pub fn rollout(
        &self,
        service: &ServiceName,
        side: Side,
    ) -> Option<(&RolloutHandle, Timestamp)> {
        if let Some((rollout, at)) = self.adopted.get(&(service.clone(), side)) {
            return Some((rollout, *at));
        }
        let state = self.acts.get(&Act::RollOut {
            service: service.clone(),
            side,
        })?;
        match state.result.as_ref()? {
            Ok(Gave::Rollout(rollout)) => Some((rollout, state.at)),
            Ok(_) | Err(_) => None,
        }
    }

    /// The one-off task started for a job, and since when it goes.
    #[must_use]
    pub fn task(&self, job: Job) -> Option<(&TaskId, Timestamp)> {
        let state = self.acts.get(&Act::StartJob { job })?;
        match state.result.as_ref()? {
            Ok(Gave::Task(task)) => Some((task, state.at)),
            Ok(_) | Err(_) => None,
        }
    }

    /// When a job's start was intended first, by the clock of whoever did. Nobody moves this moment.
    #[must_use]
    pub fn job_intended(&self, job: Job) -> Option<Timestamp> {
        self.jobs_intended.get(&job).copied()
    }

    /// The anchor that is being made, as whoever makes it calls it.
    #[must_use]
    pub fn anchor(&self) -> Option<&str> {
        match self.acts.get(&Act::Anchor)?.result.as_ref()? {
            Ok(Gave::Anchor(handle)) => Some(handle),
            Ok(_) | Err(_) => None,
        }
    }

    /// What the database can be brought back to.
    #[must_use]
    pub fn anchored(&self) -> Option<&Anchored> {
        self.anchored.as_ref()
    }

    /// Whether earlier anchors could not be removed.
    #[must_use]
    pub fn anchors_stay(&self) -> bool {
        self.anchors_stay
    }

    /// When an anchor was asked for first, by the clock of whoever did. Nobody moves this moment.
    #[must_use]
    pub fn anchor_intended(&self) -> Option<Timestamp> {
        self.anchor_intended
    }

    /// The invalidation started for one side of a frontend.
    #[must_use]
    pub fn invalidation(&self, of: &FrontendName, side: Side) -> Option<(&str, Timestamp)> {
        let frontend = of.clone();
        let state = self.acts.get(&Act::Invalidate { frontend, side })?;
        match state.result.as_ref()? {
            Ok(Gave::Invalidation(id)) => Some((id, state.at)),
            Ok(_) | Err(_) => None,
        }
    }

    /// When the cloud said that a rollout had ended well.
    #[must_use]
    pub fn rollout_ended(&self, service: &ServiceName, side: Side) -> Option<Timestamp> {
        self.ended.get(&(service.clone(), side)).copied()
    }

    /// Since when all tasks of a rollout answer, and those that it replaces drain.
    #[must_use]
    pub fn serves_since(&self, service: &ServiceName, side: Side) -> Option<Timestamp> {
        self.serving.get(&(service.clone(), side)).copied()
    }

    /// How a job ended.
    #[must_use]
    pub fn job_end(&self, job: Job) -> Option<&JobEnd> {
        self.jobs.get(&job)
    }

    /// Failed attempts of a check.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&CheckState> {
        self.checks.get(name)
    }

    /// Whether all smoke checks passed.
    #[must_use]
    pub fn checks_passed(&self) -> bool {
        self.checks_passed
    }

    /// When the CDN was said to serve a frontend's files of one side.
    #[must_use]
    pub fn invalidated(&self, of: &FrontendName, side: Side) -> Option<Timestamp> {
        self.invalidated.get(&(of.clone(), side)).copied()
    }

    /// Whether a component was proven at least once.
    #[must_use]
    pub fn proven(&self, side: Side, component: &Component) -> bool {
        self.proven.contains(&(side, component.clone()))
    }

    /// The proof that counts now.
    #[must_use]
    pub fn proof(&self, side: Side, component: &Component) -> Option<&Proof> {
        self.proofs.get(&(side, component.clone()))
    }

    /// All proofs of one side that count now.
    #[must_use]
    pub fn proofs(&self, side: Side) -> Vec<Proof> {
        self.proofs
            .iter()
            .filter(|((of, _), _)| *of == side)
            .map(|(_, proof)| proof.clone())
            .collect()
    }

    /// Whether a service that left has no task any more.
    #[must_use]
    pub fn retired(&self, service: &ServiceName) -> bool {
        self.retired.contains(service)
    }

    /// When the watch began.
    #[must_use]
    pub fn bake_began(&self) -> Option<Timestamp> {
        self.bake_began
    }

    /// Whether the watch is over.
    #[must_use]
    pub fn bake_ended(&self) -> bool {
        self.bake_ended
    }

    /// Why and when it turned back.
    #[must_use]
    pub fn turned_back(&self) -> Option<(&Cause, Timestamp)> {
        self.turned_back.as_ref().map(|(cause, at)| (cause, *at))
    }

    /// Services that cannot return, and why.
    #[must_use]
    pub fn cannot_return(&self) -> &BTreeMap<ServiceName, String> {
        &self.cannot_return
    }

    /// Services left to somebody else.
    #[must_use]
    pub fn left_alone(&self) -> &BTreeMap<ServiceName, DefinitionRef> {
        &self.left_alone
    }

    /// The jobs whose triggers cannot be brought back, and why.
    #[must_use]
    pub fn schedules_stay(&self) -> &BTreeMap<JobName, Obstacle> {
        &self.schedules_stay
    }

    /// Frontends that cannot be brought back, and why.
    #[must_use]
    pub fn frontends_stay(&self) -> &BTreeMap<FrontendName, Obstacle> {
        &self.frontends_stay
    }

    /// When everything that was touched was put back.
    #[must_use]
    pub fn undone(&self) -> Option<Timestamp> {
        self.undone
    }

    /// What is back but was not proven in time, and which witness did not confirm.
    #[must_use]
    pub fn unproven(&self) -> &BTreeMap<Component, Witness> {
        &self.unproven
    }

    /// The last reason for waiting, unless something happened since.
    #[must_use]
    pub fn waiting(&self) -> Option<&Reason> {
        self.waiting.as_ref()
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// When it began.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When something last happened, other than waiting: what goes on now goes on since then.
    #[must_use]
    pub fn moved_at(&self) -> Option<Timestamp> {
        self.moved_at
    }

    /// The next record's position.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Which deployment.
    #[must_use]
    pub fn deployment(&self) -> Option<&DeploymentId> {
        self.deployment.as_ref()
    }

    /// Whether nothing remains to be done for it: it ended, or never began and cannot any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.outcome.is_some() || self.abandoned
    }
}
