//! EventBridge: rules, and the events that the other services tell.

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::EventBridge;
