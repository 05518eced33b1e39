//! Who of a service's witnesses may not be asked: the very operations that `watch` and `tasks` ask, also of what is not there yet.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::{DesiredStatus, Service};
use backstay_domain::ServiceName;
use backstay_domain::app::ServiceLocator;
use backstay_domain::ports::PortFailure;
use backstay_domain::verdict::WitnessKind;
use futures_util::stream::{self, StreamExt};

use super::code_deploy::Deployer;
use crate::aws::AwsCloud;
use crate::aws::error::heard;

/// Services that are asked for at once.
const AT_ONCE: usize = 8;

/// The id of no task.
const NO_TASK: &str = "00000000000000000000000000000000";
/// The id of no record.
const NO_RECORD: &str = "000000000000000000000";

impl<T> AwsCloud<T> {
    /// The witnesses of these services that could not be asked.
    pub(in crate::aws) async fn unheard_witnesses(
        &self,
        locators: &[ServiceLocator],
    ) -> BTreeMap<(ServiceName, WitnessKind), PortFailure> {
        let all: Vec<&ServiceLocator> = locators.iter().collect();
        let services = match self.describe_services(&all).await {
            Ok(services) => services,
            Err(failure) => {
                let names = locators.iter().map(|locator| locator.name.clone());
                let rollout = |name| ((name, WitnessKind::Rollout), failure.clone());
                return names.map(rollout).collect();
            }
        };
        let there = all
            .into_iter()
            .filter_map(|locator| Some((locator, services.get(&locator.name)?)));
        let asked = stream::iter(there)
            .map(async |(locator, service)| {
                let found = [
                    (WitnessKind::Rollout, self.ask_record(service).await),
                    (WitnessKind::Tasks, self.ask_tasks(locator).await),
                    (
                        WitnessKind::Targets,
                        self.targets_of(service).await.map(|_| ()),
                    ),
                ];
                let failed = found.into_iter().filter_map(|(kind, answer)| {
                    let failure = answer.err()?;
                    Some(((locator.name.clone(), kind), failure))
                });
                failed.collect::<Vec<_>>()
            })
            .buffer_unordered(AT_ONCE)
            .concat()
            .await;
        asked.into_iter().collect()
    }

    async fn ask_record(&self, service: &Service) -> Result<(), PortFailure> {
        if Deployer::of(service) == Deployer::CodeDeploy {
            return self.ask_code_deploy(service).await;
        }
        let arn = match service.current_service_deployment() {
            Some(arn) => Some(arn.to_owned()),
            None => service.service_arn().map(no_record),
        };
        let arns: BTreeSet<String> = arn.into_iter().collect();
        heard(self.describe_records(&arns).await.map(|_| ()))
    }

    async fn ask_tasks(&self, locator: &ServiceLocator) -> Result<(), PortFailure> {
        let running = self.tasks_of(locator, DesiredStatus::Running).await?;
        if !running.is_empty() {
            return Ok(());
        }
        let none = [NO_TASK.to_owned()];
        let described = self.describe_tasks(&locator.cluster, &none).await;
        heard(described.map(|_| ()))
    }
}

/// The ARN that a record of a service would have: permissions are given by it.
fn no_record(service: &str) -> String {
    let of = service.replacen(":service/", ":service-deployment/", 1);
    format!("{of}/{NO_RECORD}")
}

#[cfg(test)]
mod tests {
    use super::no_record;

    #[test]
    fn a_record_that_is_not_there_is_one_of_the_service() {
        assert_eq!(
            no_record("arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service/shop/shop-auth"),
            "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service-deployment/shop/shop-auth/000000000000000000000"
        );
    }
}
