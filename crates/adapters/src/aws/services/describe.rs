//! DescribeServices for many services at once: ten to a call, one cluster to a call.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{Deployment, Service};
use aws_smithy_types::DateTime;
use backstay_domain::app::ServiceLocator;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::{DefinitionRef, RolloutHandle, ServiceName};
use futures_util::future::try_join_all;
use jiff::{Timestamp, Unit};

use super::code_deploy::Deployer;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::pace::Category;

const DESCRIBE: &str = "ecs.DescribeServices";

/// Services to a call.
const BATCH: usize = 10;

impl<T> AwsCloud<T> {
    /// The services that exist among `locators`.
    pub(super) async fn describe_services(
        &self,
        locators: &[&ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, Service>, PortFailure> {
        let mut clusters: BTreeMap<&str, Vec<&ServiceLocator>> = BTreeMap::new();
        for locator in locators {
            clusters.entry(&locator.cluster).or_default().push(locator);
        }
        let batches = clusters
            .values()
            .flat_map(|of_cluster| of_cluster.chunks(BATCH));
        // Of a length that is known: few futures are polled where they lie.
        let batches: Vec<&[&ServiceLocator]> = batches.collect();
        let found = try_join_all(batches.iter().map(|batch| self.describe_batch(batch))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// One service, which must exist.
    pub(super) async fn describe_service(
        &self,
        locator: &ServiceLocator,
    ) -> Result<Service, PortFailure> {
        let mut found = self.describe_services(&[locator]).await?;
        found.remove(&locator.name).ok_or_else(|| {
            refusal(
                DESCRIBE,
                FailureKind::NotFound,
                locator.cluster_name.as_str(),
            )
        })
    }

    async fn describe_batch(
        &self,
        batch: &[&ServiceLocator],
    ) -> Result<Vec<(ServiceName, Service)>, PortFailure> {
        let Some(first) = batch.first() else {
            return Ok(Vec::new());
        };
        self.pace.turn(Category::ServiceRead).await;
        let names = batch
            .iter()
            .map(|locator| locator.cluster_name.clone())
            .collect();
        let reply = self
            .ecs
            .describe_services()
            .cluster(&first.cluster)
            .set_services(Some(names))
            .send()
            .await
            .map_err(|error| failure(DESCRIBE, Call::Read, &error))?;
        if let Some(other) = reply
            .failures()
            .iter()
            .find(|f| f.reason() != Some("MISSING"))
        {
            let reason = other.reason().unwrap_or("unknown");
            let what = other.arn().unwrap_or("a service");
            return Err(refusal(
                DESCRIBE,
                FailureKind::Rejected,
                format!("{what}: {reason}"),
            ));
        }
        let mut services = reply.services.unwrap_or_default();
        let mut found = Vec::new();
        for locator in batch {
            if let Some(index) = services
                .iter()
                .position(|service| is_called(service, &locator.cluster_name))
            {
                let service = services.swap_remove(index);
                self.memory
                    .remember_deployer(locator, Deployer::of(&service));
                found.push((locator.name.clone(), service));
            }
        }
        Ok(found)
    }
}

/// A cluster's name for a service may be its name or its ARN.
fn is_called(service: &Service, name: &str) -> bool {
    service.service_name() == Some(name) || service.service_arn() == Some(name)
}

/// The newest deployment of a service.
pub(super) fn primary(service: &Service) -> Option<&Deployment> {
    service
        .deployments()
        .iter()
        .find(|deployment| deployment.status() == Some("PRIMARY"))
}

/// The deployment with this id.
pub(super) fn deployment<'s>(
    service: &'s Service,
    handle: &RolloutHandle,
) -> Option<&'s Deployment> {
    service
        .deployments()
        .iter()
        .find(|deployment| deployment.id() == Some(handle.as_str()))
}

/// The newest rollout's handle and definition. Services of other controllers, or deleted ones, have none of their own.
pub(super) fn newest_rollout(service: &Service) -> Option<(RolloutHandle, DefinitionRef)> {
    let primary = primary(service);
    let id = primary.and_then(Deployment::id).unwrap_or("ecs-svc/none");
    let definition = primary
        .and_then(Deployment::task_definition)
        .or(service.task_definition())?;
    Some((
        RolloutHandle::parse(id).ok()?,
        DefinitionRef::parse(definition).ok()?,
    ))
}

/// A count, which AWS gives as a signed number.
pub(super) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// A moment. ECS tells milliseconds as a fraction, which arrives some nanoseconds beside them.
pub(in crate::aws) fn moment(time: &DateTime) -> Option<Timestamp> {
    let exact = Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?);
    exact.ok()?.round(Unit::Millisecond).ok()
}
