//! A deployment of CodeDeploy: how it stands, whose it is, and what takes it back.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codedeploy::types::{DeploymentCreator, DeploymentInfo, DeploymentStatus};
use backstay_domain::observation::RolloutStatus;
use backstay_domain::ports::PortFailure;
use backstay_domain::{DefinitionRef, RolloutHandle};
use futures_util::future::try_join_all;

use super::app_spec::Revision;
use super::group::Group;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};

/// Deployments to a call [MODEL].
const BATCH: usize = 25;

/// Statuses of a deployment that a group is busy with; it takes no other one meanwhile.
const BUSY: [DeploymentStatus; 5] = [
    DeploymentStatus::Created,
    DeploymentStatus::Queued,
    DeploymentStatus::InProgress,
    DeploymentStatus::Baking,
    DeploymentStatus::Ready,
];

/// What the description of every deployment begins with that we start: CreateDeployment takes no token.
pub(super) const OURS: &str = "Backstay deploys ";

/// What is known of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) status: DeploymentStatus,
    /// What it deploys, where its AppSpec can be read.
    pub(super) definition: Option<DefinitionRef>,
    pub(super) whose: Whose,
    /// The one that it takes back.
    pub(super) takes_back: Option<String>,
    /// The one that takes it back.
    pub(super) taken_back_by: Option<String>,
    pub(super) leaves: Leaves,
    /// Why it did not succeed.
    pub(super) message: Option<String>,
}

/// Who started a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Backstay.
    Ours,
    /// Somebody, or CodeDeploy itself.
    Others,
}

/// Whether the original task set is still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    /// It may get requests again.
    NotYet,
    /// All requests go to the replacement: the original is only kept for the way back.
    Waits,
}

impl Deployment {
    pub(super) fn of(info: &DeploymentInfo) -> Option<Self> {
        let status = info.status()?.clone();
        let rollback = info.rollback_info();
        let takes_back = rollback
            .and_then(|rollback| rollback.rollback_triggering_deployment_id())
            .filter(|_| info.creator() == Some(&DeploymentCreator::CodeDeployRollback));
        let said = info.description().unwrap_or_default();
        let waits = info.instance_termination_wait_time_started();
        let definition = Revision::of(info.revision());
        let definition = definition.definition();
        Some(Self {
            id: info.deployment_id()?.to_owned(),
            definition: definition.and_then(|name| DefinitionRef::parse(name).ok()),
            whose: match said.starts_with(OURS) {
                true => Whose::Ours,
                false => Whose::Others,
            },
            takes_back: takes_back.map(str::to_owned),
            taken_back_by: rollback
                .and_then(|rollback| rollback.rollback_deployment_id())
                .map(str::to_owned),
            leaves: match waits && status == DeploymentStatus::InProgress {
                true => Leaves::Waits,
                false => Leaves::NotYet,
            },
            message: info
                .error_information()
                .and_then(|error| error.message())
                .map(str::to_owned),
            status,
        })
    }

    /// What it is called as a rollout.
    pub(super) fn handle(&self) -> Option<RolloutHandle> {
        RolloutHandle::parse(&self.id).ok()
    }

    /// Whether its group is busy with it.
    pub(super) fn is_busy(&self) -> bool {
        BUSY.contains(&self.status)
    }

    /// Whether it is ours, and only waits until the original task set may go.
    pub(super) fn is_ours_and_over(&self) -> bool {
        self.whose == Whose::Ours && self.leaves == Leaves::Waits
    }

    /// As a rollout: it has succeeded when all requests go to its tasks, whenever the original goes. `rollback` is the one that
    /// takes it back, where that is visible.
    pub(super) fn rollout(&self, rollback: Option<&Self>) -> RolloutStatus {
        match (&self.status, self.leaves) {
            (DeploymentStatus::Created | DeploymentStatus::Queued, _) => RolloutStatus::Pending,
            (DeploymentStatus::Succeeded, _) | (_, Leaves::Waits) => RolloutStatus::Succeeded,
            (
                DeploymentStatus::InProgress | DeploymentStatus::Baking | DeploymentStatus::Ready,
                Leaves::NotYet,
            ) => RolloutStatus::InProgress,
            (DeploymentStatus::Failed | DeploymentStatus::Stopped, Leaves::NotYet) => {
                match (
                    &self.taken_back_by,
                    rollback.map(|rollback| &rollback.status),
                ) {
                    (None, _) => RolloutStatus::Stopped,
                    (Some(_), Some(DeploymentStatus::Succeeded)) => RolloutStatus::RolledBack,
                    (Some(_), Some(DeploymentStatus::Failed | DeploymentStatus::Stopped)) => {
                        RolloutStatus::RollbackFailed
                    }
                    (Some(_), Some(_) | None) => RolloutStatus::RollingBack,
                }
            }
            (other, Leaves::NotYet) => RolloutStatus::Other(other.as_str().to_owned()),
        }
    }
}

impl<T> AwsCloud<T> {
    /// These deployments; those that CodeDeploy does not know are left out.
    pub(super) async fn deployments(
        &self,
        ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Deployment>, PortFailure> {
        let ids: Vec<String> = ids.iter().cloned().collect();
        let batches = ids.chunks(BATCH).map(async |batch| {
            let asked = self.codedeploy.batch_get_deployments();
            let reply = asked.set_deployment_ids(Some(batch.to_vec())).send().await;
            let reply = reply
                .map_err(|error| failure("codedeploy.BatchGetDeployments", Call::Read, &error))?;
            Ok::<_, PortFailure>(reply.deployments_info.unwrap_or_default())
        });
        let found = try_join_all(batches).await?;
        let found = found.iter().flatten().filter_map(Deployment::of);
        Ok(found.map(|one| (one.id.clone(), one)).collect())
    }

    /// The one that a group is busy with: there is one at most.
    pub(super) async fn busy_with(&self, group: &Group) -> Result<Option<Deployment>, PortFailure> {
        let reply = self
            .codedeploy
            .list_deployments()
            .application_name(&group.application)
            .deployment_group_name(&group.name)
            .set_include_only_statuses(Some(BUSY.to_vec()))
            .send()
            .await
            .map_err(|error| failure("codedeploy.ListDeployments", Call::Read, &error))?;
        let ids: BTreeSet<String> = reply.deployments.unwrap_or_default().into_iter().collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let found = self.deployments(&ids).await?;
        Ok(found.into_values().find(Deployment::is_busy))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::{ErrorInformation, RollbackInfo};
    use rstest::rstest;

    use super::*;

    fn deployment(status: DeploymentStatus) -> Deployment {
        let info = DeploymentInfo::builder()
            .deployment_id("d-1")
            .status(status);
        Deployment::of(&info.build()).unwrap()
    }

    #[rstest]
    #[case(DeploymentStatus::Created, RolloutStatus::Pending)]
    #[case(DeploymentStatus::Queued, RolloutStatus::Pending)]
    #[case(DeploymentStatus::InProgress, RolloutStatus::InProgress)]
    #[case(DeploymentStatus::Baking, RolloutStatus::InProgress)]
    #[case(DeploymentStatus::Ready, RolloutStatus::InProgress)]
    #[case(DeploymentStatus::Succeeded, RolloutStatus::Succeeded)]
    #[case(DeploymentStatus::Failed, RolloutStatus::Stopped)]
    #[case(DeploymentStatus::Stopped, RolloutStatus::Stopped)]
    #[case("Paused".into(), RolloutStatus::Other("Paused".to_owned()))]
    fn words_of_a_deployment(#[case] status: DeploymentStatus, #[case] expected: RolloutStatus) {
        assert_eq!(deployment(status).rollout(None), expected);
    }

    #[rstest]
    #[case::not_visible_yet(None, RolloutStatus::RollingBack)]
    #[case(Some(DeploymentStatus::Created), RolloutStatus::RollingBack)]
    #[case(Some(DeploymentStatus::InProgress), RolloutStatus::RollingBack)]
    #[case(Some(DeploymentStatus::Succeeded), RolloutStatus::RolledBack)]
    #[case(Some(DeploymentStatus::Failed), RolloutStatus::RollbackFailed)]
    fn what_takes_it_back_says_how_far_that_is(
        #[case] status: Option<DeploymentStatus>,
        #[case] expected: RolloutStatus,
    ) {
        let info = DeploymentInfo::builder()
            .deployment_id("d-1")
            .status(DeploymentStatus::Stopped)
            .error_information(ErrorInformation::builder().message("stopped").build())
            .rollback_info(
                RollbackInfo::builder()
                    .rollback_deployment_id("d-2")
                    .build(),
            );
        let stopped = Deployment::of(&info.build()).unwrap();
        assert_eq!(stopped.message.as_deref(), Some("stopped"));
        let rollback = status.map(deployment);
        assert_eq!(stopped.rollout(rollback.as_ref()), expected);
    }

    /// It is live when traffic is shifted, not when the original is gone.
    #[test]
    fn waiting_for_the_original_to_go_is_success() {
        let info = DeploymentInfo::builder()
            .deployment_id("d-1")
            .status(DeploymentStatus::InProgress)
            .description("Backstay deploys web:2")
            .instance_termination_wait_time_started(true);
        let waits = Deployment::of(&info.build()).unwrap();
        assert_eq!(waits.rollout(None), RolloutStatus::Succeeded);
        assert!(waits.is_busy() && waits.is_ours_and_over());
    }
}
