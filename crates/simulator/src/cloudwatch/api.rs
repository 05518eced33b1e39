//! The API: the dispatcher and what its operations share. One implementation serves query, JSON and CBOR.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    composite, dashboards, describe, history, manage, put_alarm, put_data, query, read_data, tags,
};
use crate::wire::not_implemented;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "PutMetricData" => put_data::put(world, Input::read(body)?),
        "GetMetricData" => query::get(world, Input::read(body)?),
        "GetMetricStatistics" => read_data::statistics(world, Input::read(body)?),
        "ListMetrics" => read_data::list(world, &Input::read(body)?),
        "PutMetricAlarm" => put_alarm::put(world, Input::read(body)?),
        "PutCompositeAlarm" => composite::put(world, Input::read(body)?),
        "DescribeAlarms" => describe::alarms(world, &Input::read(body)?),
        "DescribeAlarmsForMetric" => describe::for_metric(world, Input::read(body)?),
        "DescribeAlarmHistory" => history::describe(world, &Input::read(body)?),
        "DeleteAlarms" => manage::delete(world, &Input::read(body)?),
        "SetAlarmState" => manage::set_state(world, Input::read(body)?),
        "EnableAlarmActions" => manage::enable(world, &Input::read(body)?),
        "DisableAlarmActions" => manage::disable(world, &Input::read(body)?),
        "PutDashboard" => dashboards::put(world, Input::read(body)?),
        "GetDashboard" => dashboards::get(world, &Input::read(body)?),
        "ListDashboards" => dashboards::list(world, &Input::read(body)?),
        "DeleteDashboards" => dashboards::delete(world, &Input::read(body)?),
        "TagResource" => tags::tag(world, Input::read(body)?),
        "UntagResource" => tags::untag(world, &Input::read(body)?),
        "ListTagsForResource" => tags::list(world, &Input::read(body)?),
        _ => Err(not_implemented(&format!("cloudwatch.{operation}"))),
    }
}

/// An operation's input. Its types refuse members that they do not know.
pub(super) trait Input: DeserializeOwned {
    fn read(body: &Value) -> Result<Self, ApiError> {
        Self::deserialize(body).map_err(|error| validation(error.to_string()))
    }
}

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

pub(super) fn combination(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterCombination", message)
}

/// 404, unlike most of the API [MODEL].
pub(super) fn missing(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError {
        status: 404,
        ..ApiError::client(code, message)
    }
}

pub(super) fn alarm_arn(world: &World, name: &str) -> String {
    format!(
        "arn:aws:cloudwatch:{}:{}:alarm:{name}",
        world.region, world.account
    )
}
