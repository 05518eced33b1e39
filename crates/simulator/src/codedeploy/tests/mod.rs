//! Blue/green deployments in virtual time.

mod alarms;
mod api;
mod ecs;
mod failures;
mod hooks;
mod shifts;
mod stage;
mod waits;
