//! What was learnt from earlier answers: which record belongs to a rollout, how far it was seen, task definitions, who deploys a
//! service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backstay_domain::app::ServiceLocator;
use backstay_domain::observation::{RolloutStatus, RolloutView};
use backstay_domain::{DefinitionRef, RolloutHandle};
use serde_json::Value;

use super::services::{Deployer, Groups};

/// Grows by one entry per rollout and task definition of a deployment.
#[derive(Default)]
pub(super) struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    records: HashMap<RolloutHandle, String>,
    misses: HashMap<RolloutHandle, u32>,
    seen: HashMap<RolloutHandle, RolloutView>,
    documents: HashMap<DefinitionRef, Arc<Value>>,
    deployers: HashMap<(String, String), Deployer>,
    groups: Groups,
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service deployment ARN of a rollout.
    pub(super) fn record(&self, handle: &RolloutHandle) -> Option<String> {
        self.inner().records.get(handle).cloned()
    }

    /// Remembers it.
    pub(super) fn remember_record(&self, handle: &RolloutHandle, arn: &str) {
        self.inner().records.insert(handle.clone(), arn.to_owned());
    }

    /// Counts the looks at which a rollout's record was not found, this one included.
    pub(super) fn missed(&self, handle: &RolloutHandle) -> u32 {
        let mut inner = self.inner();
        let misses = inner.misses.entry(handle.clone()).or_insert(0);
        *misses += 1;
        *misses
    }

    /// Whether a rollout was seen in a state that it cannot leave.
    pub(super) fn has_ended(&self, handle: &RolloutHandle) -> bool {
        self.inner()
            .seen
            .get(handle)
            .is_some_and(|view| rank(&view.status) == ENDED)
    }

    /// The newest view of a rollout: an older state than one already seen is a stale read, and an end absorbs.
    pub(super) fn newest(&self, view: RolloutView) -> RolloutView {
        let mut inner = self.inner();
        match inner.seen.get(&view.handle) {
            Some(before)
                if rank(&before.status) > rank(&view.status) || rank(&before.status) == ENDED =>
            {
                RolloutView {
                    running: view.running,
                    ..before.clone()
                }
            }
            _ => {
                inner.seen.insert(view.handle.clone(), view.clone());
                view
            }
        }
    }

    /// Who deploys a service; that never changes.
    pub(super) fn deployer(&self, locator: &ServiceLocator) -> Option<Deployer> {
        let key = (locator.cluster.clone(), locator.cluster_name.clone());
        self.inner().deployers.get(&key).copied()
    }

    /// Remembers it.
    pub(super) fn remember_deployer(&self, locator: &ServiceLocator, deployer: Deployer) {
        let key = (locator.cluster.clone(), locator.cluster_name.clone());
        self.inner().deployers.insert(key, deployer);
    }

    /// CodeDeploy's groups, as they were looked for last.
    pub(super) fn groups(&self) -> Groups {
        self.inner().groups.clone()
    }

    /// Remembers them.
    pub(super) fn remember_groups(&self, groups: Groups) {
        self.inner().groups = groups;
    }

    /// A task definition's document; it never changes.
    pub(super) fn document(&self, definition: &DefinitionRef) -> Option<Arc<Value>> {
        self.inner().documents.get(definition).cloned()
    }

    /// Remembers it.
    pub(super) fn remember_document(&self, definition: &DefinitionRef, document: Arc<Value>) {
        self.inner().documents.insert(definition.clone(), document);
    }
}

/// The rank of states that absorb.
const ENDED: u8 = 5;

/// Later states have higher ranks.
fn rank(status: &RolloutStatus) -> u8 {
    match status {
        RolloutStatus::NotVisible => 0,
        RolloutStatus::Pending => 1,
        RolloutStatus::InProgress | RolloutStatus::Other(_) => 2,
        RolloutStatus::Stopping | RolloutStatus::RollbackRequested => 3,
        RolloutStatus::RollingBack => 4,
        RolloutStatus::Succeeded
        | RolloutStatus::Stopped
        | RolloutStatus::RolledBack
        | RolloutStatus::RollbackFailed => ENDED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(status: RolloutStatus, running: u32) -> RolloutView {
        let handle = RolloutHandle::parse("ecs-svc/1").unwrap();
        RolloutView {
            handle,
            status,
            reason: None,
            failures: (0, None),
            running,
            shift: None,
        }
    }

    #[test]
    fn a_rollout_never_goes_back_to_an_earlier_state() {
        let memory = Memory::default();
        let reads = [
            (RolloutStatus::NotVisible, RolloutStatus::NotVisible),
            (RolloutStatus::InProgress, RolloutStatus::InProgress),
            (RolloutStatus::Pending, RolloutStatus::InProgress),
            (RolloutStatus::NotVisible, RolloutStatus::InProgress),
            (RolloutStatus::RollingBack, RolloutStatus::RollingBack),
            (RolloutStatus::InProgress, RolloutStatus::RollingBack),
            (RolloutStatus::RolledBack, RolloutStatus::RolledBack),
            (RolloutStatus::Succeeded, RolloutStatus::RolledBack),
            (RolloutStatus::NotVisible, RolloutStatus::RolledBack),
        ];
        for (running, (read, reported)) in reads.into_iter().enumerate() {
            let running = u32::try_from(running).unwrap();
            assert_eq!(memory.newest(view(read, running)), view(reported, running));
        }
        assert!(memory.has_ended(&RolloutHandle::parse("ecs-svc/1").unwrap()));
    }
}
