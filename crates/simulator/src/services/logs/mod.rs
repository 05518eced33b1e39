//! CloudWatch Logs: groups, streams and events that become visible some time after they were written.

mod api;
mod describe;
mod filters;
mod find;
mod groups;
mod pattern;
mod read;
mod state;
mod streams;
mod tags;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use api::call;
pub(crate) use state::Logs;
