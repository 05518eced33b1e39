//! The services port over ECS and CodeDeploy: batched reads, one change per call, rollouts found by their handle.

mod code_deploy;
mod completed;
mod condition;
mod describe;
mod evidence;
mod records;
mod roll_out;
mod rollout;
mod stops;
mod survey;
mod targets;
mod tasks;
mod traffic;
mod trouble;
mod turn_back;
mod unheard;
mod watch;
mod words;

pub(super) use code_deploy::{Deployer, Groups};
pub(super) use describe::moment;
pub(super) use stops::{named, why_stopped};
