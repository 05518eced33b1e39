//! CodeDeploy: blue/green deployments of ECS services by task sets (ecs-semantics E). The map; no logic.
//!
//! In reading order: what exists (`state`, `group`, `config`, `deployment`, `lifecycle`, `app_spec`), what happens (`run`, and the
//! rooms it calls: `begin`, `hooks`, `install`, `traffic`, `alarms`, `end`, `told`; `by_others`: what is done to it by hand), and what may
//! be asked (`api`).

mod alarms;
mod api;
mod app_spec;
mod begin;
mod by_others;
mod config;
mod deployment;
mod end;
mod group;
mod hooks;
mod install;
mod lifecycle;
mod run;
mod state;
#[cfg(test)]
mod tests;
mod told;
mod traffic;

pub(crate) use api::call;
pub(crate) use by_others::stop_by_alarm;
pub(crate) use run::step;
pub(crate) use state::CodeDeploy;
