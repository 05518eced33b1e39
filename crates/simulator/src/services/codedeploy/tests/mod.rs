//! Blue/green deployments in virtual time.

mod alarms;
mod api;
mod ecs;
mod failures;
mod groups;
mod hooks;
mod inputs;
mod laws;
mod others;
mod saved;
mod shifts;
mod stage;
mod waits;
