//! ECS: task definitions, services, rolling deployments, tasks, in virtual time. The map; no logic.
//!
//! In reading order: what exists (`state`, `definition`, `service`, `deployment`, `record`, `task`, `event`), what happens
//! (`scheduler` and the rooms it calls, `native`, `lifecycle`, `health`, `breaker`, `rollback`), and what may be asked (`api`).

mod alarms;
mod api;
mod arn;
mod behaviour;
mod breaker;
mod bus;
mod cluster;
mod command;
mod completion;
mod course;
mod definition;
mod deploy;
mod deployment;
mod early;
mod ending;
mod health;
mod launch;
mod lifecycle;
mod native;
mod pull;
mod record;
mod registries;
mod replace;
mod rollback;
mod scheduler;
mod secrets;
mod service;
mod service_event;
mod start;
mod state;
mod stop;
mod targets;
mod task;
mod task_set;
mod task_sets;
#[cfg(test)]
mod tests;

pub(crate) use alarms::look_at_alarms;
pub(crate) use api::{Described, call, define, definition_to_run, written};
pub(crate) use arn::last_part;
pub(crate) use behaviour::{Behaviour, PlannedExit, StartFailure, Taken};
pub(crate) use cluster::{CapacityProvider, ClusterDetails};
pub(crate) use command::end_of_command;
pub(crate) use definition::{Condition, Container, HealthCheck, TaskDefinition};
pub(crate) use deployment::{Deployment, Digests, Rollout};
pub(crate) use ending::{ended_by_itself, exited, fail_to_start, stopped_by_signal};
pub(crate) use health::{container_turned, counts_now};
pub(crate) use lifecycle::{forget, run, start_in_order, step};
pub use native::LifecycleStage;
pub(crate) use pull::without_tag;
pub(crate) use record::{RecordStatus, record_step};
pub(crate) use registries::{is_known, registry_of};
pub(crate) use rollback::{Cause, begin_rollback};
pub(crate) use scheduler::{pass, steady_again};
pub(crate) use service::{Service, ServiceLoadBalancer, ServiceStatus};
pub(crate) use state::Ecs;
pub(crate) use targets::register_targets;
pub(crate) use task::{ContainerHealth, Owner, Task, TaskStatus};
pub(crate) use task_set::{Controller, TaskSet, TaskSetStatus};
pub(crate) use task_sets::NewTaskSet;
