//! What is true, what to do next, and why. Pure: no I/O, no clock, no environment, no async runtime, no AWS type.
//!
//! Read in this order, which is that of ARCHITECTURE.md: sorting it would lose that.

mod name;
pub use name::{
    AppName, DefinitionRef, DeploymentId, Digest, EnvironmentName, IdempotencyKey, InvalidName,
    ReleaseId, Repository, RolloutHandle, ServiceName, TaskId, Version,
};

#[rustfmt::skip]
pub mod app;
#[rustfmt::skip]
pub mod definition;
#[rustfmt::skip]
pub mod registered;
#[rustfmt::skip]
pub mod release;
#[rustfmt::skip]
pub mod pattern;
#[rustfmt::skip]
pub mod difference;
#[rustfmt::skip]
pub mod survey;
#[rustfmt::skip]
pub mod plan;
#[rustfmt::skip]
pub mod failure;
#[rustfmt::skip]
pub mod verdict;
#[rustfmt::skip]
pub mod act;
#[rustfmt::skip]
pub mod observation;
#[rustfmt::skip]
pub mod reason;
#[rustfmt::skip]
pub mod journal;
#[rustfmt::skip]
pub mod progress;
#[rustfmt::skip]
pub mod summary;
#[rustfmt::skip]
pub mod lease;
#[rustfmt::skip]
pub mod turn;
#[rustfmt::skip]
pub mod ledger;
#[rustfmt::skip]
pub mod retreat;
#[rustfmt::skip]
pub mod schema;
#[rustfmt::skip]
pub mod operator;
#[rustfmt::skip]
pub mod watch;
#[rustfmt::skip]
pub mod decide;
#[rustfmt::skip]
pub mod ports;
#[rustfmt::skip]
pub mod observe;
#[rustfmt::skip]
pub mod engine;
#[rustfmt::skip]
pub mod hearing;
#[rustfmt::skip]
pub mod adoption;
#[rustfmt::skip]
pub mod status;

#[cfg(test)]
mod tests;
