//! The API: which operation is served where. One implementation serves query, JSON and CBOR.

use serde_json::Value;

use super::find::Input;
use super::{
    composite, dashboards, describe, history, manage, put_alarm, put_data, query, read_data, tags,
};
use crate::base::not_implemented;
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
