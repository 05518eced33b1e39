//! GetDeployment, BatchGetDeployments, ListDeployments.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::group_input::alarms_json;
use super::group_json::shared_json;
use super::refusals::{self, refuse};
use crate::services::codedeploy::deployment::{Deployment, RollbackInfo, Status};
use crate::wire::{Moment, instant};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Identified {
    deployment_id: Option<String>,
}

pub(super) fn get(world: &World, request: &Identified) -> Result<Value, ApiError> {
    let deployment = refusals::deployment(world, request.deployment_id.as_deref())?;
    Ok(json!({ "deploymentInfo": deployment_json(deployment) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchGet {
    deployment_ids: Vec<String>,
}

/// At most 25; unknown ones are simply not there [INF].
pub(super) fn batch_get(world: &World, request: &BatchGet) -> Result<Value, ApiError> {
    refusals::batch(&request.deployment_ids, 25)?;
    let found = request
        .deployment_ids
        .iter()
        .filter_map(|id| world.codedeploy.deployment(id));
    Ok(json!({ "deploymentsInfo": found.map(deployment_json).collect::<Vec<Value>>() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    include_only_statuses: Option<Vec<String>>,
    create_time_range: Option<Range>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    start: Option<Moment>,
    end: Option<Moment>,
}

/// Newest first. Application and group come together or not at all [MODEL].
pub(super) fn list(world: &World, request: &List) -> Result<Value, ApiError> {
    let of = match (&request.application_name, &request.deployment_group_name) {
        (None, None) => None,
        (application, group) => {
            let (application, found) = refusals::application(world, application.as_deref())?;
            let (group, _) = refusals::group(found, group.as_deref())?;
            Some((application, group))
        }
    };
    let statuses = request.include_only_statuses.as_deref().unwrap_or_default();
    if let Some(unknown) = statuses.iter().find(|status| !is_status(status)) {
        return Err(refuse(
            "InvalidDeploymentStatusException",
            format!("{unknown} is not a valid deployment status"),
        ));
    }
    let range = request.create_time_range.as_ref();
    let from_ms = range.and_then(|range| range.start).map(|Moment(ms)| ms);
    let until_ms = range.and_then(|range| range.end).map(|Moment(ms)| ms);
    let newest_first = world.codedeploy.deployments.iter().rev();
    let chosen = newest_first.filter(|deployment| {
        of.as_ref().is_none_or(|(application, group)| {
            deployment.application == *application && deployment.group_name == *group
        }) && (statuses.is_empty() || statuses.iter().any(|it| it == deployment.status.text()))
            && from_ms.is_none_or(|from_ms| deployment.created_ms >= from_ms)
            && until_ms.is_none_or(|until_ms| deployment.created_ms <= until_ms)
    });
    let ids: Vec<String> = chosen.map(|deployment| deployment.id.clone()).collect();
    let (ids, next) = refusals::page(&ids, request.next_token.as_deref())?;
    Ok(json!({ "deployments": ids, "nextToken": next }))
}

fn is_status(text: &str) -> bool {
    const NEVER_HERE: &str = "Baking";
    let known = [
        Status::Created,
        Status::Queued,
        Status::InProgress,
        Status::Ready,
        Status::Succeeded,
        Status::Failed,
        Status::Stopped,
    ];
    text == NEVER_HERE || known.iter().any(|status| status.text() == text)
}

/// `deploymentInfo`. The overview is only there at the end, and counts targets [OBS].
fn deployment_json(deployment: &Deployment) -> Value {
    let error = deployment
        .error
        .as_ref()
        .map(|error| json!({ "code": error.code.text(), "message": error.message }));
    let alarms = deployment
        .overrides_alarms
        .then(|| alarms_json(&deployment.alarms));
    let fixed = json!({
        "applicationName": deployment.application,
        "deploymentGroupName": deployment.group_name,
        "deploymentConfigName": deployment.config,
        "deploymentId": deployment.id,
        "previousRevision": deployment.previous_revision,
        "revision": deployment.revision,
        "status": deployment.status.text(),
        "errorInformation": error,
        "createTime": instant(deployment.created_ms),
        "startTime": deployment.started_ms.map(instant),
        "completeTime": deployment.completed_ms.map(instant),
        "deploymentOverview": overview(deployment.status),
        "description": deployment.description,
        "creator": deployment.creator.text(),
        "ignoreApplicationStopFailures": false,
        "autoRollbackConfiguration": deployment.rollback,
        "updateOutdatedInstancesOnly": false,
        "rollbackInfo": deployment.rollback_info.as_ref().map(|info| rollback_json(&deployment.id, info)),
        // Of ECS never true, whatever the model says of it (containers-roadmap#269 [OBS]): the target's status tells.
        "instanceTerminationWaitTimeStarted": false,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "ECS",
        "overrideAlarmConfiguration": alarms,
    });
    let mut members = Map::new();
    for part in [fixed, shared_json(&deployment.group)] {
        if let Value::Object(part) = part {
            members.extend(part);
        }
    }
    Value::Object(members)
}

fn overview(status: Status) -> Option<Value> {
    let counted = match status {
        Status::Created | Status::Queued | Status::InProgress | Status::Ready => return None,
        Status::Succeeded => "Succeeded",
        Status::Failed | Status::Stopped => "Failed",
    };
    let mut overview = json!({
        "Pending": 0, "InProgress": 0, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0,
    });
    overview[counted] = json!(1);
    Some(overview)
}

/// Both texts are [OBS].
fn rollback_json(id: &str, info: &RollbackInfo) -> Value {
    match info {
        RollbackInfo::By(rollback) => json!({
            "rollbackDeploymentId": rollback,
            "rollbackMessage": format!(
                "Deployment {id} terminated. Automatic rollback is triggered with a DeploymentId {rollback}."
            ),
        }),
        RollbackInfo::Of(failed) => json!({
            "rollbackTriggeringDeploymentId": failed,
            "rollbackMessage": format!("Deployment {id} is triggered to roll back deployment {failed}."),
        }),
    }
}
