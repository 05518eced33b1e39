//! A service as the cloud reports it: its newest rollout, the one that is followed, its live tasks and their targets.

use serde::{Deserialize, Serialize};

use crate::failure::PortFailure;
use crate::traffic::Shift;
use crate::{DefinitionRef, Digest, RolloutHandle, TaskId};

/// A service as the cloud reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Desired number of tasks, now.
    pub desired: u32,
    /// Running tasks of all rollouts.
    pub running: u32,
    /// Tasks on their way up.
    pub pending: u32,
    /// The newest rollout. After the cloud rolled back by itself this is the old one again.
    pub primary: RolloutHandle,
    /// The task definition that it runs.
    pub primary_definition: DefinitionRef,
    /// Whether the newest rollout has completed.
    pub primary_state: PrimaryState,
    /// Tasks of the newest rollout that run.
    #[serde(default)]
    pub primary_running: u32,
    /// The rollout that is followed, if one was asked for.
    pub followed: Option<RolloutView>,
    /// Something is going wrong: tasks fail, or the cloud says so. Evidence should be gathered.
    pub trouble: Trouble,
    /// What the cloud says in words, newest first.
    pub messages: Vec<String>,
}

impl ServiceView {
    /// Whether the newest rollout has all its tasks, and no other's runs: what is left of others drains or stops.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.desired > 0 && self.primary_running == self.desired && self.running == self.desired
    }

    /// Whether the rollout that is followed waits for somebody.
    #[must_use]
    pub fn waits_for_somebody(&self) -> bool {
        let shift = self.followed.as_ref();
        let shift = shift.and_then(|followed| followed.shift.as_ref());
        shift.is_some_and(|shift| shift.hold.is_some())
    }

    /// Whether the newest rollout, which is followed, has all its tasks and gets all requests: what it replaces may run beside it.
    #[must_use]
    pub fn has_all_requests(&self) -> bool {
        let followed = self.followed.as_ref();
        let followed = followed.filter(|followed| followed.handle == self.primary);
        let shift = followed.and_then(|followed| followed.shift.as_ref());
        self.desired > 0
            && self.primary_running == self.desired
            && shift.is_some_and(Shift::is_over)
    }
}

/// Where the newest rollout of a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrimaryState {
    /// Still going.
    InProgress,
    /// Completed.
    Completed,
    /// Failed, and not rolled back.
    Failed,
}

/// Whether tasks of a service fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trouble {
    /// No sign.
    None,
    /// Tasks failed or are unhealthy.
    Suspected,
}

/// One rollout as its record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutView {
    /// Which.
    pub handle: RolloutHandle,
    /// Where it stands.
    pub status: RolloutStatus,
    /// The cloud's words for it.
    pub reason: Option<String>,
    /// Failed tasks that the cloud counted, and the number at which it gives up.
    pub failures: (u32, Option<u32>),
    /// Tasks of this rollout that run.
    pub running: u32,
    /// Where it stands, if it shifts traffic.
    #[serde(default)]
    pub shift: Option<Shift>,
}

/// The life of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutStatus {
    /// Neither its record nor its entry is visible yet, or any more.
    NotVisible,
    /// Accepted.
    Pending,
    /// Going on.
    InProgress,
    /// It completed.
    Succeeded,
    /// Somebody asked it to stop, or another rollout replaces it.
    Stopping,
    /// It was stopped, without a way back.
    Stopped,
    /// A return to the previous one was asked for.
    RollbackRequested,
    /// It is returning to the previous one.
    RollingBack,
    /// It returned to the previous one.
    RolledBack,
    /// It could not return.
    RollbackFailed,
    /// A word that this version does not know: keep looking.
    Other(String),
}

/// The running tasks of a service and their targets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TasksView {
    /// Desired number of tasks, seen together with the tasks.
    pub desired: u32,
    /// Tasks that run or come up.
    pub tasks: Vec<TaskView>,
}

/// One live task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    /// Which.
    pub task: TaskId,
    /// What it runs.
    pub definition: DefinitionRef,
    /// The digests of its containers' images.
    pub digests: Vec<Digest>,
    /// Whether it runs.
    pub running: TaskState,
    /// What the load balancer says of it.
    pub target: TargetState,
    /// What the health checks of its containers say.
    #[serde(default)]
    pub health: ContainerHealth,
}

/// What the health checks of a task's containers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerHealth {
    /// Nothing: none is defined, or none has answered yet.
    #[default]
    Unknown,
    /// All essential ones confirm.
    Healthy,
    /// One does not.
    Unhealthy,
}

/// Whether a task runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// On its way up.
    Starting,
    /// Running.
    Running,
    /// On its way down.
    Stopping,
}

/// What the load balancer says of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetState {
    /// The service has no load balancer.
    NotBalanced,
    /// Healthy.
    Healthy,
    /// Anything else, in the load balancer's words.
    Unhealthy(String),
    /// The load balancer could not be asked.
    Unheard(PortFailure),
}
