//! Services whose deployment controller is CODE_DEPLOY: CodeDeploy makes a second task set of them and shifts the listener between
//! two target groups (ADR 38). ECS says what task sets there are, CodeDeploy how its deployment stands.

mod app_spec;
mod config;
mod deployment;
mod group;
mod requests;
mod sets;
mod start;
mod steer;
mod survey;
mod target;
mod watch;

use aws_sdk_ecs::types::{DeploymentControllerType, Service};
use backstay_domain::app::ServiceLocator;

pub(in crate::aws) use group::Groups;
pub(super) use sets::handle_of_task_set;

use crate::aws::AwsCloud;

/// Who deploys a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Deployer {
    /// ECS itself.
    Ecs,
    /// CodeDeploy.
    CodeDeploy,
}

impl Deployer {
    /// As the service says; whoever else it is, is refused before anything is asked of it.
    pub(in crate::aws) fn of(service: &Service) -> Self {
        let controller = service.deployment_controller();
        match controller.map(|controller| controller.r#type()) {
            Some(DeploymentControllerType::CodeDeploy) => Self::CodeDeploy,
            Some(_) | None => Self::Ecs,
        }
    }
}

impl<T> AwsCloud<T> {
    /// Who deploys it, by the last look or a look now. Who may not look can still change it: then ECS is asked, which refuses what is
    /// not its own.
    pub(super) async fn deployer(&self, locator: &ServiceLocator) -> Deployer {
        if let Some(known) = self.memory.deployer(locator) {
            return known;
        }
        match self.describe_service(locator).await {
            Ok(service) => Deployer::of(&service),
            Err(failure) => {
                tracing::debug!(%failure, service = %locator.name, "nobody says who deploys it");
                Deployer::Ecs
            }
        }
    }
}
