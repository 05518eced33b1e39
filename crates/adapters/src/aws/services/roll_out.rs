//! Starts a rollout: one UpdateService, sent once, without a desired count unless there is one to set.

use aws_config::retry::RetryConfig;
use backstay_domain::RolloutHandle;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, RolloutRequest};

use super::describe::primary;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::pace::Category;

const UPDATE: &str = "ecs.UpdateService";

impl<T> AwsCloud<T> {
    /// The handle is the answer's PRIMARY deployment: never "latest", never a clock.
    pub(in crate::aws) async fn update_service(
        &self,
        request: &RolloutRequest,
    ) -> Result<RolloutHandle, PortFailure> {
        self.pace.turn(Category::ServiceModify).await;
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
