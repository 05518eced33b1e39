//! Asks ECS (or CodeDeploy) to return a running rollout to the revision before it, and answers one that waits for somebody.

use std::collections::BTreeSet;

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::types::{DeploymentLifecycleHookAction, StopServiceDeploymentStopType};
use backstay_domain::RolloutHandle;
use backstay_domain::app::ServiceLocator;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::traffic::Answer;

use super::code_deploy::Deployer;
use super::records::Record;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::pace::Category;

/// Nothing is left to stop.
const ENDED_OR_ENDING: [&str; 7] = [
    "SUCCESSFUL",
    "STOP_REQUESTED",
    "STOPPED",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

const STOP: &str = "ecs.StopServiceDeployment";
const CONTINUE: &str = "ecs.ContinueServiceDeployment";

impl<T> AwsCloud<T> {
    /// Harmless when the rollout has ended or already returns: ECS then answers with a conflict.
    pub(in crate::aws) async fn stop_rollout(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
    ) -> Result<(), PortFailure> {
        if self.deployer(locator).await == Deployer::CodeDeploy {
            return self.turn_back_code_deploy(rollout).await;
        }
        let record = self.find_record(STOP, locator, rollout).await?;
        if ENDED_OR_ENDING.contains(&record.status.as_str()) {
            return Ok(());
        }
        self.pace.turn(Category::Rollout).await;
        let sent = self
            .ecs
            .stop_service_deployment()
            .service_deployment_arn(record.arn)
            .stop_type(StopServiceDeploymentStopType::Rollback)
            .customize()
            .config_override(
                aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await;
        match sent.map_err(|error| failure(STOP, Call::Once, &error)) {
            Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
            Err(failure) => Err(failure),
            Ok(_) => Ok(()),
        }
    }

    /// Harmless when it does not wait there any more: ECS refuses the answer then, by the hook's id. It has no conflict of its own
    /// for that, only a parameter that is wrong: so it is looked at again.
    pub(in crate::aws) async fn answer_rollout(
        &self,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
        (hold, answer): (&str, Answer),
    ) -> Result<(), PortFailure> {
        if self.deployer(locator).await == Deployer::CodeDeploy {
            return self.answer_code_deploy(rollout, (hold, answer)).await;
        }
        let record = self.find_record(CONTINUE, locator, rollout).await?;
        if !waits_at(&record, hold) {
            return Ok(());
        }
        self.pace.turn(Category::Rollout).await;
        let sent = self
            .ecs
            .continue_service_deployment()
            .service_deployment_arn(record.arn)
            .hook_id(hold)
            .action(match answer {
                Answer::GoOn => DeploymentLifecycleHookAction::Continue,
                Answer::TurnBack => DeploymentLifecycleHookAction::Rollback,
            })
            .customize()
            .config_override(
                aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await;
        match sent.map_err(|error| failure(CONTINUE, Call::Once, &error)) {
            Err(failure) if is_refused(&failure) => {
                let record = self.find_record(CONTINUE, locator, rollout).await?;
                match waits_at(&record, hold) {
                    true => Err(failure),
                    // Somebody else has answered meanwhile.
                    false => Ok(()),
                }
            }
            Err(failure) => Err(failure),
            Ok(_) => Ok(()),
        }
    }

    async fn find_record(
        &self,
        operation: &'static str,
        locator: &ServiceLocator,
        rollout: &RolloutHandle,
    ) -> Result<Record, PortFailure> {
        let service = self.describe_service(locator).await?;
        let candidate: BTreeSet<String> = self.candidate(rollout, &service).into_iter().collect();
        let described = self.describe_records(&candidate).await?;
        let found = match described
            .into_iter()
            .find(|record| record.belongs_to(rollout))
        {
            Some(record) => Some(record),
            None => self
                .list_records(locator)
                .await?
                .into_iter()
                .find(|record| record.belongs_to(rollout)),
        };
        let record = found.ok_or_else(|| {
            refusal(
                operation,
                FailureKind::NotFound,
                format!("no record of {rollout} of {} is visible", locator.name),
            )
        })?;
        self.memory.remember_record(rollout, &record.arn);
        Ok(record)
    }
}

fn waits_at(record: &Record, hold: &str) -> bool {
    let waits = record.shift.as_ref().and_then(|shift| shift.hold.as_ref());
    waits.is_some_and(|waits| waits.id == hold)
}

fn is_refused(failure: &PortFailure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Rejected | FailureKind::NotFound | FailureKind::Conflict
    )
}
