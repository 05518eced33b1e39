//! Stops a deployment, so that CodeDeploy takes it back, and answers one that waits for somebody.

use aws_config::retry::RetryConfig;
use aws_sdk_codedeploy::types::{DeploymentStatus, DeploymentWaitType};
use backstay_domain::RolloutHandle;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::traffic::Answer;

use super::target::READY_WAIT;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};

/// What a deployment did that was to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It gives the requests back.
    Begun,
    /// It had ended.
    Late,
}

impl<T> AwsCloud<T> {
    /// Harmless when it has ended, or was never one.
    pub(in crate::aws::services) async fn turn_back_code_deploy(
        &self,
        rollout: &RolloutHandle,
    ) -> Result<(), PortFailure> {
        match self.deployment(rollout.as_str()).await? {
            Some(deployment) if deployment.is_busy() => {
                self.stop_deployment(&deployment.id).await.map(|_| ())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Harmless when it does not wait any more: CodeDeploy has a conflict of its own for that.
    pub(in crate::aws::services) async fn answer_code_deploy(
        &self,
        rollout: &RolloutHandle,
        (hold, answer): (&str, Answer),
    ) -> Result<(), PortFailure> {
        let waits = self.deployment(rollout.as_str()).await?;
        let waits = waits.filter(|it| it.status == DeploymentStatus::Ready && hold == READY_WAIT);
        let Some(waits) = waits else {
            return Ok(());
        };
        if answer == Answer::TurnBack {
            return self.stop_deployment(&waits.id).await.map(|_| ());
        }
        let sent = self
            .codedeploy
            .continue_deployment()
            .deployment_id(waits.id)
            .deployment_wait_type(DeploymentWaitType::ReadyWait)
            .customize()
            .config_override(
                aws_sdk_codedeploy::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await;
        match sent.map_err(|error| failure("codedeploy.ContinueDeployment", Call::Once, &error)) {
            Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
            Err(failure) => Err(failure),
            Ok(_) => Ok(()),
        }
    }

    /// With a rollback, whatever is configured: another deployment gives the requests back. Harmless when it has ended.
    pub(super) async fn stop_deployment(&self, id: &str) -> Result<Stop, PortFailure> {
        let sent = self
            .codedeploy
            .stop_deployment()
            .deployment_id(id)
            .auto_rollback_enabled(true)
            .customize()
            .config_override(
                aws_sdk_codedeploy::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await;
        match sent.map_err(|error| failure("codedeploy.StopDeployment", Call::Once, &error)) {
            Err(failure) if failure.kind == FailureKind::Conflict => Ok(Stop::Late),
            Err(failure) => Err(failure),
            Ok(_) => Ok(Stop::Begun),
        }
    }
}
