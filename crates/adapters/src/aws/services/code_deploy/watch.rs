//! One look at services that CodeDeploy deploys. It has no call for several groups: each costs the list of what its group is busy
//! with, that deployment, and its target.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_codedeploy::types::DeploymentStatus;
use aws_sdk_ecs::types::Service;
use backstay_domain::observation::{PrimaryState, RolloutStatus, RolloutView, ServiceView};
use backstay_domain::ports::{Follow, PortFailure};
use backstay_domain::traffic::Shift;
use backstay_domain::{RolloutHandle, ServiceName};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::deployment::{Deployment, Leaves, Whose};
use super::sets::{self, Newest};
use crate::aws::AwsCloud;
use crate::aws::error::heard;
use crate::aws::services::describe::count;
use crate::aws::services::trouble;
use crate::aws::services::watch::messages;

/// Services looked at at once.
pub(super) const AT_ONCE: usize = 8;

/// At so many looks a deployment that ended badly may still be taken back: the rollback is another deployment, which comes after it.
const LOOKS: u32 = 2;

/// The id of no deployment.
const NO_DEPLOYMENT: &str = "d-000000000";

/// What a service's group does now.
struct Busy {
    with: Option<Deployment>,
    shift: Option<Shift>,
}

impl<T> AwsCloud<T> {
    /// How these services and their followed rollouts stand.
    pub(in crate::aws::services) async fn watch_code_deploy(
        &self,
        follow: &[(&Follow, &Service)],
    ) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure> {
        if !follow.is_empty() && self.memory.groups().is_empty() {
            self.look_for_groups().await?;
        }
        let looks = follow.iter().map(async |(follow, service)| {
            let view = self.code_deploy_view(service, follow.rollout.as_ref());
            let view = view.await?;
            Ok::<_, PortFailure>(view.map(|view| (follow.locator.name.clone(), view)))
        });
        let views: Vec<_> = stream::iter(looks)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(views.into_iter().flatten().collect())
    }

    async fn code_deploy_view(
        &self,
        service: &Service,
        followed: Option<&RolloutHandle>,
    ) -> Result<Option<ServiceView>, PortFailure> {
        let busy = self.busy(service).await?;
        let Some(newest) = sets::newest(service, busy.with.as_ref()) else {
            return Ok(None);
        };
        let followed = match followed {
            Some(handle) => {
                let view = self.rollout_view(service, handle, &busy, &newest).await?;
                Some(self.memory.newest(view))
            }
            None => None,
        };
        Ok(Some(ServiceView {
            desired: count(service.desired_count()),
            running: count(service.running_count()),
            pending: count(service.pending_count()),
            primary_state: newest.state,
            primary_running: newest.running,
            trouble: trouble::of_task_sets(service, newest.created_at.as_ref()),
            primary: newest.handle,
            primary_definition: newest.definition,
            followed,
            messages: messages(service),
        }))
    }

    async fn busy(&self, service: &Service) -> Result<Busy, PortFailure> {
        let group = self.group_of(service).await?;
        let mut with = self.busy_with(&group).await?;
        let started = with.as_mut().filter(|with| {
            let begun = [DeploymentStatus::InProgress, DeploymentStatus::Ready];
            with.takes_back.is_none() && begun.contains(&with.status)
        });
        let shift = match started {
            Some(with) => self.standing(service, with).await?,
            None => None,
        };
        Ok(Busy { with, shift })
    }

    async fn rollout_view(
        &self,
        service: &Service,
        handle: &RolloutHandle,
        busy: &Busy,
        newest: &Newest,
    ) -> Result<RolloutView, PortFailure> {
        let set = sets::of(service, handle);
        let at = |status| RolloutView {
            handle: handle.clone(),
            status,
            reason: None,
            failures: (0, None),
            running: set.map_or(0, |set| count(set.running_count())),
            shift: None,
        };
        let with = busy.with.as_ref();
        if let Some(with) = with.filter(|with| with.id == handle.as_str()) {
            return Ok(RolloutView {
                shift: busy.shift.clone(),
                ..at(with.rollout(None))
            });
        }
        let returns = with.is_some_and(|with| with.takes_back.is_some());
        if returns && newest.handle == *handle {
            return Ok(at(RolloutStatus::InProgress));
        }
        if self.memory.has_ended(handle) {
            return Ok(at(RolloutStatus::NotVisible));
        }
        let Some(deployment) = self.deployment(handle.as_str()).await? else {
            let made_with_it = set.map(|_| match newest.handle == *handle {
                true => of_state(newest.state),
                false => RolloutStatus::Succeeded,
            });
            return Ok(at(made_with_it.unwrap_or(RolloutStatus::NotVisible)));
        };
        let rollback = match &deployment.taken_back_by {
            Some(id) => self.deployment(id).await?,
            None => None,
        };
        let status = match deployment.rollout(rollback.as_ref()) {
            RolloutStatus::Stopped if set.is_some() && self.memory.missed(handle) <= LOOKS => {
                RolloutStatus::Stopping
            }
            status => status,
        };
        Ok(RolloutView {
            reason: deployment.message.clone(),
            ..at(status)
        })
    }

    /// Whether all of this may be asked, also of a deployment that is not there yet.
    pub(in crate::aws::services) async fn ask_code_deploy(
        &self,
        service: &Service,
    ) -> Result<(), PortFailure> {
        let group = self.group_of(service).await?;
        self.busy_with(&group).await?;
        let none = self.deployment(NO_DEPLOYMENT).await;
        heard(none.map(|_| ()))?;
        let mut none = Deployment::none();
        heard(self.standing(service, &mut none).await.map(|_| ()))
    }

    /// One deployment, where there is one of this name.
    pub(super) async fn deployment(&self, id: &str) -> Result<Option<Deployment>, PortFailure> {
        // A task set that the service was created with was made by none.
        if id.contains('/') {
            return Ok(None);
        }
        let mut found = self.deployments(&BTreeSet::from([id.to_owned()])).await?;
        Ok(found.remove(id))
    }
}

impl Deployment {
    /// One that is not there.
    fn none() -> Self {
        Self {
            id: NO_DEPLOYMENT.to_owned(),
            status: DeploymentStatus::Created,
            definition: None,
            whose: Whose::Others,
            takes_back: None,
            taken_back_by: None,
            leaves: Leaves::NotYet,
            message: None,
        }
    }
}

fn of_state(state: PrimaryState) -> RolloutStatus {
    match state {
        PrimaryState::InProgress => RolloutStatus::InProgress,
        PrimaryState::Completed => RolloutStatus::Succeeded,
        PrimaryState::Failed => RolloutStatus::Stopped,
    }
}
