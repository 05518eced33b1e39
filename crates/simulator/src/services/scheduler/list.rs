//! ListSchedules and ListScheduleGroups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group, paged, schedule_arn};
use super::groups::described;
use super::state::{DEFAULT, Enabled, Scheduler};
use crate::ApiError;
use crate::base::here::Here;
use crate::wire::seconds;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListSchedules {
    group_name: Option<String>,
    name_prefix: Option<String>,
    state: Option<Enabled>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Of one group, or of all of them.
pub(super) fn schedules(
    here: &Here<'_, Scheduler>,
    request: &ListSchedules,
) -> Result<Value, ApiError> {
    if let Some(name) = &request.group_name {
        group(here.own, Some(name))?;
    }
    let prefix = request.name_prefix.as_deref().unwrap_or_default();
    let groups = here.own.schedules.iter();
    let groups =
        groups.filter(|(name, _)| request.group_name.as_ref().is_none_or(|it| it == *name));
    let mut found = Vec::new();
    for (group, schedules) in groups {
        for (name, schedule) in schedules {
            let is_meant = name.starts_with(prefix)
                && request.state.is_none_or(|state| state == schedule.enabled);
            if is_meant {
                found.push(json!({
                    "Arn": schedule_arn(here, group, name),
                    "Name": name,
                    "GroupName": group,
                    "State": schedule.enabled,
                    "CreationDate": seconds(schedule.course.made_ms),
                    "LastModificationDate": seconds(schedule.modified_ms),
                    "Target": { "Arn": schedule.target["Arn"] },
                }));
            }
        }
    }
    paged(
        "Schedules",
        &found,
        request.max_results,
        request.next_token.as_deref(),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListScheduleGroups {
    name_prefix: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(super) fn groups(
    here: &Here<'_, Scheduler>,
    request: &ListScheduleGroups,
) -> Result<Value, ApiError> {
    let prefix = request.name_prefix.as_deref().unwrap_or_default();
    let names = here.own.groups.keys().map(String::as_str);
    let names = std::iter::once(DEFAULT).chain(names);
    let names = names.filter(|name| name.starts_with(prefix));
    let groups: Vec<Value> = names.map(|name| described(here, name)).collect();
    paged(
        "ScheduleGroups",
        &groups,
        request.max_results,
        request.next_token.as_deref(),
    )
}
