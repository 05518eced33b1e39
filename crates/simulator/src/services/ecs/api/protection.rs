//! UpdateTaskProtection, GetTaskProtection: a protected task is not stopped by scaling in or by a deployment.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::{self, invalid, within};
use crate::base::agenda::TaskSerial;
use crate::services::ecs::arn::last_part;
use crate::services::ecs::{Task, TaskStatus};
use crate::wire::seconds;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTaskProtection {
    cluster: String,
    tasks: Vec<String>,
    protection_enabled: bool,
    expires_in_minutes: Option<u64>,
}

/// At most 10 tasks of services; for 1 to 2,880 minutes, 2 hours unless said otherwise [MODEL].
pub(super) fn update(world: &mut World, request: &UpdateTaskProtection) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, Some(&request.cluster))?;
    within("tasks", &request.tasks, 10)?;
    let minutes = request.expires_in_minutes.unwrap_or(120);
    if !(1..=2_880).contains(&minutes) {
        return Err(invalid("expiresInMinutes must be between 1 and 2880."));
    }
    let until_ms = request
        .protection_enabled
        .then_some(world.now_ms + minutes * 60_000);
    let (serials, failures) = find(world, &cluster, &request.tasks);
    for serial in &serials {
        if let Some(task) = world.ecs.task_mut(*serial) {
            task.protected_until_ms = until_ms;
        }
        let owner = world.ecs.task(*serial).and_then(|task| task.service());
        if let Some(key) = owner.map(|(key, _)| key.clone()) {
            world.request_next_pass(&key);
        }
    }
    Ok(answer(world, &serials, failures))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetTaskProtection {
    cluster: String,
    tasks: Option<Vec<String>>,
}

pub(super) fn get(world: &World, request: &GetTaskProtection) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, Some(&request.cluster))?;
    let tasks = request.tasks.as_deref().unwrap_or_default();
    within("tasks", tasks, 100)?;
    let (serials, failures) = find(world, &cluster, tasks);
    Ok(answer(world, &serials, failures))
}

/// The tasks that can be protected, and why the others cannot.
fn find(world: &World, cluster: &str, tasks: &[String]) -> (Vec<TaskSerial>, Vec<Value>) {
    let (mut serials, mut failures) = (Vec::new(), Vec::new());
    for id_or_arn in tasks {
        let arn = world.ecs_arn(&format!("task/{cluster}/{}", last_part(id_or_arn)));
        let found =
            lookup::task(world, cluster, id_or_arn).and_then(|serial| world.ecs.task(serial));
        match found {
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
            Some(task) if !can_be_protected(task) => failures.push(json!({
                "arn": arn,
                "reason": "TASK_NOT_VALID",
                "detail": "The specified task is not a running task of a service.",
            })),
            Some(task) => serials.push(task.serial),
        }
    }
    (serials, failures)
}

fn can_be_protected(task: &Task) -> bool {
    task.service().is_some() && task.is_live() && task.status <= TaskStatus::Running
}

fn answer(world: &World, serials: &[TaskSerial], failures: Vec<Value>) -> Value {
    let tasks = serials.iter().filter_map(|serial| world.ecs.task(*serial));
    let protected = tasks.map(|task| {
        let mut members = json!({ "taskArn": task.arn, "protectionEnabled": false });
        if let Some(until_ms) = task
            .protected_until_ms
            .filter(|until_ms| *until_ms > world.now_ms)
        {
            members["protectionEnabled"] = json!(true);
            members["expirationDate"] = seconds(until_ms);
        }
        members
    });
    json!({ "protectedTasks": protected.collect::<Vec<Value>>(), "failures": failures })
}
