//! What is true, what to do next, and why. Pure: no I/O, no clock, no environment, no async runtime, no AWS type.
//!
//! Read in this order.

mod name;
pub use name::{
    AppName, DefinitionRef, DeploymentId, Digest, EnvironmentName, IdempotencyKey, InvalidName,
    ReleaseId, Repository, RolloutHandle, ServiceName, TaskId, Version,
};

pub mod app;
pub mod decide;
pub mod definition;
pub mod difference;
pub mod engine;
pub mod journal;
pub mod lease;
pub mod ledger;
pub mod observation;
pub mod observe;
pub mod operator;
pub mod pattern;
pub mod plan;
pub mod ports;
pub mod progress;
pub mod reason;
pub mod release;
pub mod rollback;
pub mod status;
pub mod summary;
pub mod survey;
pub mod verdict;
pub mod watch;

#[cfg(test)]
mod tests;
