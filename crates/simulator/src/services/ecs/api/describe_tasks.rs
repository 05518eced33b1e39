//! DescribeTasks.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::list_tasks::is_visible;
use super::lookup::{self, within};
use super::task_json::TaskShown;
use crate::services::ecs::arn::last_part;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeTasks {
    cluster: Option<String>,
    tasks: Vec<String>,
    include: Option<Vec<String>>,
}

#[derive(Serialize)]
pub(super) struct Described<'a> {
    tasks: Vec<TaskShown<'a>>,
    failures: Vec<Value>,
}

/// At most 100; a task that is unknown, or too new to be known, is a failure inside a 200.
pub(super) fn describe<'a>(
    world: &'a World,
    request: &DescribeTasks,
) -> Result<Described<'a>, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    within("Tasks", &request.tasks, 100)?;
    let with_tags = request.include.iter().flatten().any(|part| part == "TAGS");
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for id_or_arn in &request.tasks {
        let task =
            lookup::task(world, &cluster, id_or_arn).and_then(|serial| world.ecs.task(serial));
        match task.filter(|task| is_visible(world, task)) {
            Some(task) => {
                let tags = if with_tags {
                    world.tags_of(&task.arn)
                } else {
                    &[]
                };
                tasks.push(world.task_shown(task, tags));
            }
            None => {
                let arn = world.ecs_arn(&format!("task/{cluster}/{}", last_part(id_or_arn)));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(Described { tasks, failures })
}
