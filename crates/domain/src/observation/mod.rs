//! What was seen of the world, when, and what could not be seen.

mod evidence;
mod job;
mod service;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use evidence::{ContainerEnd, Evidence, StopCause, StoppedTask, TaskEnd, UnhealthyTask};
pub use job::{JobState, JobView, Reading, RunningJob};
pub use service::{
    ContainerHealth, PrimaryState, RolloutStatus, RolloutView, ServiceView, TargetState, TaskState,
    TaskView, TasksView, Trouble,
};

use crate::anchor::AnchorView;
use crate::failure::PortFailure;
use crate::scheduled::JobSeen;
use crate::{FrontendName, JobName, ServiceName};

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
    /// The database's anchor.
    pub anchor: Option<Seen<AnchorView>>,
    /// The migration task.
    pub job: Option<Seen<JobView>>,
    /// Tasks of the migration's family that run, before one is started.
    pub migrating: Option<Seen<Vec<RunningJob>>>,
    /// CDN invalidations, by frontend.
    pub invalidations: BTreeMap<FrontendName, Seen<InvalidationView>>,
    /// The frontends' files: path to what was found there.
    pub frontends: BTreeMap<FrontendName, Seen<FrontendView>>,
    /// The frontends' mutable files in their buckets: path to SHA-256.
    pub pointers: BTreeMap<FrontendName, Seen<BTreeMap<String, String>>>,
    /// What the triggers of jobs start.
    pub schedules: BTreeMap<JobName, Seen<JobSeen>>,
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

/// The answer to a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// As expected; what was seen.
    Passed(String),
    /// Not as expected; what was seen.
    Failed(String),
    /// Nobody answered; how.
    Unreached(String),
}

impl CheckResult {
    /// What was seen instead of what is expected.
    #[must_use]
    pub fn missed(&self) -> Option<&str> {
        match self {
            Self::Passed(_) => None,
            Self::Failed(what) | Self::Unreached(what) => Some(what),
        }
    }
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

/// A frontend as visitors get it: what contradicts the expected manifest.
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
