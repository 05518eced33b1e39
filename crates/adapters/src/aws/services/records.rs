//! The record (service deployment) of a rollout: found by its target revision, whose ARN ends in the handle's digits.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{
    Service, ServiceDeployment, ServiceDeploymentBrief, ServiceDeploymentRollbackMonitorsStatus,
};
use aws_smithy_types::DateTime;
use backstay_domain::RolloutHandle;
use backstay_domain::app::ServiceLocator;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::traffic::Shift;
use futures_util::future::{join_all, try_join_all};

use super::describe::{count, primary};
use super::traffic::shift;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::pace::Category;

/// Records to a call, of any clusters.
const BATCH: usize = 20;

/// What a record says, from a whole one or from a line of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) arn: String,
    pub(super) target: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) failures: Option<(u32, Option<u32>)>,
    pub(super) running: u32,
    pub(super) shift: Option<Shift>,
    pub(super) created_at: Option<DateTime>,
}

impl Record {
    /// Whether it is the record of this rollout.
    pub(super) fn belongs_to(&self, handle: &RolloutHandle) -> bool {
        digits(&self.target) == digits(handle.as_str())
    }

    fn whole(record: ServiceDeployment) -> Option<Self> {
        let breaker = record.deployment_circuit_breaker();
        let counting = breaker
            .filter(|b| b.status() != Some(&ServiceDeploymentRollbackMonitorsStatus::Disabled));
        let failures = counting.map(|b| {
            (
                count(b.failure_count()),
                Some(count(b.threshold())).filter(|t| *t > 0),
            )
        });
        let rollback = record.rollback().and_then(|rollback| rollback.reason());
        let shift = shift(&record);
        Some(Self {
            shift,
            reason: record.status_reason().or(rollback).map(str::to_owned),
            failures,
            running: record
                .target_service_revision()
                .map_or(0, |target| count(target.running_task_count())),
            created_at: record.created_at().copied(),
            status: record
                .status()
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
            target: record.target_service_revision()?.arn()?.to_owned(),
            arn: record.service_deployment_arn?,
        })
    }

    fn brief(record: ServiceDeploymentBrief) -> Option<Self> {
        Some(Self {
            arn: record.service_deployment_arn?,
            target: record.target_service_revision_arn?,
            status: record
                .status
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
            reason: record.status_reason,
            failures: None,
            running: 0,
            shift: None,
            created_at: record.created_at,
        })
    }
}

/// `ecs-svc/123` and `arn:…:service-revision/cluster/service/123` end in the same digits.
fn digits(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

impl<T> AwsCloud<T> {
    /// The records with these ARNs; those that AWS does not know (yet, or any more) are left out.
    pub(super) async fn describe_records(
        &self,
        arns: &BTreeSet<String>,
    ) -> Result<Vec<Record>, PortFailure> {
        let arns: Vec<String> = arns.iter().cloned().collect();
        let found = try_join_all(
            arns.chunks(BATCH)
                .map(|batch| self.describe_record_batch(batch)),
        )
        .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Where one is refused (its service was deleted, or may not be looked at), the others are asked for one by one.
    async fn describe_record_batch(&self, batch: &[String]) -> Result<Vec<Record>, PortFailure> {
        let together = self.describe_records_together(batch).await;
        let refused = |failure: &PortFailure| match failure.kind {
            FailureKind::Denied
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Rejected => batch.len() > 1,
            FailureKind::Throttled | FailureKind::Unauthenticated | FailureKind::Unavailable => {
                false
            }
        };
        match together {
            Err(failure) if refused(&failure) => {
                let each = batch
                    .chunks(1)
                    .map(|one| self.describe_records_together(one));
                let found = join_all(each).await;
                match found.iter().any(Result::is_ok) {
                    true => Ok(found.into_iter().flatten().flatten().collect()),
                    false => Err(failure),
                }
            }
            together => together,
        }
    }

    async fn describe_records_together(
        &self,
        batch: &[String],
    ) -> Result<Vec<Record>, PortFailure> {
        self.pace.turn(Category::Rollout).await;
        let reply = self
            .ecs
            .describe_service_deployments()
            .set_service_deployment_arns(Some(batch.to_vec()))
            .send()
            .await
            .map_err(|error| failure("ecs.DescribeServiceDeployments", Call::Read, &error))?;
        Ok(reply
            .service_deployments
            .unwrap_or_default()
            .into_iter()
            .filter_map(Record::whole)
            .collect())
    }

    /// The newest records of one service, as a list gives them.
    pub(super) async fn list_records(
        &self,
        locator: &ServiceLocator,
    ) -> Result<Vec<Record>, PortFailure> {
        self.pace.turn(Category::Rollout).await;
        let reply = self
            .ecs
            .list_service_deployments()
            .cluster(&locator.cluster)
            .service(&locator.cluster_name)
            .max_results(100)
            .send()
            .await
            .map_err(|error| failure("ecs.ListServiceDeployments", Call::Read, &error))?;
        Ok(reply
            .service_deployments
            .unwrap_or_default()
            .into_iter()
            .filter_map(Record::brief)
            .collect())
    }

    /// Where to look for a rollout's record: where it was before, or the service's present one, which may not be it.
    pub(super) fn candidate(&self, handle: &RolloutHandle, service: &Service) -> Option<String> {
        self.memory
            .record(handle)
            .or_else(|| service.current_service_deployment().map(str::to_owned))
    }

    /// A rollout that is not the present one has ended or was superseded: the list has it. One that is still the newest
    /// only lags. Neither is asked for at every look.
    pub(super) fn list_is_due(&self, handle: &RolloutHandle, service: &Service) -> bool {
        let misses = self.memory.missed(handle);
        let newest =
            primary(service).and_then(|deployment| deployment.id()) == Some(handle.as_str());
        misses.is_power_of_two() && (!newest || misses >= 4)
    }
}
