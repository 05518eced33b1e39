//! CloudWatch: metrics, the alarms that watch them in virtual time, dashboards.

mod actions;
mod api;
mod composite;
mod dashboards;
mod describe;
mod evaluate;
mod expression;
mod find;
mod history;
mod manage;
mod metric;
mod put_alarm;
mod put_data;
mod query;
mod read_data;
mod rule;
mod state;
mod statistic;
mod tags;
mod traffic;
mod transition;
mod verdict;

#[cfg(test)]
mod tests;

pub(crate) use actions::alarms_of_policies;
pub(crate) use actions::not_sent;
pub(crate) use api::call;
pub(crate) use evaluate::look;
pub(crate) use put_data::{Told, record};
pub use state::AlarmState;
pub(crate) use state::{CloudWatch, Said};
pub(crate) use traffic::{Answered, AnsweredBy, Hosts, count};
