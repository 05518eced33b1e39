//! RDS: instances and snapshots in time.

mod api;
mod create;
mod described;
mod engine;
mod errors;
mod find;
mod groups;
mod instance;
mod instances;
mod modify;
mod provision;
mod restore;
mod snapshots;
mod state;
mod tags;

#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use provision::provision;
pub(crate) use state::{Rds, settle};
