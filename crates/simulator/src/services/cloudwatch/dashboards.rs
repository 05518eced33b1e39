//! Dashboards: kept as they are given, after the checks that CloudWatch makes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::{Input, invalid, missing};
use super::tags::{self, Tag};
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{instant, page};
use crate::{ApiError, Millis};

/// One dashboard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Dashboard {
    body: String,
    modified_ms: Millis,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutDashboard {
    dashboard_name: String,
    dashboard_body: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Input for PutDashboard {}

/// A body that is no JSON is refused; what is odd in it is answered as messages, and kept [MODEL].
pub(super) fn put(
    here: &mut Here<'_, CloudWatch>,
    request: PutDashboard,
) -> Result<Value, ApiError> {
    let name = request.dashboard_name;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || name.len() > 255 || !name.chars().all(fits) {
        // With a line's end, and another code than other flaws (LocalStack's `test_invalid_dashboard_name`, recorded on AWS [OBS]).
        return Err(ApiError::client(
            "InvalidParameterValue",
            "The value for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and \
             underscore (_).\n",
        ));
    }
    let body: Value = serde_json::from_str(&request.dashboard_body)
        .map_err(|_| refused("The field DashboardBody must be a valid JSON object"))?;
    let messages = messages(&body)?;
    let dashboard = Dashboard {
        body: request.dashboard_body,
        modified_ms: here.now_ms,
    };
    let arn = arn(here, &name);
    if here.own.dashboards.insert(name, dashboard).is_none() {
        tags::put(here, arn, request.tags);
    }
    Ok(json!({ "DashboardValidationMessages": messages }))
}

fn refused(message: &str) -> ApiError {
    ApiError::client("InvalidParameterInput", message)
}

/// Widgets must be a list of objects with a type; positions outside the grid are told, not refused (grid of 24 [DOC]).
fn messages(body: &Value) -> Result<Vec<Value>, ApiError> {
    let top = body
        .as_object()
        .ok_or_else(|| refused("The field DashboardBody must be a valid JSON object"))?;
    let Some(widgets) = top.get("widgets") else {
        return Err(refused(
            "The dashboard body is invalid, there are 1 validation errors: [ { \"dataPath\": \"\", \"message\": \"Should have \
             required property 'widgets'\" } ]",
        ));
    };
    let widgets = widgets.as_array().ok_or_else(|| {
        refused(
            "The dashboard body is invalid, there are 1 validation errors: [ { \"dataPath\": \"/widgets\", \"message\": \
             \"Should be array\" } ]",
        )
    })?;
    let mut messages = Vec::new();
    for (index, widget) in widgets.iter().enumerate() {
        let kind = widget.get("type").and_then(Value::as_str);
        let known = ["metric", "text", "log", "alarm", "explorer", "custom"];
        if !kind.is_some_and(|kind| known.contains(&kind)) {
            return Err(refused(&format!(
                "The dashboard body is invalid, there are 1 validation errors: [ {{ \"dataPath\": \"/widgets/{index}/type\", \
                 \"message\": \"Should be equal to one of the allowed values\" }} ]"
            )));
        }
        for (side, most) in [("width", 24), ("height", 1_000)] {
            let size = widget.get(side).and_then(Value::as_u64);
            if size.is_some_and(|size| size == 0 || size > most) {
                messages.push(json!({
                    "DataPath": format!("/widgets/{index}/{side}"),
                    "Message": format!("Should be between 1 and {most}"),
                }));
            }
        }
    }
    Ok(messages)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetDashboard {
    dashboard_name: String,
}

impl Input for GetDashboard {}

pub(super) fn get(
    here: &mut Here<'_, CloudWatch>,
    request: &GetDashboard,
) -> Result<Value, ApiError> {
    let name = &request.dashboard_name;
    let dashboard = here.own.dashboards.get(name);
    let dashboard = dashboard.ok_or_else(|| no_dashboard(name))?;
    Ok(json!({
        "DashboardArn": arn(here, name),
        "DashboardBody": dashboard.body,
        "DashboardName": name,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListDashboards {
    dashboard_name_prefix: Option<String>,
    next_token: Option<String>,
}

impl Input for ListDashboards {}

pub(super) fn list(
    here: &mut Here<'_, CloudWatch>,
    request: &ListDashboards,
) -> Result<Value, ApiError> {
    let prefix = request.dashboard_name_prefix.as_deref().unwrap_or_default();
    let dashboards = here.own.dashboards.iter();
    let found = dashboards.filter(|(name, _)| name.starts_with(prefix));
    let found: Vec<Value> = found
        .map(|(name, dashboard)| {
            json!({
                "DashboardName": name,
                "DashboardArn": arn(here, name),
                "LastModified": instant(dashboard.modified_ms),
                "Size": dashboard.body.len(),
            })
        })
        .collect();
    let (found, next) = page(&found, None, request.next_token.as_deref(), 1_000)
        .map_err(|_| invalid("Request parameter NextToken is invalid"))?;
    Ok(json!({ "DashboardEntries": found, "NextToken": next }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteDashboards {
    dashboard_names: Vec<String>,
}

impl Input for DeleteDashboards {}

/// One unknown name, and none is deleted [MODEL].
pub(super) fn delete(
    here: &mut Here<'_, CloudWatch>,
    request: &DeleteDashboards,
) -> Result<Value, ApiError> {
    if request.dashboard_names.is_empty() {
        // moto's `test_delete_dashboard_with_empty_list_raises_error` [CODE].
        return Err(ApiError::client(
            "InvalidParameterValue",
            "The parameter DashboardNames must not be empty.",
        ));
    }
    let known = |name: &&String| !here.own.dashboards.contains_key(*name);
    if let Some(unknown) = request.dashboard_names.iter().find(known) {
        return Err(no_dashboard(unknown));
    }
    for name in &request.dashboard_names {
        here.own.dashboards.remove(name);
        let arn = arn(here, name);
        here.own.tags.remove(&arn);
    }
    Ok(json!({}))
}

fn no_dashboard(name: &str) -> ApiError {
    missing(
        "ResourceNotFound",
        format!("Dashboard {name} does not exist"),
    )
}

/// Dashboards have no Region.
pub(super) fn arn(here: &Here<'_, CloudWatch>, name: &str) -> String {
    global_arn(
        "cloudwatch",
        here.region,
        here.account,
        format_args!("dashboard/{name}"),
    )
}
