//! Native BLUE_GREEN, LINEAR and CANARY deployments (B8).

mod back;
mod begin;
mod hooks;
mod laws;
mod pause;
mod refusals;
mod shifting;
mod stage;
mod watched;
