//! The API: which operation is served where. One implementation serves query, JSON and CBOR.

use serde_json::Value;

use super::find::Input;
use super::{
    composite, dashboards, describe, history, manage, put_alarm, put_data, query, read_data, tags,
};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::cloudwatch::CloudWatch;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, CloudWatch>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "PutMetricData" => put_data::put(here, Input::read(body)?),
        "GetMetricData" => query::get(here, Input::read(body)?),
        "GetMetricStatistics" => read_data::statistics(here, Input::read(body)?),
        "ListMetrics" => read_data::list(here, &Input::read(body)?),
        "PutMetricAlarm" => put_alarm::put(here, Input::read(body)?),
        "PutCompositeAlarm" => composite::put(here, Input::read(body)?),
        "DescribeAlarms" => describe::alarms(here, &Input::read(body)?),
        "DescribeAlarmsForMetric" => describe::for_metric(here, Input::read(body)?),
        "DescribeAlarmHistory" => history::describe(here, &Input::read(body)?),
        "DeleteAlarms" => manage::delete(here, &Input::read(body)?),
        "SetAlarmState" => manage::set_state(here, Input::read(body)?),
        "EnableAlarmActions" => manage::enable(here, &Input::read(body)?),
        "DisableAlarmActions" => manage::disable(here, &Input::read(body)?),
        "PutDashboard" => dashboards::put(here, Input::read(body)?),
        "GetDashboard" => dashboards::get(here, &Input::read(body)?),
        "ListDashboards" => dashboards::list(here, &Input::read(body)?),
        "DeleteDashboards" => dashboards::delete(here, &Input::read(body)?),
        "TagResource" => tags::tag(here, Input::read(body)?),
        "UntagResource" => tags::untag(here, &Input::read(body)?),
        "ListTagsForResource" => tags::list(here, &Input::read(body)?),
        _ => Err(not_implemented(&format!("cloudwatch.{operation}"))),
    }
}
