//! The alarms of a deployment: one in ALARM stops it (E [OBS]).

use super::deployment::{Creator, ErrorCode, Status};
use super::end::Failure;
use super::group::RollbackEvent;
use super::lifecycle::EventName;
use crate::World;
use crate::services::cloudwatch::AlarmState;

/// Watched from Install until the end, the wait for termination included; one that was in ALARM before counts too [OBS].
pub(super) fn active(world: &World, id: &str) -> Option<Failure> {
    let deployment = world.codedeploy.deployment(id)?;
    let begun = matches!(deployment.status, Status::InProgress | Status::Ready)
        && deployment.event() != Some(EventName::BeforeInstall);
    if !begun || !deployment.alarms.enabled || deployment.creator == Creator::Rollback {
        return None;
    }
    let names = deployment.alarms.names.iter().filter(|name| {
        let state = world.cloudwatch.alarm_state(name);
        state == Some(AlarmState::Alarm)
    });
    let names: Vec<String> = names.map(|name| format!("<{name}>")).collect();
    if names.is_empty() {
        return None;
    }
    Some(Failure::stopped(
        ErrorCode::AlarmActive,
        format!(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected \
             deployments have been stopped. Activated alarms: {}",
            names.join(" ")
        ),
        RollbackEvent::StopOnAlarm,
    ))
}
