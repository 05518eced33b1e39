//! RDS: instances and snapshots in time.

mod api;
mod create;
mod engine;
mod errors;
mod find;
mod groups;
mod instance;
mod instances;
mod modify;
mod restore;
mod snapshots;
mod state;
mod tags;
mod xml;

#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use state::{Rds, settle};
