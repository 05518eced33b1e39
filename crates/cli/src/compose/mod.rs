//! Putting the rooms together: configuration on disk, a cloud (real or simulated), state, and the deployment itself.

mod balancing;
mod behaviour;
pub mod branch;
pub mod building;
pub mod checkout;
pub mod cloud;
pub mod deployment;
pub mod embedded;
pub mod find;
mod frontend;
pub mod images;
pub mod infrastructure;
pub mod ledger;
mod lookups;
pub mod operator;
pub mod project;
pub mod registries;
pub mod retreat;
pub mod revisions;
mod schedules;
pub mod server;
pub mod signals;
pub mod simulated;
pub mod turn;
pub mod versions;
pub mod waiting;
