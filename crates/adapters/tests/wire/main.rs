//! The adapters through their ports: what they send, and what they make of the answers. AWS is a script, the web a mock.
#![expect(clippy::unwrap_used, reason = "tests")]

mod bucket;
mod errors;
mod frontend;
mod https;
mod jobs;
mod recorded;
mod register;
mod registries;
mod schedules;
mod scripted;
mod state;
mod survey;
mod unheard;
