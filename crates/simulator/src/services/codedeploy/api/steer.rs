//! StopDeployment, ContinueDeployment, PutLifecycleEventHookExecutionStatus.

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusals::{self, refuse};
use crate::services::codedeploy::deployment::{Creator, Stage};
use crate::services::codedeploy::end::{self, Failure};
use crate::services::codedeploy::lifecycle::{EventName, EventStatus};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Stop {
    deployment_id: Option<String>,
    auto_rollback_enabled: Option<bool>,
}

/// At once; with a rollback if the caller, or else the configuration, wants one. The text of the reply is [DOC].
pub(super) fn stop(world: &mut World, request: &Stop) -> Result<Value, ApiError> {
    let deployment = refusals::deployment(world, request.deployment_id.as_deref())?;
    if deployment.status.is_terminal() {
        return Err(completed(&deployment.id));
    }
    if deployment.creator == Creator::Rollback {
        // Code and text are [INF].
        return Err(refuse(
            "UnsupportedActionForDeploymentTypeException",
            format!(
                "The rollback deployment {} cannot be stopped",
                deployment.id
            ),
        ));
    }
    let id = deployment.id.clone();
    end::fail(world, &id, Failure::by_hand(request.auto_rollback_enabled));
    Ok(json!({
        "status": "Succeeded",
        "statusMessage": "No more commands will be scheduled for execution in the deployment instances",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Continue {
    deployment_id: Option<String>,
    deployment_wait_type: Option<String>,
}

/// READY_WAIT (the default [INF]) reroutes now, TERMINATION_WAIT terminates the original now [MODEL].
pub(super) fn go_on(world: &mut World, request: &Continue) -> Result<Value, ApiError> {
    let deployment = refusals::deployment(world, request.deployment_id.as_deref())?;
    let awaited = match request.deployment_wait_type.as_deref() {
        None | Some("READY_WAIT") => Stage::Ready,
        Some("TERMINATION_WAIT") => Stage::TerminationWait,
        Some(kind) => {
            return Err(refuse(
                "InvalidDeploymentWaitTypeException",
                format!("{kind} is not a valid wait type"),
            ));
        }
    };
    if deployment.status.is_terminal() {
        return Err(completed(&deployment.id));
    }
    if deployment.stage != awaited {
        return Err(refuse(
            "DeploymentIsNotInReadyStateException",
            format!("The deployment {} is not in ready state", deployment.id),
        ));
    }
    let id = deployment.id.clone();
    if let Some(deployment) = world.codedeploy.deployment_mut(&id) {
        deployment.told_to_continue = true;
    }
    world.look_soon(&id);
    Ok(json!({}))
}

fn completed(id: &str) -> ApiError {
    refuse(
        "DeploymentAlreadyCompletedException",
        format!("Deployment {id} is already completed"),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Hook {
    deployment_id: Option<String>,
    lifecycle_event_hook_execution_id: Option<String>,
    status: Option<String>,
}

/// What a hook's function says. Its execution id is `DEPLOYMENT/EVENT` here: AWS tells an opaque one to the function only.
pub(super) fn hook(world: &mut World, request: &Hook) -> Result<Value, ApiError> {
    let deployment = refusals::deployment(world, request.deployment_id.as_deref())?;
    let answer = match request.status.as_deref() {
        Some("Succeeded") => true,
        Some("Failed") => false,
        other => {
            // "Only Succeeded and Failed can be passed successfully" [MODEL].
            let other = other.unwrap_or("none");
            return Err(refuse(
                "InvalidLifecycleEventHookExecutionStatusException",
                format!("{other} is not a valid status of a lifecycle event hook execution"),
            ));
        }
    };
    let execution = request
        .lifecycle_event_hook_execution_id
        .as_deref()
        .unwrap_or_default();
    let named = execution
        .strip_prefix(&format!("{}/", deployment.id))
        .and_then(|name| {
            EventName::ALL
                .into_iter()
                .find(|event| event.text() == name)
        });
    let hooks = deployment.app_spec.as_ref().map(|spec| &spec.hooks);
    let Some(event) = named.filter(|event| hooks.is_some_and(|hooks| hooks.contains_key(event)))
    else {
        return Err(refuse(
            "InvalidLifecycleEventHookExecutionIdException",
            format!("{execution} is not a valid lifecycle event hook execution ID"),
        ));
    };
    let events = &deployment.target.events;
    let status = events
        .iter()
        .find(|it| it.name == event)
        .map(|it| it.status);
    match status {
        Some(EventStatus::InProgress) => {}
        Some(EventStatus::Pending) => {
            return Err(refuse(
                "InvalidLifecycleEventHookExecutionIdException",
                format!("The lifecycle event {} has not begun", event.text()),
            ));
        }
        Some(EventStatus::Succeeded | EventStatus::Failed | EventStatus::Skipped) | None => {
            return Err(refuse(
                "LifecycleEventAlreadyCompletedException",
                format!("The lifecycle event {} is already completed", event.text()),
            ));
        }
    }
    let id = deployment.id.clone();
    if let Some(deployment) = world.codedeploy.deployment_mut(&id) {
        deployment.hook_answer = Some(answer);
    }
    world.look_soon(&id);
    Ok(json!({ "lifecycleEventHookExecutionId": execution }))
}
