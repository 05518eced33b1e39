//! The target of a deployment: its lifecycle events and both task sets.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusals::{self, refuse};
use crate::services::codedeploy::deployment::{
    Creator, Deployment, ErrorCode, Stage, Status, TargetSet,
};
use crate::services::codedeploy::lifecycle::{EventStatus, LifecycleEvent};
use crate::services::ecs::last_part;
use crate::wire::instant;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    deployment_id: Option<String>,
    target_filters: Option<BTreeMap<String, Vec<String>>>,
    next_token: Option<String>,
}

/// One: the ECS service.
pub(super) fn list(world: &World, request: &List) -> Result<Value, ApiError> {
    let deployment = started(world, request.deployment_id.as_deref())?;
    let mut fits = true;
    for (name, values) in request.target_filters.iter().flatten() {
        fits &= match name.as_str() {
            "TargetStatus" => values.iter().any(|value| value == status(deployment)),
            "ServerInstanceLabel" => false,
            unknown => {
                return Err(refuse(
                    "InvalidTargetFilterNameException",
                    format!("{unknown} is not a valid target filter name"),
                ));
            }
        };
    }
    let ids: Vec<String> = fits.then(|| target_id(deployment)).into_iter().collect();
    let (ids, next) = refusals::page(&ids, request.next_token.as_deref())?;
    Ok(json!({ "targetIds": ids, "nextToken": next }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Get {
    deployment_id: Option<String>,
    target_id: Option<String>,
}

pub(super) fn get(world: &World, request: &Get) -> Result<Value, ApiError> {
    let deployment = started(world, request.deployment_id.as_deref())?;
    let target = target(world, deployment, request.target_id.as_deref())?;
    Ok(json!({ "deploymentTarget": target }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchGet {
    deployment_id: Option<String>,
    target_ids: Vec<String>,
}

/// At most 25 [MODEL].
pub(super) fn batch_get(world: &World, request: &BatchGet) -> Result<Value, ApiError> {
    let deployment = started(world, request.deployment_id.as_deref())?;
    if request.target_ids.len() > 25 {
        return Err(refuse(
            "DeploymentTargetListSizeExceededException",
            "The maximum number of target IDs is 25",
        ));
    }
    let targets: Result<Vec<Value>, ApiError> = request
        .target_ids
        .iter()
        .map(|id| target(world, deployment, Some(id)))
        .collect();
    Ok(json!({ "deploymentTargets": targets? }))
}

/// Targets are known as soon as a deployment is in progress.
fn started<'a>(world: &'a World, id: Option<&str>) -> Result<&'a Deployment, ApiError> {
    let deployment = refusals::deployment(world, id)?;
    if deployment.started_ms.is_some() {
        return Ok(deployment);
    }
    Err(refuse(
        "DeploymentNotStartedException",
        format!("The deployment {} has not started", deployment.id),
    ))
}

fn target(world: &World, deployment: &Deployment, id: Option<&str>) -> Result<Value, ApiError> {
    let Some(id) = id.filter(|id| !id.is_empty()) else {
        return Err(refuse(
            "DeploymentTargetIdRequiredException",
            "The deployment target ID is missing",
        ));
    };
    if id != target_id(deployment) {
        return Err(refuse(
            "DeploymentTargetDoesNotExistException",
            format!("The deployment target {id} could not be found"),
        ));
    }
    let target = &deployment.target;
    let (blue, green) = (target.blue.as_ref(), target.green.as_ref());
    let shifted = f64::from(target.shifted);
    let sets = [(green, "Green", shifted), (blue, "Blue", 100.0 - shifted)];
    let sets = sets
        .into_iter()
        .filter_map(|(set, label, weight)| world.target_set_json(deployment, set?, label, weight));
    let events = target
        .events
        .iter()
        .map(|event| event_json(deployment, event));
    let service = world.ecs.service(&deployment.group.key());
    Ok(json!({
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": deployment.id,
            "targetId": id,
            "targetArn": service.map(|service| service.arn.clone()),
            "lastUpdatedAt": instant(target.updated_ms),
            "lifecycleEvents": events.collect::<Vec<Value>>(),
            "status": status(deployment),
            "taskSetsInfo": sets.collect::<Vec<Value>>(),
        },
    }))
}

/// `CLUSTER:SERVICE` [OBS].
fn target_id(deployment: &Deployment) -> String {
    let group = &deployment.group;
    format!(
        "{}:{}",
        last_part(&group.cluster),
        last_part(&group.service)
    )
}

/// It has succeeded when the wait for termination begins, before the deployment has (containers-roadmap#269 [OBS]).
fn status(deployment: &Deployment) -> &'static str {
    match deployment.status {
        Status::InProgress if deployment.stage == Stage::TerminationWait => "Succeeded",
        Status::Created | Status::Queued => "Pending",
        Status::InProgress => "InProgress",
        Status::Ready => "Ready",
        Status::Succeeded => "Succeeded",
        Status::Failed | Status::Stopped => "Failed",
    }
}

fn event_json(deployment: &Deployment, event: &LifecycleEvent) -> Value {
    let hooks = deployment.app_spec.as_ref().map(|spec| &spec.hooks);
    let function = hooks.and_then(|hooks| hooks.get(&event.name));
    let shown = match (deployment.creator, event.status) {
        (Creator::Rollback, _)
        | (_, EventStatus::Pending | EventStatus::InProgress | EventStatus::Skipped) => None,
        (Creator::User, EventStatus::Succeeded | EventStatus::Failed) => function,
    };
    let timed_out = deployment
        .error
        .as_ref()
        .is_some_and(|error| error.code == ErrorCode::Timeout);
    let code = match (event.status, timed_out) {
        (EventStatus::Failed, true) => "ScriptTimedOut",
        (EventStatus::Failed, false) => "ScriptFailed",
        _ => "Success",
    };
    json!({
        "lifecycleEventName": event.name.text(),
        "status": event.status.text(),
        "startTime": event.started_ms.map(instant),
        "endTime": event.ended_ms.map(instant),
        "diagnostics": shown.map(|function| json!({
            "errorCode": code,
            "scriptName": function,
            "message": event.status.text(),
            "logTail": "",
        })),
    })
}

impl World {
    /// Only while ECS still has the task set.
    fn target_set_json(
        &self,
        deployment: &Deployment,
        set: &TargetSet,
        label: &str,
        weight: f64,
    ) -> Option<Value> {
        let service = self.ecs.service(&deployment.group.key())?;
        let known = service.deployment(&set.digits)?;
        let task_set = known.task_set.as_ref()?;
        let (running, pending) = self.ecs.counts(service, Some(&set.digits));
        Some(json!({
            "identifer": known.id(),
            "desiredCount": task_set.computed_desired(service.desired),
            "pendingCount": pending,
            "runningCount": running,
            "status": task_set.status.text(),
            "trafficWeight": weight,
            "targetGroup": { "name": set.target_group },
            "taskSetLabel": label,
        }))
    }
}
