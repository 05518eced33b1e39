//! One entry of `deployments[]`: a service revision on its way in or out. Its task definition never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cluster::StrategyItem;
use super::{TaskDefinition, TaskSet};
use crate::Millis;

/// A deployment. Which one is PRIMARY is a matter of its place in the service's list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// The digits of `ecs-svc/<digits>`, which also end the service revision's ARN (A7 [OBS]).
    pub(crate) digits: String,
    pub(crate) definition: Arc<TaskDefinition>,
    /// capacityProviderStrategy of the service when it began: a change takes force to reach tasks (A1 [MODEL]).
    #[serde(default)]
    pub(crate) strategy: Vec<StrategyItem>,
    pub(crate) rollout: Rollout,
    pub(crate) reason: String,
    pub(crate) created_ms: Millis,
    pub(crate) updated_ms: Millis,
    /// failureCount of the circuit breaker, and `failedTasks`.
    pub(crate) failures: u32,
    /// A task has been RUNNING: the breaker's second stage (B2 [DOC]).
    pub(crate) was_running: bool,
    pub(crate) digests: Digests,
    /// Tasks that ended by themselves while this deployment was being replaced, and are still owed (A5 [DOC]).
    pub(crate) owed: u32,
    pub(crate) back_off: BackOff,
    /// When the breaker trips.
    pub(crate) trip_ms: Option<Millis>,
    /// When it completes, if nothing changes.
    pub(crate) finish_ms: Option<Millis>,
    /// When its bake time is over; set when all its tasks are healthy and no old one is left (B7 [DOC]).
    #[serde(default)]
    pub(crate) bake_until_ms: Option<Millis>,
    /// The last time an old task was told to stop in favour of this deployment.
    pub(crate) stopped_old_ms: Option<Millis>,
    /// This deployment is the target of a rollback.
    pub(crate) rolling_back: bool,
    /// Id of the service deployment that moves it.
    pub(crate) record: String,
    /// Target groups of its tasks, in the order of loadBalancers; empty when they are those that loadBalancers names.
    #[serde(default)]
    pub(crate) groups: Vec<Arc<str>>,
    /// Of a service with controller CODE_DEPLOY.
    #[serde(default)]
    pub(crate) task_set: Option<TaskSet>,
}

impl Deployment {
    /// A deployment that has just been asked for.
    pub(crate) fn new(
        digits: String,
        definition: Arc<TaskDefinition>,
        record: String,
        now_ms: Millis,
    ) -> Self {
        let digests = Digests::needed(&definition);
        Self {
            reason: format!("ECS deployment ecs-svc/{digits} in progress."),
            digits,
            definition,
            strategy: Vec::new(),
            rollout: Rollout::InProgress,
            created_ms: now_ms,
            updated_ms: now_ms,
            failures: 0,
            was_running: false,
            digests,
            owed: 0,
            back_off: BackOff::default(),
            trip_ms: None,
            finish_ms: None,
            bake_until_ms: None,
            stopped_old_ms: None,
            rolling_back: false,
            record,
            groups: Vec::new(),
            task_set: None,
        }
    }

    /// `ecs-svc/<digits>`.
    pub(crate) fn id(&self) -> String {
        format!("ecs-svc/{}", self.digits)
    }
}

/// `rolloutState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

impl Rollout {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// The image digests of a deployment (A10 [DOC]): the first task resolves the tags, later tasks reuse the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Digests {
    /// Not yet; so many attempts failed. One task at a time until it is known [INF from A10 and B3].
    Pending { failed: u32 },
    /// By container name. Empty when nothing had to be resolved.
    Known(BTreeMap<String, String>),
    /// Three attempts failed: it goes on without.
    GivenUp,
}

impl Digests {
    /// Images that are named by digest need no resolution.
    pub(crate) fn needed(definition: &TaskDefinition) -> Self {
        if definition
            .containers
            .iter()
            .any(super::Container::digest_is_needed)
        {
            Self::Pending { failed: 0 }
        } else {
            Self::Known(BTreeMap::new())
        }
    }
}

/// The pause before the next start after tasks that never ran (A9 [DOC]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackOff {
    /// No start before.
    pub(crate) until_ms: Millis,
    /// The last pause, to grow from.
    pub(crate) last_ms: Millis,
    pub(crate) times: u32,
}
