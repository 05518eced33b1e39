//! CloudWatch Logs: groups, streams and events that become visible some time after they were written.

mod api;
mod groups;
mod read;
mod store;

pub(crate) use api::call;
pub(crate) use store::Logs;
