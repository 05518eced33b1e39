//! Jobs that somebody runs by hand, and what tasks write.

use backstay_domain::observation::JobState;
use backstay_domain::ports::Printed;
use backstay_domain::{DefinitionRef, JobName, TaskId};
use serde_json::{Value, json};

use super::object;
use crate::render::job::{Ended, state_word};

/// It was started.
#[must_use]
pub fn job_started(job: &JobName, task: &TaskId, definition: &DefinitionRef) -> Value {
    object(
        "job-started",
        json!({ "job": job, "task": task, "definition": definition }),
    )
}

/// A line that it wrote.
#[must_use]
pub fn job_line(job: &JobName, line: &str) -> Value {
    object("line", json!({ "part": job, "text": line }))
}

/// It ended.
#[must_use]
pub fn job_ended(ended: &Ended<'_>, exit_code: u8) -> Value {
    let code = match ended.view.state {
        JobState::Exited(code) => Some(code),
        JobState::Killed(_)
        | JobState::NeverStarted(_)
        | JobState::Running
        | JobState::Vanished => None,
    };
    object(
        "job-ended",
        json!({
            "job": ended.job,
            "task": ended.task,
            "state": state_word(&ended.view.state),
            "container_exit_code": code,
            "why": ended.why,
            "seconds": ended.took.as_secs(),
            "exit_code": exit_code,
        }),
    )
}

/// A line that a task wrote.
#[must_use]
pub fn printed(part: &str, line: &Printed) -> Value {
    object(
        "line",
        json!({
            "part": part,
            "at": line.at,
            "container": line.container,
            "task": line.task,
            "text": line.text,
        }),
    )
}
