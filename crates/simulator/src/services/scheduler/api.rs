//! The API: which operation is served where.

use serde_json::Value;

use super::state::Scheduler;
use super::{groups, list, schedules, tags};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::input;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, Scheduler>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateSchedule" => schedules::create(here, input(body)?),
        "UpdateSchedule" => schedules::update(here, input(body)?),
        "GetSchedule" => schedules::get(here, &input(body)?),
        "DeleteSchedule" => schedules::delete(here, &input(body)?),
        "ListSchedules" => list::schedules(here, &input(body)?),
        "CreateScheduleGroup" => groups::create(here, input(body)?),
        "GetScheduleGroup" => groups::get(here, &input(body)?),
        "DeleteScheduleGroup" => groups::delete(here, &input(body)?),
        "ListScheduleGroups" => list::groups(here, &input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("scheduler.{operation}"))),
    }
}
