//! What a service completed last: what ECS returns to, and what a rollback goes to. PRIMARY may be a rollout that failed.

use aws_sdk_ecs::types::{DeploymentRolloutState, Service, ServiceDeploymentStatus};
use backstay_domain::DefinitionRef;
use backstay_domain::ports::PortFailure;

use super::describe::primary;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::pace::Category;

/// What completed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LastCompleted {
    /// The newest rollout.
    Newest,
    /// An earlier one, with this task definition.
    Earlier(DefinitionRef),
    /// None ever did.
    Never,
}

impl LastCompleted {
    /// The one of this task definition.
    pub(super) fn earlier(definition: &str) -> Option<Self> {
        DefinitionRef::parse(definition).ok().map(Self::Earlier)
    }
}

impl<T> AwsCloud<T> {
    /// One call more only for services whose newest rollout did not complete and whose list no longer shows one that did.
    pub(super) async fn last_completed(
        &self,
        service: &Service,
    ) -> Result<LastCompleted, PortFailure> {
        let completed = Some(&DeploymentRolloutState::Completed);
        if primary(service).and_then(|newest| newest.rollout_state()) == completed {
            return Ok(LastCompleted::Newest);
        }
        let listed = service
            .deployments()
            .iter()
            .find(|deployment| deployment.rollout_state() == completed)
            .and_then(|deployment| deployment.task_definition());
        if let Some(definition) = listed.and_then(|arn| DefinitionRef::parse(arn).ok()) {
            return Ok(LastCompleted::Earlier(definition));
        }
        self.pace.turn(Category::Rollout).await;
        let reply = self
            .ecs
            .list_service_deployments()
            .set_cluster(service.cluster_arn().map(str::to_owned))
            .service(service.service_arn().unwrap_or_default())
            .status(ServiceDeploymentStatus::Successful)
            .max_results(1)
            .send()
            .await
            .map_err(|error| failure("ecs.ListServiceDeployments", Call::Read, &error))?;
        let newest = reply.service_deployments().first();
        match newest.and_then(|brief| brief.target_service_revision_arn()) {
            None => Ok(LastCompleted::Never),
            Some(revision) => self.definition_of_revision(revision).await,
        }
    }

    async fn definition_of_revision(&self, arn: &str) -> Result<LastCompleted, PortFailure> {
        self.pace.turn(Category::Rollout).await;
        let reply = self
            .ecs
            .describe_service_revisions()
            .service_revision_arns(arn)
            .send()
            .await
            .map_err(|error| failure("ecs.DescribeServiceRevisions", Call::Read, &error))?;
        let definition = reply
            .service_revisions()
            .first()
            .and_then(|revision| revision.task_definition())
            .and_then(|arn| DefinitionRef::parse(arn).ok());
        Ok(definition.map_or(LastCompleted::Never, LastCompleted::Earlier))
    }
}
