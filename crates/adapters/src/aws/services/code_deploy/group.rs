//! Which deployment group deploys a service: every group of the account names its service, and a service belongs to one group only.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_codedeploy::types::{
    AutoRollbackEvent, ComputePlatform, DeploymentGroupInfo, DeploymentReadyAction,
    TargetGroupPairInfo,
};
use aws_sdk_ecs::types::Service;
use backstay_domain::ports::{FailureKind, PortFailure};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _};

use super::app_spec::Revision;
use super::watch::AT_ONCE;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};

/// Applications, or groups of one of them, to a call [MODEL].
const BATCH: usize = 100;

const GROUPS: &str = "codedeploy.BatchGetDeploymentGroups";

/// Groups by the names of their cluster and service.
pub(in crate::aws) type Groups = BTreeMap<(String, String), Arc<Group>>;

/// A deployment group.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::aws) struct Group {
    pub(super) application: String,
    pub(super) name: String,
    /// Its deployment configuration.
    pub(super) config: String,
    pub(super) pair: Option<Pair>,
    pub(super) ready: Ready,
    pub(super) failing: Failing,
    pub(super) alarms: Vec<String>,
    pub(super) revision: Revision,
    /// The last deployment that succeeded.
    pub(super) succeeded: Option<String>,
}

/// Two target groups, and the listeners whose requests go to one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// By name.
    pub(super) groups: [String; 2],
    /// ARNs.
    pub(super) listeners: Vec<String>,
}

/// What happens when the replacement is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// Traffic is shifted.
    GoesOn,
    /// Somebody has to say so.
    Waits,
}

/// What becomes of a deployment that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failing {
    /// It stays as it is.
    Stays,
    /// Another one takes it back.
    TakenBack,
}

impl<T> AwsCloud<T> {
    /// The group that deploys a service, as it was when the groups were looked for last.
    pub(super) async fn group_of(&self, service: &Service) -> Result<Arc<Group>, PortFailure> {
        let key = key_of(service);
        if let Some(known) = self.memory.groups().get(&key) {
            return Ok(Arc::clone(known));
        }
        let (found, denied) = self.groups_that_may_be_read().await?;
        found.get(&key).cloned().ok_or_else(|| {
            // It may be in what may not be read.
            let message = format!("no deployment group deploys {}/{}", key.0, key.1);
            denied.unwrap_or_else(|| refusal(GROUPS, FailureKind::NotFound, message))
        })
    }

    /// All groups of the account that deploy a service of ECS, as far as they may be read: two calls, and two for every application.
    pub(in crate::aws::services) async fn look_for_groups(&self) -> Result<Groups, PortFailure> {
        Ok(self.groups_that_may_be_read().await?.0)
    }

    /// Applications of other teams may be denied: the last refusal is told.
    async fn groups_that_may_be_read(&self) -> Result<(Groups, Option<PortFailure>), PortFailure> {
        let mut names = Vec::new();
        let mut page = None;
        loop {
            let asked = self.codedeploy.list_applications().set_next_token(page);
            let reply = asked.send().await;
            let reply = reply
                .map_err(|error| failure("codedeploy.ListApplications", Call::Read, &error))?;
            names.extend(reply.applications.unwrap_or_default());
            page = reply.next_token.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        let applications = names.chunks(BATCH).map(|batch| self.of_ecs(batch));
        let applications = try_join_all(applications).await?;
        let names: Vec<String> = applications.into_iter().flatten().collect();
        let looks = names.iter().map(|name| self.groups_of(name));
        let answers: Vec<_> = stream::iter(looks)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut groups, mut denied) = (Vec::new(), None);
        for answer in answers {
            match answer {
                Ok(found) => groups.extend(found),
                Err(failure) if failure.kind == FailureKind::Denied => denied = Some(failure),
                Err(failure) => return Err(failure),
            }
        }
        let found: Groups = groups
            .iter()
            .filter_map(|info| Some((service_of(info)?, Arc::new(Group::of(info)?))))
            .collect();
        self.memory.remember_groups(found.clone());
        Ok((found, denied))
    }

    /// The group as it is now: what it deployed last is in it.
    pub(super) async fn group_now(&self, group: &Group) -> Result<Group, PortFailure> {
        let names = [group.name.clone()];
        let found = self.described(&group.application, &names).await?;
        let found = found.first().and_then(Group::of);
        found.ok_or_else(|| refusal(GROUPS, FailureKind::NotFound, group.name.as_str()))
    }

    async fn of_ecs(&self, names: &[String]) -> Result<Vec<String>, PortFailure> {
        let reply = self
            .codedeploy
            .batch_get_applications()
            .set_application_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| failure("codedeploy.BatchGetApplications", Call::Read, &error))?;
        let found = reply.applications_info().iter();
        let found = found.filter(|info| info.compute_platform() == Some(&ComputePlatform::Ecs));
        Ok(found
            .filter_map(|info| info.application_name().map(str::to_owned))
            .collect())
    }

    async fn groups_of(&self, application: &str) -> Result<Vec<DeploymentGroupInfo>, PortFailure> {
        const LIST: &str = "codedeploy.ListDeploymentGroups";
        let mut names = Vec::new();
        let mut page = None;
        loop {
            let asked = self.codedeploy.list_deployment_groups();
            let asked = asked.application_name(application).set_next_token(page);
            let reply = asked.send().await;
            let reply = reply.map_err(|error| failure(LIST, Call::Read, &error))?;
            names.extend(reply.deployment_groups.unwrap_or_default());
            page = reply.next_token.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        let batches = names.chunks(BATCH);
        let batches = batches.map(|batch| self.described(application, batch));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    async fn described(
        &self,
        application: &str,
        names: &[String],
    ) -> Result<Vec<DeploymentGroupInfo>, PortFailure> {
        let asked = self.codedeploy.batch_get_deployment_groups();
        let asked = asked.application_name(application);
        let asked = asked.set_deployment_group_names(Some(names.to_vec()));
        let reply = asked.send().await;
        let reply = reply.map_err(|error| failure(GROUPS, Call::Read, &error))?;
        Ok(reply.deployment_groups_info.unwrap_or_default())
    }
}

impl Group {
    fn of(info: &DeploymentGroupInfo) -> Option<Self> {
        let alarms = info.alarm_configuration().filter(|alarms| alarms.enabled());
        let alarms = alarms.map(|alarms| alarms.alarms()).unwrap_or_default();
        let balancers = info.load_balancer_info();
        let pair = balancers.and_then(|it| it.target_group_pair_info_list().first());
        let ready = info.blue_green_deployment_configuration();
        let ready = ready.and_then(|it| it.deployment_ready_option()?.action_on_timeout());
        let succeeded = info.last_successful_deployment();
        let rollback = info.auto_rollback_configuration();
        let rollback = rollback.filter(|rollback| rollback.enabled());
        let failing = rollback.map(|rollback| rollback.events());
        let failing = failing.is_some_and(|on| on.contains(&AutoRollbackEvent::DeploymentFailure));
        Some(Self {
            application: info.application_name()?.to_owned(),
            name: info.deployment_group_name()?.to_owned(),
            config: info.deployment_config_name().unwrap_or_default().to_owned(),
            pair: pair.and_then(Pair::of),
            ready: match ready {
                Some(DeploymentReadyAction::StopDeployment) => Ready::Waits,
                Some(_) | None => Ready::GoesOn,
            },
            failing: match failing {
                true => Failing::TakenBack,
                false => Failing::Stays,
            },
            alarms: alarms
                .iter()
                .filter_map(|alarm| alarm.name().map(str::to_owned))
                .collect(),
            revision: Revision::of(info.target_revision()),
            succeeded: succeeded.and_then(|last| last.deployment_id().map(str::to_owned)),
        })
    }
}

impl Pair {
    fn of(info: &TargetGroupPairInfo) -> Option<Self> {
        let [one, two] = info.target_groups() else {
            return None;
        };
        Some(Self {
            groups: [one.name()?.to_owned(), two.name()?.to_owned()],
            listeners: info.prod_traffic_route()?.listener_arns().to_vec(),
        })
    }
}

/// Names of cluster and service: a group may have their names or their ARNs.
fn service_of(info: &DeploymentGroupInfo) -> Option<(String, String)> {
    let service = info.ecs_services().first()?;
    Some((
        last(service.cluster_name()?).to_owned(),
        last(service.service_name()?).to_owned(),
    ))
}

fn key_of(service: &Service) -> (String, String) {
    let cluster = service.cluster_arn().map_or("", last);
    (
        cluster.to_owned(),
        service.service_name().unwrap_or_default().to_owned(),
    )
}

/// The name at the end of an ARN.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::EcsService;

    use super::*;

    #[test]
    fn a_service_is_known_by_names_or_arns() {
        let service = Service::builder()
            .cluster_arn("arn:aws:ecs:eu-west-1:123456789012:cluster/shop")
            .service_name("web")
            .build();
        for (cluster, name) in [
            ("shop", "web"),
            (
                "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
                "arn:aws:ecs:eu-west-1:123456789012:service/shop/web",
            ),
        ] {
            let named = EcsService::builder()
                .cluster_name(cluster)
                .service_name(name);
            let info = DeploymentGroupInfo::builder().ecs_services(named.build());
            assert_eq!(service_of(&info.build()), Some(key_of(&service)));
        }
    }
}
