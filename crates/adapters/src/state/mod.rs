//! What deployments of one environment share: journals, the lease, the ledger of proven releases. Kept in a [`Store`]: a
//! local directory, the user's own bucket, or memory. No rule about leases or releases is here; those are the domain's.
//!
//! Read in this order.

mod store;
pub use store::{Appended, Cell, Ends, LogLines, Store, Swapped, Tag};

mod any;
mod local;
mod memory;
pub use any::AnyStore;
pub use local::LocalStore;
pub use memory::MemoryStore;

pub use crate::aws::S3Store;

mod chance;
mod document;

pub mod journal;
pub mod lease;
pub mod ledger;
mod schema;
