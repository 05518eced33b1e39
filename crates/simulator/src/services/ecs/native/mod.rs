//! Native BLUE_GREEN, LINEAR and CANARY deployments (B8): two service revisions side by side, and the traffic between them.
//!
//! In reading order: what is configured (`strategy`), what runs (`run`), how it begins (`begin`, `routes`), what happens
//! (`stages`, `work`, `shift`, `hooks`, `scale`), and how it goes back (`back`). Of rolling deployments only their hooks are its business
//! (`rolling`).

mod back;
mod begin;
mod hooks;
mod rolling;
mod routes;
mod run;
mod scale;
mod shift;
mod stages;
mod strategy;
mod work;

pub(crate) use back::{story, too_late, turn_back};
pub(crate) use begin::{begin, supersede};
pub(crate) use hooks::{HookRun, answer_pause};
pub(crate) use rolling::{Holds, look};
pub(crate) use run::{Run, governs, wakes};
pub(crate) use stages::pass;
pub use strategy::LifecycleStage;
pub(crate) use strategy::{Hook, HookTarget, Kind, Percent, Shift, Strategy};
