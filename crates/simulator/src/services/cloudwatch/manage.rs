//! DeleteAlarms, SetAlarmState, EnableAlarmActions and DisableAlarmActions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::composite::{children, parents};
use super::find::{Input, alarm_arn, missing, validation};
use super::state::{AlarmRule, AlarmState};
use super::transition::Change;
use super::{evaluate, history};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudwatch::CloudWatch;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AlarmNames {
    alarm_names: Vec<String>,
}

impl Input for AlarmNames {}

/// Names that do not exist are an error, and the others are deleted all the same; at most one composite alarm per call, and
/// none that another one asks for [MODEL].
pub(super) fn delete(
    here: &mut Here<'_, CloudWatch>,
    request: &AlarmNames,
) -> Result<Value, ApiError> {
    let alarms = &here.own.alarms;
    let is_composite = |name: &&String| {
        let alarm = alarms.get(*name);
        alarm.is_some_and(|alarm| matches!(alarm.rule, AlarmRule::Composite(_)))
    };
    if request.alarm_names.iter().filter(is_composite).count() > 1 {
        return Err(validation(
            "DeleteAlarms can delete at most one composite alarm",
        ));
    }
    for name in &request.alarm_names {
        let asking = parents(here, name);
        let asking: Vec<String> = asking
            .into_iter()
            .filter(|parent| !request.alarm_names.contains(parent))
            .collect();
        if !asking.is_empty() {
            return Err(validation(format!(
                "Cannot delete {name} as there are composite alarm(s) depending on it."
            )));
        }
    }
    let mut unknown = Vec::new();
    for name in &request.alarm_names {
        history::configured(here, name, "deleted");
        if here.own.alarms.remove(name).is_none() {
            unknown.push(name.as_str());
        }
        let arn = alarm_arn(here, name);
        here.own.tags.remove(&arn);
    }
    if unknown.is_empty() {
        return Ok(json!({}));
    }
    Err(missing(
        "ResourceNotFound",
        format!("Alarms not found: [{}]", unknown.join(", ")),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SetAlarmState {
    alarm_name: String,
    state_value: String,
    state_reason: String,
    state_reason_data: Option<String>,
}

impl Input for SetAlarmState {}

/// Temporary: the next evaluation of a metric alarm, or change of a composite alarm's child, sets the real state [MODEL].
pub(super) fn set_state(
    here: &mut Here<'_, CloudWatch>,
    request: SetAlarmState,
) -> Result<Value, ApiError> {
    let name = request.alarm_name;
    let value = &request.state_value;
    let state = AlarmState::named(value)
        .ok_or_else(|| not_implemented(&format!("cloudwatch alarm state {value}")))?;
    let data = request.state_reason_data;
    if let Some(text) = &data
        && serde_json::from_str::<Value>(text).is_err()
    {
        return Err(ApiError::client(
            "InvalidFormat",
            "StateReasonData was not syntactically valid JSON",
        ));
    }
    let alarm = here.own.alarms.get_mut(&name);
    let alarm = alarm.ok_or_else(|| missing("ResourceNotFound", "Alarm does not exist"))?;
    alarm.held = false;
    if alarm.state == state {
        alarm.reason.clone_from(&request.state_reason);
        alarm.reason_data.clone_from(&data);
        alarm.updated_ms = here.now_ms;
    }
    let reason = request.state_reason;
    here.change_alarm(
        &name,
        Change {
            state,
            reason,
            data,
        },
    );
    evaluate::plan(here, &name);
    Ok(json!({}))
}

pub(super) fn enable(
    here: &mut Here<'_, CloudWatch>,
    request: &AlarmNames,
) -> Result<Value, ApiError> {
    set_enabled(here, request, true)
}

pub(super) fn disable(
    here: &mut Here<'_, CloudWatch>,
    request: &AlarmNames,
) -> Result<Value, ApiError> {
    set_enabled(here, request, false)
}

/// Unknown names are no error [MODEL]: neither operation has one for them.
fn set_enabled(
    here: &mut Here<'_, CloudWatch>,
    request: &AlarmNames,
    enabled: bool,
) -> Result<Value, ApiError> {
    for name in &request.alarm_names {
        if let Some(alarm) = here.own.alarms.get_mut(name) {
            alarm.actions.enabled = enabled;
            alarm.configured_ms = here.now_ms;
            history::configured(here, name, "updated");
        }
    }
    Ok(json!({}))
}

/// The children of a composite alarm by name.
pub(super) fn children_of(here: &Here<'_, CloudWatch>, name: &str) -> Vec<String> {
    let alarm = here.own.alarms.get(name);
    alarm.map_or_else(Vec::new, |alarm| children(&alarm.rule))
}
