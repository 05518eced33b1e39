//! Tasks that ended or are unhealthy, and why: what may speak against a release.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DefinitionRef, RolloutHandle, TaskId};

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
    /// When it began to run; never, when it never started.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it stopped; not yet, while it still goes down.
    pub stopped_at: Option<Timestamp>,
    /// Why.
    pub cause: StopCause,
    /// How it ended, as the cloud reports it.
    #[serde(flatten)]
    pub end: TaskEnd,
}

impl StoppedTask {
    /// How long it ran, as far as both moments are known.
    #[must_use]
    pub fn life(&self) -> Option<Duration> {
        let ran = self.stopped_at?.duration_since(self.started_at?);
        Duration::try_from(ran).ok()
    }
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
