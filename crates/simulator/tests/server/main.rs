//! The server as clients meet it: over loopback TCP, with the real AWS SDK, with plain HTTP, and with bytes that are neither.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod accounts;
mod balanced;
mod buckets;
mod calls;
mod containers;
mod control;
mod docker;
mod drained;
mod edge;
mod faults;
mod forwarded;
mod malformed;
mod page;
mod ports;
mod raw;
mod registry;
mod registry_client;
mod registry_manifests;
mod registry_uploads;
mod s3_words;
mod skips;
mod state;
mod support;
mod target;
mod task_definitions;
mod time;
mod upstream;
mod users;
