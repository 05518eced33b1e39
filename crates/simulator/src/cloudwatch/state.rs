//! What the account has of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// Alarms, dashboards and metrics of an account and Region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CloudWatch {
    /// By AlarmName.
    pub(crate) alarms: BTreeMap<String, Alarm>,
}

/// A metric or composite alarm, as far as others look at it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) state: AlarmState,
    /// When it came into this state.
    pub(crate) since_ms: Millis,
}

/// StateValue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlarmState {
    /// OK.
    Ok,
    /// ALARM.
    Alarm,
    /// INSUFFICIENT_DATA.
    InsufficientData,
}

impl CloudWatch {
    /// The state of an alarm; `None` for an unknown one.
    pub(crate) fn alarm_state(&self, name: &str) -> Option<AlarmState> {
        self.alarms.get(name).map(|alarm| alarm.state)
    }
}
