//! CloudWatch: alarms, dashboards and metrics.

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::CloudWatch;
pub(crate) use state::{Alarm, AlarmState};
