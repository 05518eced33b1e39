//! What a service's container answers to HTTP.

use serde_json::json;

use crate::World;
use crate::services::ecs::{Task, TaskStatus};

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl World {
    /// What the task at this address answers now; `None`: the connection is refused.
    pub(crate) fn task_answer(&self, ip: &str, port: u16, path: &str) -> Option<TaskAnswer> {
        let task = self.ecs.tasks.values().rev().find(|task| task.ip == ip)?;
        let listens = matches!(task.status, TaskStatus::Running | TaskStatus::Deactivating);
        let answers = task.answers();
        if !listens || !answers.listens_at(self.now_ms) {
            return None;
        }
        let unhealthy = answers
            .bad_from_ms
            .is_some_and(|bad_ms| self.now_ms >= bad_ms);
        let status = match (unhealthy, self.breaks(task, path)) {
            (true, _) => 503,
            (false, true) => 500,
            (false, false) => 200,
        };
        Some(answer(task, port, status))
    }

    /// Errors5xx: every path but the health check's.
    fn breaks(&self, task: &Task, path: &str) -> bool {
        let (Some(after_ms), Some(started_ms)) =
            (task.behaviour.errors_after_ms, task.times.started)
        else {
            return false;
        };
        let path = path.split('?').next().unwrap_or(path);
        let mut checked = task
            .registered
            .iter()
            .filter_map(|name| self.elb.groups.get(name));
        let is_check =
            checked.any(|group| group.health_check_path == path) || path.ends_with("/health");
        self.now_ms >= started_ms + after_ms && !is_check
    }
}

fn answer(task: &Task, port: u16, status: u16) -> TaskAnswer {
    let container = task.definition.essential();
    let version = container.and_then(|container| {
        container
            .environment
            .iter()
            .find(|(name, _)| name == "APP_VERSION")
            .map(|(_, value)| value.as_str())
    });
    let word = match status {
        200 => "healthy",
        503 => "unhealthy",
        _ => "error",
    };
    let service = container.map(|container| container.name.as_str());
    let body = json!({ "status": word, "service": service, "version": version });
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-served-by".to_owned(), format!("{}:{port}", task.ip)),
    ];
    TaskAnswer {
        status,
        headers,
        body: body.to_string().into_bytes(),
    }
}
