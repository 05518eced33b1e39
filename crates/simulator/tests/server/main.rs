//! The server as clients meet it: over loopback TCP, with the real AWS SDK, with plain HTTP, and with bytes that are neither.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod accounts;
mod buckets;
mod calls;
mod control;
mod faults;
mod forwarded;
mod malformed;
mod raw;
mod state;
mod support;
mod time;
mod upstream;
