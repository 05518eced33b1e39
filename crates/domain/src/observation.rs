//! What was seen of the world, when, and what could not be seen.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::PortFailure;
use crate::schema::Revision;
use crate::{DefinitionRef, Digest, RolloutHandle, ServiceName, TaskId};

/// One look at the environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// When the look ended.
    pub at: Timestamp,
    /// The watched services.
    pub services: Seen<BTreeMap<ServiceName, ServiceView>>,
    /// Evidence gathered about services in trouble.
    pub evidence: BTreeMap<ServiceName, Seen<Evidence>>,
    /// The running tasks and their targets, where a proof needs them.
    pub tasks: BTreeMap<ServiceName, Seen<TasksView>>,
    /// Answers to probes, by service.
    pub probes: BTreeMap<ServiceName, Seen<CheckResult>>,
    /// Answers to the smoke checks, by name.
    pub checks: BTreeMap<String, Seen<CheckResult>>,
    /// The migration task.
    pub job: Option<Seen<JobView>>,
    /// Tasks of the migration's family that run, before one is started.
    pub migrating: Option<Seen<Vec<RunningJob>>>,
    /// The CDN invalidation.
    pub invalidation: Option<Seen<InvalidationView>>,
    /// The frontend's files: path to what was found there.
    pub frontend: Option<Seen<FrontendView>>,
    /// The frontend's mutable files in the bucket: path to SHA-256.
    pub pointers: Option<Seen<BTreeMap<String, String>>>,
}

/// Something looked for: seen, or not seen and why. Not seen is never "failed".
#[derive(Clone, Debug, PartialEq)]
pub enum Seen<T> {
    /// It was seen.
    Known(T),
    /// It could not be looked at.
    Unseen(PortFailure),
}

impl<T> Seen<T> {
    /// What was seen, if anything.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unseen(_) => None,
        }
    }
}

impl<T> From<Result<T, PortFailure>> for Seen<T> {
    fn from(result: Result<T, PortFailure>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(failure) => Self::Unseen(failure),
        }
    }
}

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
    /// The rollout that is followed, if one was asked for.
    pub followed: Option<RolloutView>,
    /// Something is going wrong: tasks fail, or the cloud says so. Evidence should be gathered.
    pub trouble: Trouble,
    /// What the cloud says in words, newest first.
    pub messages: Vec<String>,
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

/// Evidence about a service whose tasks fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Stopped tasks, newest first.
    pub stopped: Vec<StoppedTask>,
    /// Running tasks whose target is unhealthy.
    pub unhealthy: Vec<UnhealthyTask>,
    /// Last lines of the newest stopped task's log.
    pub log: Vec<String>,
}

/// A task that ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoppedTask {
    /// Which.
    pub task: TaskId,
    /// What it ran.
    pub definition: DefinitionRef,
    /// The rollout that started it (`startedBy`), when the cloud says so. Without it an earlier attempt's failures
    /// would be held against this one.
    pub rollout: Option<RolloutHandle>,
    /// When it stopped.
    pub stopped_at: Option<Timestamp>,
    /// Why.
    pub cause: StopCause,
    /// How it ended, as the cloud reports it.
    #[serde(flatten)]
    pub end: TaskEnd,
}

/// How a task ended, as the cloud reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaskEnd {
    /// The cloud's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// Its containers that ended with a word or a code of their own.
    #[serde(default)]
    pub containers: Vec<ContainerEnd>,
    /// What the load balancer's health check saw of it last.
    #[serde(default)]
    pub health: Option<String>,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContainerEnd {
    /// Its name.
    pub name: String,
    /// Its exit code, where it had one.
    pub exit_code: Option<i32>,
    /// The cloud's words.
    pub reason: Option<String>,
}

impl TaskEnd {
    /// Only the cloud's words for the whole task.
    #[must_use]
    pub fn saying(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::default()
        }
    }
}

impl fmt::Display for TaskEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let container = |one: &ContainerEnd| {
            let said = one
                .reason
                .as_ref()
                .filter(|said| Some(*said) != self.reason.as_ref());
            match (said, one.exit_code) {
                (Some(said), Some(code)) => {
                    Some(format!("{}: {said} (exit code {code})", one.name))
                }
                (Some(said), None) => Some(format!("{}: {said}", one.name)),
                (None, Some(code)) if code != 0 => Some(format!("{}: exit code {code}", one.name)),
                (None, Some(_) | None) => None,
            }
        };
        let containers = self.containers.iter().filter_map(container);
        let words: Vec<String> = self
            .reason
            .iter()
            .cloned()
            .chain(containers)
            .chain(self.health.clone())
            .collect();
        match words.as_slice() {
            [] => f.write_str("no reason given"),
            words => f.write_str(&words.join("; ")),
        }
    }
}

/// A running task that its load balancer finds unhealthy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnhealthyTask {
    /// Which.
    pub task: TaskId,
    /// What it runs.
    pub definition: DefinitionRef,
    /// The check's words, with the code it saw.
    pub detail: String,
}

/// Why a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// Its image is not in the registry.
    ImageMissing,
    /// Its image was not built for this platform.
    WrongPlatform,
    /// It may not read a secret or log in to the registry.
    SecretDenied,
    /// It never started for another reason.
    CannotStart,
    /// No capacity.
    NoCapacity,
    /// Its essential container exited.
    Exited(i32),
    /// It was killed for memory.
    OutOfMemory,
    /// The load balancer's health check failed.
    TargetCheck,
    /// The container's own health check failed.
    ContainerCheck,
    /// A rollout or scaling stopped it: no failure.
    Replaced,
    /// Somebody stopped it.
    ByUser,
    /// The infrastructure under it went away.
    Infrastructure,
    /// Something else.
    Other,
}

impl StopCause {
    /// Whether it may speak against the release at all.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Replaced | Self::ByUser | Self::Infrastructure => false,
            Self::ImageMissing
            | Self::WrongPlatform
            | Self::SecretDenied
            | Self::CannotStart
            | Self::NoCapacity
            | Self::Exited(_)
            | Self::OutOfMemory
            | Self::TargetCheck
            | Self::ContainerCheck
            | Self::Other => true,
        }
    }
}

impl fmt::Display for StopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImageMissing => f.write_str("its image is missing"),
            Self::WrongPlatform => f.write_str("its image was built for another architecture"),
            Self::SecretDenied => f.write_str("a secret or the registry is denied"),
            Self::CannotStart => f.write_str("the task cannot start"),
            Self::NoCapacity => f.write_str("no capacity"),
            Self::Exited(code) => write!(f, "exit code {code}"),
            Self::OutOfMemory => f.write_str("out of memory"),
            Self::TargetCheck => f.write_str("load balancer health checks failed"),
            Self::ContainerCheck => f.write_str("container health checks failed"),
            Self::Replaced => f.write_str("replaced"),
            Self::ByUser => f.write_str("stopped by a user"),
            Self::Infrastructure => f.write_str("infrastructure maintenance"),
            Self::Other => f.write_str("stopped"),
        }
    }
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

/// The answer to a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// As expected; what was seen.
    Passed(String),
    /// Not as expected; what was seen.
    Failed(String),
}

/// A one-off task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Where it stands.
    pub state: JobState,
    /// The last lines of its log.
    pub log: Vec<String>,
    /// Why its log could not be read, when it has ended and could not.
    pub unread: Option<String>,
}

/// A one-off task that comes up, runs, or is on its way down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningJob {
    /// Which.
    pub task: TaskId,
    /// Who started it, as the cloud knows it.
    pub started_by: Option<String>,
}

impl fmt::Display for RunningJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.started_by {
            Some(by) => write!(f, "task {} (started by {by})", self.task.short()),
            None => write!(f, "task {}", self.task.short()),
        }
    }
}

/// What asking for the schema's revision gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// This one.
    Revision(Revision),
    /// None that could be trusted, and why.
    Unreadable(String),
}

/// Where a one-off task stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// It comes up or runs. As the end of a job: nobody saw it end, it may be running still.
    Running,
    /// Its container ended with this code.
    Exited(i32),
    /// Its container never ran: nothing happened.
    NeverStarted(String),
    /// Its container was killed: 137, or no code although it ran. What it did is unknown.
    Killed(String),
    /// The cloud does not know it any more (or not yet).
    Vanished,
}

/// A CDN invalidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvalidationView {
    /// Going on.
    InProgress,
    /// Every edge serves the new files.
    Completed,
}

/// The frontend as visitors get it: what contradicts the expected manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontendView {
    /// Files expected.
    pub files: u32,
    /// Files whose bytes or type differ: path and what was found.
    pub wrong: BTreeMap<String, String>,
    /// Files that were not looked at yet: a large build takes more than one look.
    #[serde(default)]
    pub unseen: u32,
}
