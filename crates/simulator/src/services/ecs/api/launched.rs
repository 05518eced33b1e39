//! What the task definition has to be where its tasks are to run: CreateService, UpdateService, RunTask.

use serde_json::Value;

use super::lookup::invalid;
use crate::ApiError;
use crate::services::ecs::cluster::{LaunchType, StrategyItem};
use crate::services::ecs::{ServiceLoadBalancer, TaskDefinition};

/// Where tasks run: by a strategy or a launch type; without either on instances [MODEL].
pub(super) fn launch_type(
    strategy: &[StrategyItem],
    asked: Option<&str>,
) -> Result<LaunchType, ApiError> {
    match asked {
        Some("FARGATE") => Ok(LaunchType::Fargate),
        Some("EC2") => Ok(LaunchType::Ec2),
        Some(other) => Err(invalid(format!(
            "the simulator does not know the launch type {other}"
        ))),
        // Capacity providers are Fargate's here.
        None if !strategy.is_empty() => Ok(LaunchType::Fargate),
        None => Ok(LaunchType::Ec2),
    }
}

/// On Fargate only what is compatible with it ([OBS] aws/aws-cli#3983, sil-org/ecs-deploy#134).
pub(super) fn fits(definition: &TaskDefinition, launched: LaunchType) -> Result<(), ApiError> {
    match launched {
        LaunchType::Fargate if !definition.runs_on_fargate() => Err(invalid(
            "Task definition does not support launch_type FARGATE.",
        )),
        LaunchType::Fargate | LaunchType::Ec2 => Ok(()),
    }
}

/// A network configuration is for `awsvpc`, and needed there ([CODE] moto; [OBS] muya/amazon-ecs-run-task#7).
pub(super) fn network(definition: &TaskDefinition, given: Option<&Value>) -> Result<(), ApiError> {
    let awsvpc = definition.network_mode() == "awsvpc";
    match given.filter(|given| !given.is_null()) {
        None if awsvpc => Err(invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )),
        Some(_) if !awsvpc => Err(invalid(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        )),
        None | Some(_) => Ok(()),
    }
}

/// A load balancer's container and port are the definition's ([OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08).
pub(super) fn balanced(
    definition: &TaskDefinition,
    balancers: &[ServiceLoadBalancer],
) -> Result<(), ApiError> {
    for balancer in balancers {
        let name = &balancer.container_name;
        if !definition.containers.iter().any(|one| one.name == *name) {
            return Err(invalid(format!(
                "The container {name} does not exist in the task definition."
            )));
        }
        let port = balancer.container_port;
        if !definition.has_port(name, port) {
            return Err(invalid(format!(
                "The container {name} did not have a container port {port} defined."
            )));
        }
    }
    Ok(())
}
