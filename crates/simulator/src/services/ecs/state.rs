//! All of ECS in the account, as data, and the look-ups everything else uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::launch::LaunchRates;
use super::{ClusterDetails, Deployment, Service, Task, TaskDefinition, TaskStatus};
use crate::base::agenda::{ServiceKey, TaskSerial};

/// Clusters, task definitions, services and tasks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ecs {
    /// Names of clusters that are ACTIVE.
    pub(crate) clusters: Vec<String>,
    /// By name, also of clusters that are INACTIVE.
    #[serde(default)]
    pub(crate) cluster_details: BTreeMap<String, ClusterDetails>,
    /// Account settings that someone has set.
    #[serde(default)]
    pub(crate) account_settings: BTreeMap<String, String>,
    pub(crate) families: BTreeMap<String, Family>,
    pub(crate) services: BTreeMap<ServiceKey, Service>,
    pub(crate) tasks: BTreeMap<TaskSerial, Task>,
    pub(crate) last_serial: TaskSerial,
    #[serde(default)]
    pub(crate) launches: LaunchRates,
    /// RunTask client tokens and what they stand for.
    pub(crate) run_tokens: BTreeMap<String, RunToken>,
    /// By ARN.
    pub(crate) tags: BTreeMap<String, Vec<Tag>>,
}

/// A task definition family and its revisions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) revisions: BTreeMap<u32, Arc<TaskDefinition>>,
    /// Revisions that DeregisterTaskDefinition made INACTIVE, and when.
    pub(crate) inactive: BTreeMap<u32, crate::Millis>,
    /// Of those, the ones that DeleteTaskDefinitions has taken, and when.
    #[serde(default)]
    pub(crate) deleting: BTreeMap<u32, crate::Millis>,
}

/// What a RunTask client token has started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunToken {
    pub(crate) request: Value,
    pub(crate) reply: Value,
    pub(crate) task_arns: Vec<String>,
}

/// A tag on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

impl Ecs {
    pub(crate) fn service(&self, key: &ServiceKey) -> Option<&Service> {
        self.services.get(key)
    }

    pub(crate) fn service_mut(&mut self, key: &ServiceKey) -> Option<&mut Service> {
        self.services.get_mut(key)
    }

    pub(crate) fn task(&self, serial: TaskSerial) -> Option<&Task> {
        self.tasks.get(&serial)
    }

    pub(crate) fn task_mut(&mut self, serial: TaskSerial) -> Option<&mut Task> {
        self.tasks.get_mut(&serial)
    }

    /// The deployment a service's task belongs to, while the service still lists it.
    pub(crate) fn deployment_of(&mut self, serial: TaskSerial) -> Option<&mut Deployment> {
        let (key, digits) = self.tasks.get(&serial)?.service()?;
        self.services
            .get_mut(&key.clone())?
            .deployments
            .iter_mut()
            .find(|deployment| deployment.digits == digits)
    }

    /// All tasks of a service that are not yet forgotten, oldest first.
    pub(crate) fn tasks_of<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a Task> {
        service
            .tasks
            .iter()
            .filter_map(|serial| self.tasks.get(serial))
    }

    /// Tasks of one deployment that count as running (RUNNING) and pending (before RUNNING); DEACTIVATING is neither (A6 [INF]).
    pub(crate) fn counts(&self, service: &Service, digits: Option<&str>) -> (usize, usize) {
        let mut counts = (0, 0);
        for task in self.tasks_of(service) {
            if digits.is_some_and(|digits| task.deployment() != Some(digits)) {
                continue;
            }
            match task.status {
                TaskStatus::Running => counts.0 += 1,
                TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => {
                    counts.1 += 1
                }
                TaskStatus::Deactivating
                | TaskStatus::Stopping
                | TaskStatus::Deprovisioning
                | TaskStatus::Stopped => {}
            }
        }
        counts
    }

    /// Requested, running and pending tasks of a service revision.
    pub(crate) fn revision_counts(&self, service: &Service, digits: &str) -> (usize, usize, usize) {
        let (running, pending) = self.counts(service, Some(digits));
        let is_primary = service
            .primary()
            .is_some_and(|primary| primary.digits == digits);
        let requested = if is_primary {
            service.requested()
        } else {
            running + pending
        };
        (requested, running, pending)
    }

    /// A registered revision, ACTIVE or not.
    pub(crate) fn definition(&self, family: &str, revision: u32) -> Option<&Arc<TaskDefinition>> {
        self.families.get(family)?.revisions.get(&revision)
    }

    /// The latest ACTIVE revision of a family.
    pub(crate) fn latest_definition(&self, family: &str) -> Option<&Arc<TaskDefinition>> {
        let family = self.families.get(family)?;
        let active = family
            .revisions
            .iter()
            .rev()
            .find(|(revision, _)| !family.inactive.contains_key(revision));
        active.map(|(_, definition)| definition)
    }

    pub(crate) fn is_active(&self, definition: &TaskDefinition) -> bool {
        let family = self.families.get(&definition.family);
        family.is_some_and(|family| !family.inactive.contains_key(&definition.revision))
    }
}
