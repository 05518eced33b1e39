//! One-off tasks.

use serde::{Deserialize, Serialize};

use crate::app::{Capacity, TaskNetwork};
use crate::definition::Definition;
use crate::failure::PortFailure;
use crate::observation::{JobView, RunningJob};
use crate::{DefinitionRef, IdempotencyKey, TaskId};

/// One-off tasks.
pub trait Jobs {
    /// Starts a task. MUST start at most one for a key, and return the same one when called again with it.
    async fn start(&self, request: &JobRequest) -> Result<TaskId, PortFailure>;
    /// Where it stands, with its log when it has ended. MUST tell an exit code from a container that never ran, and a log that
    /// is empty from one that could not be read.
    async fn look(&self, request: &JobRequest, task: &TaskId) -> Result<JobView, PortFailure>;
    /// Asks a task to stop. MUST be the same when repeated, and harmless when it has ended; it runs until `look` says otherwise.
    async fn stop(&self, request: &JobRequest, task: &TaskId, why: &str)
    -> Result<(), PortFailure>;
    /// The tasks of a definition's family that run, whoever started them, also those that come up or go down. MUST page to
    /// the end.
    async fn running(
        &self,
        cluster: &str,
        definition: &Definition,
    ) -> Result<Vec<RunningJob>, PortFailure>;
    /// Why nobody could read what a container of this definition prints, where that is so. MUST NOT ask the cloud.
    fn unreadable(&self, definition: &Definition, container: &str) -> Option<String>;
}

/// A one-off task to start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
    /// Where.
    pub cluster: String,
    /// What.
    pub definition: DefinitionRef,
    /// The container whose command is replaced and whose exit code decides.
    pub container: String,
    /// Its command; empty: what the definition says.
    pub command: Vec<String>,
    /// Its network.
    pub network: TaskNetwork,
    /// On what it runs.
    pub capacity: Capacity,
    /// Makes it start once.
    pub key: IdempotencyKey,
    /// Who started it, for people who look at the cloud.
    pub started_by: String,
    /// What of its end counts.
    pub answer: JobAnswer,
}

/// What of a task's end counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobAnswer {
    /// Its exit code: a good one is known as soon as the containers have ended.
    ExitCode,
    /// What it printed: the whole of that is there when the task has stopped.
    Output,
}
