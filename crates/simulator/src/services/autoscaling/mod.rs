//! Application Auto Scaling: scalable targets, the policies and schedules that move them, and what came of it.

mod activities;
mod api;
mod find;
mod policies;
mod policy_input;
mod scale;
mod scheduled;
mod state;
mod stepping;
mod tags;
mod targets;
mod tracking;

#[cfg(test)]
mod tests;

pub(crate) use activities::look_at_activity;
pub(crate) use api::call;
pub(crate) use scale::{Triggered, triggered};
pub(crate) use scheduled::scheduled_action_is_due;
pub(crate) use state::{AutoScaling, Capacity, Deploying, Ordered, PolicyAlarm};
