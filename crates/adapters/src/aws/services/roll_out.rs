//! Starts a rollout: one UpdateService (or CreateDeployment), sent once, without a desired count unless there is one to set.

use aws_config::retry::RetryConfig;
use backstay_domain::RolloutHandle;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Renewal, RolloutRequest};

use super::code_deploy::Deployer;
use super::describe::primary;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::pace::Category;

const UPDATE: &str = "ecs.UpdateService";

/// The controller that a refusal names; what it says is not believed before the service has said so itself.
const CODE_DEPLOY: &str = "CODE_DEPLOY";

impl<T> AwsCloud<T> {
    /// Whoever deploys the service is asked. Where nobody has looked yet it is ECS, which refuses what CodeDeploy deploys, and says so:
    /// then the service itself is asked.
    pub(in crate::aws) async fn start_rollout(
        &self,
        request: &RolloutRequest,
    ) -> Result<RolloutHandle, PortFailure> {
        let known = self.memory.deployer(&request.locator);
        if known == Some(Deployer::CodeDeploy) {
            return self.start_code_deploy(request).await;
        }
        match self.update_service(request).await {
            Err(failure) if known.is_none() && failure.message.contains(CODE_DEPLOY) => {
                match self.deployer(&request.locator).await {
                    Deployer::CodeDeploy => self.start_code_deploy(request).await,
                    Deployer::Ecs => Err(failure),
                }
            }
            started => started,
        }
    }

    /// Waits for the turn of a change that is sent once, but not for ever.
    pub(super) async fn in_time(&self, operation: &'static str) -> Result<(), PortFailure> {
        let turn = self.pace.turn_in_time(Category::ServiceModify).await;
        turn.map_err(|late| {
            let waited = late.0.as_secs();
            let message = format!("it waited {waited} s for its turn and was not sent");
            refusal(operation, FailureKind::Throttled, message)
        })
    }

    /// The handle is the answer's PRIMARY deployment: never "latest", never a clock.
    pub(in crate::aws) async fn update_service(
        &self,
        request: &RolloutRequest,
    ) -> Result<RolloutHandle, PortFailure> {
        self.in_time(UPDATE).await?;
        let reply = self
            .ecs
            .update_service()
            .cluster(&request.locator.cluster)
            .service(&request.locator.cluster_name)
            .task_definition(request.definition.as_str())
            .set_desired_count(
                request
                    .desired
                    .map(|desired| i32::try_from(desired).unwrap_or(i32::MAX)),
            )
            .set_force_new_deployment(match request.renewal {
                Renewal::IfChanged => None,
                Renewal::Forced => Some(true),
            })
            .customize()
            .config_override(
                aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await
            .map_err(|error| failure(UPDATE, Call::Once, &error))?;
        let handle = reply
            .service()
            .and_then(primary)
            .and_then(|deployment| deployment.id());
        handle
            .and_then(|id| RolloutHandle::parse(id).ok())
            .ok_or_else(|| PortFailure {
                effect: Effect::Applied,
                ..refusal(
                    UPDATE,
                    FailureKind::Unavailable,
                    "the answer has no primary deployment",
                )
            })
    }
}
