//! Schedules: made, changed, described, deleted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::due::{begin, plan};
use super::find::{conflict, group, schedule_arn, schedule_missing};
use super::schedule_input::Given;
use super::state::{Schedule, Scheduler};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::schedule::Course;
use crate::wire::seconds;

/// The same client token makes the same schedule once [MODEL].
pub(super) fn create(here: &mut Here<'_, Scheduler>, given: Given) -> Result<Value, ApiError> {
    given.check()?;
    let group = group(here.own, given.group_name.as_deref())?;
    let arn = schedule_arn(here, &group, &given.name);
    let known = here
        .own
        .schedules
        .get(&group)
        .and_then(|all| all.get(&given.name));
    if let Some(known) = known {
        if known.client_token.is_some() && known.client_token == given.client_token {
            return Ok(json!({ "ScheduleArn": arn }));
        }
        return Err(conflict(format!("Schedule {} already exists.", given.name)));
    }
    let made_ms = here.now_ms;
    let name = given.name.clone();
    keep(here, &group, given, made_ms);
    begin(here, &group, &name);
    Ok(json!({ "ScheduleArn": arn }))
}

/// Everything is replaced: what is not given is as if it were new [MODEL].
pub(super) fn update(here: &mut Here<'_, Scheduler>, given: Given) -> Result<Value, ApiError> {
    given.check()?;
    let group = group(here.own, given.group_name.as_deref())?;
    let known = here
        .own
        .schedules
        .get(&group)
        .and_then(|all| all.get(&given.name));
    let made_ms = known
        .ok_or_else(|| schedule_missing(&given.name))?
        .course
        .made_ms;
    let arn = schedule_arn(here, &group, &given.name);
    keep(here, &group, given, made_ms);
    Ok(json!({ "ScheduleArn": arn }))
}

fn keep(here: &mut Here<'_, Scheduler>, group: &str, given: Given, made_ms: crate::Millis) {
    let name = given.name;
    let schedule = Schedule {
        course: Course {
            expression: given.schedule_expression,
            zone: given.schedule_expression_timezone,
            start_ms: given.start_date.map(|at| at.0),
            end_ms: given.end_date.map(|at| at.0),
            made_ms,
            next_ms: None,
        },
        enabled: given.state.unwrap_or_default(),
        modified_ms: here.now_ms,
        description: given.description,
        kms_key: given.kms_key_arn,
        target: with_retries(given.target),
        window: given.flexible_time_window,
        afterwards: given.action_after_completion.unwrap_or_default(),
        client_token: given.client_token,
    };
    let schedules = here.own.schedules.entry(group.to_owned()).or_default();
    schedules.insert(name.clone(), schedule);
    plan(here, group, &name);
}

/// A day and 185 attempts, unless something else is said [DOC].
fn with_retries(mut target: Value) -> Value {
    let mut policy = json!({ "MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185 });
    for member in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
        if let Some(given) = target["RetryPolicy"]
            .get(member)
            .filter(|given| !given.is_null())
        {
            policy[member] = given.clone();
        }
    }
    target["RetryPolicy"] = policy;
    target
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ByName {
    name: String,
    group_name: Option<String>,
    #[serde(rename = "ClientToken")]
    _client_token: Option<String>,
}

pub(super) fn get(here: &Here<'_, Scheduler>, request: &ByName) -> Result<Value, ApiError> {
    let group = group(here.own, request.group_name.as_deref())?;
    let found = here
        .own
        .schedules
        .get(&group)
        .and_then(|all| all.get(&request.name));
    let schedule = found.ok_or_else(|| schedule_missing(&request.name))?;
    let course = &schedule.course;
    let mut answer = json!({
        "Arn": schedule_arn(here, &group, &request.name),
        "GroupName": group,
        "Name": request.name,
        "ScheduleExpression": course.expression,
        "ScheduleExpressionTimezone": course.zone.as_deref().unwrap_or("UTC"),
        "State": schedule.enabled,
        "CreationDate": seconds(course.made_ms),
        "LastModificationDate": seconds(schedule.modified_ms),
        "Target": schedule.target,
        "FlexibleTimeWindow": schedule.window,
        "ActionAfterCompletion": schedule.afterwards,
    });
    for (member, at_ms) in [("StartDate", course.start_ms), ("EndDate", course.end_ms)] {
        if let Some(at_ms) = at_ms {
            answer[member] = seconds(at_ms);
        }
    }
    for (member, text) in [
        ("Description", &schedule.description),
        ("KmsKeyArn", &schedule.kms_key),
    ] {
        if let Some(text) = text {
            answer[member] = json!(text);
        }
    }
    Ok(answer)
}

pub(super) fn delete(here: &mut Here<'_, Scheduler>, request: &ByName) -> Result<Value, ApiError> {
    let group = group(here.own, request.group_name.as_deref())?;
    let schedules = here.own.schedules.get_mut(&group);
    let removed = schedules.and_then(|all| all.remove(&request.name));
    match removed {
        Some(_) => Ok(json!({})),
        None => Err(schedule_missing(&request.name)),
    }
}
