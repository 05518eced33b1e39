//! What is true, what to do next, and why. Pure: no I/O, no clock, no environment, no async runtime, no AWS type.
//!
//! Read in this order, which is that of ARCHITECTURE.md: sorting it would lose that, and rustfmt sorts only what stands together.

mod name;
pub use name::{
    AppName, DefinitionRef, DeploymentId, Digest, EnvironmentName, FrontendName, IdempotencyKey,
    ImageTag, InvalidName, JobName, ReleaseId, Repository, RolloutHandle, ServiceName, TaskId,
    Version,
};

pub mod frontends;

pub mod app;

pub mod lookup;

pub mod anchor;

pub mod scheduled;

pub mod definition;

pub mod registered;

pub mod release;

pub mod versions;

pub mod build;

pub mod pattern;

pub mod difference;

pub mod survey;

pub mod plan;

pub mod failure;

pub mod verdict;

pub mod act;

pub mod traffic;

pub mod observation;

pub mod reason;

pub mod journal;

pub mod progress;

pub mod summary;

pub mod lease;

pub mod turn;

pub mod ledger;

pub mod prune;

pub mod retreat;

pub mod schema;

pub mod operator;

pub mod watch;

pub mod decide;

pub mod ports;

pub mod observe;

pub mod engine;

pub mod hearing;

pub mod adoption;

pub mod status;

#[cfg(test)]
mod tests;
