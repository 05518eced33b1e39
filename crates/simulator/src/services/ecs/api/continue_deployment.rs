//! ContinueServiceDeployment: a deployment that pauses goes on, or back (B6, F1 [DOC]).

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::invalid;
use super::strategy::action;
use crate::services::ecs::native::answer_pause;
use crate::{ApiError, PauseAction, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContinueServiceDeployment {
    service_deployment_arn: String,
    hook_id: String,
    action: Option<String>,
}

/// CONTINUE unless it says otherwise [MODEL].
pub(super) fn go_on(
    world: &mut World,
    request: &ContinueServiceDeployment,
) -> Result<Value, ApiError> {
    let action = match request.action.as_deref() {
        Some(given) => action(given)?,
        None => PauseAction::Continue,
    };
    if !has_form(&request.hook_id) {
        return Err(invalid(
            "Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}",
        ));
    }
    let arn = &request.service_deployment_arn;
    let missing = || {
        ApiError::client(
            "ServiceDeploymentNotFoundException",
            "The service deployment does not exist.",
        )
    };
    let (key, service, record) = world.record(arn).ok_or_else(missing)?;
    if record.status.is_terminal() {
        return Err(invalid(
            "Continuing a service deployment is not allowed for service deployment in terminal states.",
        ));
    }
    let current = service
        .primary()
        .is_some_and(|primary| primary.record == record.id);
    let key = key.clone();
    if !current || !answer_pause(world, &key, &request.hook_id, action) {
        return Err(invalid(
            "Provided hookId is either completed, unavailable, or not associated with the given Resource ARN",
        ));
    }
    Ok(json!({ "serviceDeploymentArn": arn }))
}

/// `ecs-{hookType}-{id}`.
fn has_form(id: &str) -> bool {
    let rest = id
        .strip_prefix("ecs-")
        .and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(kind, id)| !kind.is_empty() && !id.is_empty())
}
