//! CloudWatch: alarms, dashboards and metrics.

mod api;
mod state;

pub(crate) use api::call;
pub use state::AlarmState;
pub(crate) use state::{Alarm, CloudWatch};
