//! ListTasks, and pages of ARNs.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::lookup::{self, invalid};
use crate::base::timings::visible_after_ms;
use crate::services::ecs::Task;
use crate::services::ecs::arn::last_part;
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTasks {
    cluster: Option<String>,
    family: Option<String>,
    started_by: Option<String>,
    service_name: Option<String>,
    desired_status: Option<String>,
    launch_type: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Tasks by desiredStatus (RUNNING unless said otherwise), in an order that means nothing; at most 100 a page.
///
/// `startedBy` goes with neither family nor service (G [MODEL]); that desiredStatus may stand beside it is [CODE].
pub(super) fn list(world: &World, request: &ListTasks) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    page_size(request.max_results)?;
    if request.started_by.is_some() && (request.family.is_some() || request.service_name.is_some())
    {
        return Err(invalid("startedBy cannot be combined with other filters."));
    }
    if let Some(name) = &request.service_name {
        let missing = || ApiError::client("ServiceNotFoundException", "Service not found.");
        lookup::service(world, &cluster, name).ok_or_else(missing)?;
    }
    let wants_stopped = match request.desired_status.as_deref() {
        None | Some("RUNNING") => false,
        Some("STOPPED") => true,
        // PENDING is a legal value that never matches: desiredStatus is never PENDING (C [MODEL]).
        Some("PENDING") => return Ok(json!({ "taskArns": [] })),
        Some(other) => return Err(invalid(format!("desiredStatus {other} is not valid."))),
    };
    let wanted = |task: &&Task| {
        task.cluster == cluster
            && task.told_to_stop == wants_stopped
            && is_visible(world, task)
            && request
                .family
                .as_ref()
                .is_none_or(|family| task.definition.family == *family)
            && (request.started_by.is_none() || request.started_by == task.started_by)
            && request
                .service_name
                .as_deref()
                .is_none_or(|name| task.group.strip_prefix("service:") == Some(last_part(name)))
            && request
                .launch_type
                .as_deref()
                .is_none_or(|kind| kind == "FARGATE")
    };
    let mut arns: Vec<String> = world
        .ecs
        .tasks
        .values()
        .filter(wanted)
        .map(|task| task.arn.clone())
        .collect();
    arns.sort();
    let (arns, next) = page(
        &arns,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(paged("taskArns", arns, next))
}

/// A list and, if there is more, its `nextToken`.
pub(super) fn paged<T: serde::Serialize>(name: &str, items: Vec<T>, next: Option<String>) -> Value {
    let mut reply = Map::new();
    reply.insert(name.to_owned(), json!(items));
    if let Some(next) = next {
        reply.insert("nextToken".to_owned(), json!(next));
    }
    Value::Object(reply)
}

/// `maxResults` is 1-100 (F3).
pub(super) fn page_size(size: Option<usize>) -> Result<(), ApiError> {
    if size.is_none_or(|size| (1..=100).contains(&size)) {
        return Ok(());
    }
    Err(invalid("maxResults must be between 1 and 100."))
}

/// DescribeTasks right after RunTask may not know the task yet (C [MODEL]).
pub(super) fn is_visible(world: &World, task: &Task) -> bool {
    task.times.created + visible_after_ms(world.weather) <= world.now_ms
}
