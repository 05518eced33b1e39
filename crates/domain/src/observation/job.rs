//! One-off tasks: where they stand, and what reading the schema's revision gave.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::TaskId;
use crate::schema::Revision;

/// A one-off task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Where it stands.
    pub state: JobState,
    /// The last lines of its log, so far.
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
