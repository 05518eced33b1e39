//! What a service's container answers to HTTP.

use serde_json::json;

use crate::base::agenda::TaskSerial;
use crate::services::ecs::{Container, Task, TaskStatus};
use crate::services::elb::fits;
use crate::{AppBlueprint, Millis, World};

/// The variable that has an app's version, unless its blueprint names another one.
const VERSION: &str = "APP_VERSION";

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long it takes.
    pub(crate) after_ms: Millis,
    /// The task that a fault makes answer so.
    pub(crate) spoiled: Option<TaskSerial>,
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
        let spoiled = (status == 500).then_some(task.serial);
        Some(TaskAnswer {
            spoiled,
            ..answer(task, self.program(task), (port, path), status)
        })
    }

    /// What a blueprint says of the program of a service's task.
    pub(crate) fn program(&self, task: &Task) -> Option<&AppBlueprint> {
        let (key, _) = task.service()?;
        self.apps.get(key)
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
        let is_check = checked
            .any(|group| !group.checks_connections() && group.health_check_path == path)
            || path.ends_with("/health");
        self.now_ms >= started_ms + after_ms && !is_check
    }
}

fn answer(
    task: &Task,
    program: Option<&AppBlueprint>,
    (port, path): (u16, &str),
    status: u16,
) -> TaskAnswer {
    let container = task.app();
    let served_by = ("x-served-by".to_owned(), format!("{}:{port}", task.ip));
    let path = path.split('?').next().unwrap_or(path);
    let own = program.and_then(|program| program.answers.iter().find(|it| fits(&it.path, path)));
    if let Some(own) = own.filter(|_| status == 200) {
        let mut headers: Vec<(String, String)> = own.headers.clone().into_iter().collect();
        headers.push(served_by);
        return TaskAnswer {
            status: own.status,
            headers,
            body: filled(&own.body, container).into_bytes(),
            after_ms: own.after_ms,
            spoiled: None,
        };
    }
    let named = program.and_then(|program| program.version_variable.as_deref());
    let version = container.and_then(|it| variable(it, named.unwrap_or(VERSION)));
    let word = match status {
        200 => "healthy",
        503 => "unhealthy",
        _ => "error",
    };
    let service = container.map(|container| container.name.as_str());
    let body = json!({ "status": word, "service": service, "version": version });
    TaskAnswer {
        status,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            served_by,
        ],
        body: body.to_string().into_bytes(),
        after_ms: 0,
        spoiled: None,
    }
}

fn variable<'c>(container: &'c Container, name: &str) -> Option<&'c str> {
    let mut environment = container.environment.iter();
    let found = environment.find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// `${NAME}` is the container's variable; one that it does not have is nothing, as in a shell.
fn filled(body: &str, container: Option<&Container>) -> String {
    let mut parts = body.split("${");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => {
                let value = container.and_then(|container| variable(container, name));
                text.push_str(value.unwrap_or_default());
                text.push_str(rest);
            }
            None => {
                text.push_str("${");
                text.push_str(part);
            }
        }
    }
    text
}
