//! Deployment alarms (B7 [DOC]): what a service deployment watches, when ECS looks, and what it does then.

use serde::{Deserialize, Serialize};

use super::{Cause, RecordStatus, begin_rollback, native};
use crate::base::agenda::{Due, ServiceKey};
use crate::base::timings::{ALARM_BAKE, ALARM_POLL};
use crate::services::cloudwatch::AlarmState;
use crate::{Millis, World};

/// `alarms` of a service's deploymentConfiguration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AlarmSettings {
    pub(crate) names: Vec<String>,
    pub(crate) enable: bool,
    /// Whether an alarm rolls the deployment back, or only fails it.
    pub(crate) rollback: bool,
}

/// `alarms` of one service deployment: what was configured when it began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AlarmWatch {
    pub(crate) names: Vec<String>,
    pub(crate) monitor: Monitor,
    pub(crate) triggered: Vec<String>,
    /// When ECS looks next.
    next_ms: Option<Millis>,
}

/// Whether the alarms of a deployment are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Monitor {
    #[default]
    Disabled,
    Monitoring,
    Triggered,
}

impl AlarmWatch {
    /// `status`: MONITORING ends with the deployment [MODEL].
    pub(crate) fn status(&self, deployment: RecordStatus) -> &'static str {
        match (self.monitor, deployment.is_terminal()) {
            (Monitor::Disabled, _) => "DISABLED",
            (Monitor::Triggered, _) => "TRIGGERED",
            (Monitor::Monitoring, true) => "MONITORING_COMPLETE",
            (Monitor::Monitoring, false) => "MONITORING",
        }
    }
}

/// ECS looks at the alarms of the running service deployment, if it is still the look that was planned.
pub(crate) fn look_at_alarms(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    if native::too_late(world, key) {
        return;
    }
    let Some(record) = world
        .ecs
        .service_mut(key)
        .and_then(|service| service.current_record_mut())
    else {
        return;
    };
    let watched = matches!(
        record.status,
        RecordStatus::Pending | RecordStatus::InProgress
    );
    if record.alarms.next_ms != Some(now_ms) || !watched {
        return;
    }
    let names = record.alarms.names.clone();
    let triggered = world.in_alarm(&names);
    if triggered.is_empty() {
        return world.plan_alarm_look(key);
    }
    if let Some(record) = world
        .ecs
        .service_mut(key)
        .and_then(|service| service.current_record_mut())
    {
        record.alarms.monitor = Monitor::Triggered;
        record.alarms.triggered = triggered;
        record.alarms.next_ms = None;
    }
    begin_rollback(world, key, Cause::Alarm);
}

impl World {
    /// A service deployment begins: an alarm already in ALARM disables the monitoring for the whole of it (B7 [DOC]).
    pub(crate) fn watch_alarms(&mut self, key: &ServiceKey) {
        let Some(settings) = self
            .ecs
            .service(key)
            .map(|service| service.alarms.clone())
            .filter(|settings| settings.enable)
        else {
            return;
        };
        let monitor = if self.in_alarm(&settings.names).is_empty() {
            Monitor::Monitoring
        } else {
            Monitor::Disabled
        };
        if let Some(record) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.current_record_mut())
        {
            record.alarms.names = settings.names;
            record.alarms.monitor = monitor;
        }
        if monitor == Monitor::Monitoring {
            self.plan_alarm_look(key);
        }
    }

    /// How long a rolling deployment bakes: as configured, else derived from the alarms, less than 5 min (B7 [DOC]).
    pub(crate) fn bake_ms(&mut self, key: &ServiceKey) -> Millis {
        let Some(service) = self.ecs.service_mut(key) else {
            return 0;
        };
        let configured = service.bake_minutes;
        let monitored = service
            .current_record_mut()
            .is_some_and(|record| record.alarms.monitor == Monitor::Monitoring);
        match (configured, monitored) {
            (Some(minutes), _) => u64::from(minutes) * 60_000,
            (None, true) => ALARM_BAKE.draw(self.weather, &mut self.random),
            (None, false) => 0,
        }
    }

    fn plan_alarm_look(&mut self, key: &ServiceKey) {
        let next_ms = self.now_ms + ALARM_POLL.draw(self.weather, &mut self.random);
        if let Some(record) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.current_record_mut())
        {
            record.alarms.next_ms = Some(next_ms);
            self.agenda.add(next_ms, Due::Alarms(key.clone()));
        }
    }

    /// Those that are in ALARM. A name that no alarm has is never in ALARM [INF]: DescribeAlarms simply leaves it out.
    fn in_alarm(&self, names: &[String]) -> Vec<String> {
        names
            .iter()
            .filter(|name| self.cloudwatch.alarm_state(name) == Some(AlarmState::Alarm))
            .cloned()
            .collect()
    }
}
