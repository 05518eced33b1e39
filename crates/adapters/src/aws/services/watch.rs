//! One look at all services: DescribeServices by tens, DescribeServiceDeployments by twenties, no call per service.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service};
use backstay_domain::observation::{PrimaryState, ServiceView};
use backstay_domain::ports::{Follow, PortFailure};
use backstay_domain::{RolloutHandle, ServiceName};
use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt};

use super::code_deploy::Deployer;
use super::describe::{count, newest_rollout, primary};
use super::records::Record;
use super::words::plain;
use super::{rollout, trouble};
use crate::aws::AwsCloud;

/// How many of a service's messages are passed on.
const MESSAGES: usize = 5;

/// Lists in flight at once.
const AT_ONCE: usize = 8;

impl<T> AwsCloud<T> {
    /// How services and followed rollouts stand; services that do not exist are left out.
    pub(in crate::aws) async fn watch_services(
        &self,
        follow: &[Follow],
    ) -> Result<BTreeMap<ServiceName, ServiceView>, PortFailure> {
        let locators: Vec<_> = follow.iter().map(|follow| &follow.locator).collect();
        let services = self.describe_services(&locators).await?;
        let (moved, follow): (Vec<&Follow>, Vec<&Follow>) = follow.iter().partition(|follow| {
            let service = services.get(&follow.locator.name);
            service.is_some_and(|service| Deployer::of(service) == Deployer::CodeDeploy)
        });
        let moved: Vec<(&Follow, &Service)> = moved
            .into_iter()
            .filter_map(|follow| Some((follow, services.get(&follow.locator.name)?)))
            .collect();
        let (records, moved) = try_join(
            self.followed_records(&follow, &services),
            self.watch_code_deploy(&moved),
        )
        .await?;
        let mut views = moved;
        for follow in follow {
            let name = &follow.locator.name;
            let Some(service) = services.get(name) else {
                continue;
            };
            let record = follow
                .rollout
                .as_ref()
                .and_then(|handle| records.get(handle));
            if let Some(view) = self.service_view(service, follow.rollout.as_ref(), record) {
                views.insert(name.clone(), view);
            }
        }
        Ok(views)
    }

    /// The records of the followed rollouts that are visible. Rollouts that have ended are not asked for again.
    async fn followed_records(
        &self,
        follow: &[&Follow],
        services: &BTreeMap<ServiceName, Service>,
    ) -> Result<BTreeMap<RolloutHandle, Record>, PortFailure> {
        let followed: Vec<(&Follow, &RolloutHandle, &Service)> = follow
            .iter()
            .filter_map(|f| Some((*f, f.rollout.as_ref()?, services.get(&f.locator.name)?)))
            .filter(|(_, handle, _)| !self.memory.has_ended(handle))
            .collect();
        let arns: BTreeSet<String> = followed
            .iter()
            .filter_map(|(_, handle, service)| self.candidate(handle, service))
            .collect();
        let described = self.describe_records(&arns).await?;
        let mut found = BTreeMap::new();
        let mut absent = Vec::new();
        for (follow, handle, service) in followed {
            match described.iter().find(|record| record.belongs_to(handle)) {
                Some(record) => {
                    self.memory.remember_record(handle, &record.arn);
                    found.insert(handle.clone(), record.clone());
                }
                None if self.memory.record(handle).is_none()
                    && self.list_is_due(handle, service) =>
                {
                    absent.push((follow, handle));
                }
                None => {}
            }
        }
        let listed: Vec<Option<(RolloutHandle, Record)>> = stream::iter(absent)
            .map(|(follow, handle)| self.listed_record(follow, handle))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        found.extend(listed.into_iter().flatten());
        Ok(found)
    }

    /// A list that fails leaves the rollout unseen for now; the rest of the look still counts.
    async fn listed_record(
        &self,
        follow: &Follow,
        handle: &RolloutHandle,
    ) -> Option<(RolloutHandle, Record)> {
        let listed = match self.list_records(&follow.locator).await {
            Ok(listed) => listed,
            Err(failure) => {
                tracing::debug!(%failure, service = %follow.locator.name, "records not listed");
                return None;
            }
        };
        let record = listed
            .into_iter()
            .find(|record| record.belongs_to(handle))?;
        self.memory.remember_record(handle, &record.arn);
        Some((handle.clone(), record))
    }

    fn service_view(
        &self,
        service: &Service,
        followed: Option<&RolloutHandle>,
        record: Option<&Record>,
    ) -> Option<ServiceView> {
        let (newest, definition) = newest_rollout(service)?;
        let followed =
            followed.map(|handle| self.memory.newest(rollout::view(handle, service, record)));
        Some(ServiceView {
            desired: count(service.desired_count()),
            running: count(service.running_count()),
            pending: count(service.pending_count()),
            primary: newest,
            primary_definition: definition,
            primary_state: primary_state(service),
            primary_running: primary(service).map_or(0, |newest| count(newest.running_count())),
            trouble: trouble::suspected(service, followed.as_ref(), record),
            followed,
            messages: messages(service),
        })
    }
}

/// What a service says, newest first.
pub(super) fn messages(service: &Service) -> Vec<String> {
    let events = service.events().iter().take(MESSAGES);
    events
        .filter_map(|event| event.message())
        .map(plain)
        .collect()
}

fn primary_state(service: &Service) -> PrimaryState {
    match primary(service).and_then(Deployment::rollout_state) {
        Some(DeploymentRolloutState::Completed) => PrimaryState::Completed,
        Some(DeploymentRolloutState::Failed) => PrimaryState::Failed,
        Some(_) | None => PrimaryState::InProgress,
    }
}
