//! RDS: instances and snapshots in time.

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::Rds;
