//! Situations and the decisions they call for, in rows; and whole deployments against a cloud in memory.

mod backward;
mod cloud;
mod engine;
mod failing;
mod forward;
mod frontend;
mod order;
mod planning;
mod progress;
mod releases;
mod schema;
mod story;
mod words;
mod world;
