//! Situations and the decisions they call for, in rows; and whole deployments against a cloud in memory.

mod backward;
mod circles;
mod cloud;
mod differences;
mod earlier;
mod engine;
mod failing;
mod finishing;
mod frontend;
mod leases;
mod ledgers;
mod order;
mod planning;
mod preparing;
mod progress;
mod proving;
mod releases;
mod resumed;
mod returning;
mod rolling;
mod schema;
mod story;
mod summaries;
mod words;
mod world;
