//! StopTask.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::{self, invalid};
use crate::services::ecs::task::StopCode;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopTask {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

/// UserInitiated. A task of a service is replaced by the service (C [OBS]).
pub(super) fn stop(world: &mut World, request: &StopTask) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let missing = || invalid("The referenced task was not found.");
    let serial = lookup::task(world, &cluster, &request.task).ok_or_else(missing)?;
    let reason = request
        .reason
        .clone()
        .unwrap_or_else(|| "Task stopped by user".to_owned());
    world.stop_task(serial, StopCode::UserInitiated, reason);
    let owner = world.ecs.task(serial).and_then(|task| task.service());
    if let Some((key, digits)) = owner.map(|(key, digits)| (key.clone(), digits.to_owned())) {
        world.owe(&key, &digits);
        world.watch_floor(&key);
        world.request_next_pass(&key);
    }
    let task = world.ecs.task(serial).ok_or_else(missing)?;
    Ok(json!({ "task": world.task_json(task) }))
}
