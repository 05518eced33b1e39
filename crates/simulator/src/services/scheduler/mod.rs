//! EventBridge Scheduler: schedules in groups, and what they call when they are due.

mod api;
mod due;
mod find;
mod groups;
mod list;
mod schedule_input;
mod schedules;
mod state;
mod tags;

#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use due::schedule_is_due;
pub(crate) use state::{Invoked, Scheduler};
