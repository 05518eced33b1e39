//! EventBridge: buses, rules, and the events that services and clients put on a bus.

mod api;
mod bus;
mod deliver;
mod detail;
mod envelope;
mod find;
mod pattern;
mod put_events;
mod rules;
mod state;
mod tags;
mod targets;
mod test_pattern;

#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use deliver::{Sent, rule_is_due};
pub(crate) use detail::Detail;
pub(crate) use rules::plan_older;
pub(crate) use state::{EventBridge, Told, forward, tell};
