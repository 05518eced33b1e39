//! What is there before a deployment starts: services, their task definitions, and whether they can be rolled back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ecs::types::{DeploymentRolloutState, Service, ServiceDeploymentStatus};
use backstay_domain::app::ServiceLocator;
use backstay_domain::definition::Definition;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::survey::{
    Activity, Balanced, Bounds, Breaker, DefinitionState, History, LiveService, ServiceCondition,
};
use backstay_domain::{DefinitionRef, RolloutHandle, ServiceName};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;

use super::condition::{condition, judges};
use super::describe::{count, newest_rollout};
use crate::aws::AwsCloud;
use crate::aws::definitions::is_active;
use crate::aws::error::{Call, failure, refusal};
use crate::pace::Category;

/// Calls in flight at once.
const AT_ONCE: usize = 8;

impl<T> AwsCloud<T> {
    /// The services that exist among `locators`.
    pub(in crate::aws) async fn survey_services(
        &self,
        locators: &[ServiceLocator],
    ) -> Result<BTreeMap<ServiceName, LiveService>, PortFailure> {
        let services = self
            .describe_services(&locators.iter().collect::<Vec<_>>())
            .await?;
        let newest: BTreeMap<&ServiceName, (RolloutHandle, DefinitionRef)> = services
            .iter()
            .filter_map(|(name, service)| Some((name, newest_rollout(service)?)))
            .collect();
        let distinct: BTreeSet<DefinitionRef> = newest
            .values()
            .map(|(_, definition)| definition.clone())
            .collect();
        let documents: BTreeMap<DefinitionRef, Arc<Value>> = stream::iter(distinct)
            .map(|definition| self.present_document(definition))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let histories: BTreeMap<&ServiceName, History> = stream::iter(services.iter())
            .map(async |(name, service)| Ok::<_, PortFailure>((name, self.history(service).await?)))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut live = BTreeMap::new();
        for (name, (rollout, definition)) in newest {
            let (Some(service), Some(document)) = (services.get(name), documents.get(&definition))
            else {
                continue;
            };
            let history = histories.get(name).copied().unwrap_or(History::Never);
            live.insert(
                name.clone(),
                live_service(service, rollout, definition, document, history),
            );
        }
        Ok(live)
    }

    /// Asked anew at every survey: a revision may have been deregistered since.
    async fn present_document(
        &self,
        definition: DefinitionRef,
    ) -> Result<(DefinitionRef, Arc<Value>), PortFailure> {
        let read = self.read_definition(definition.as_str()).await?;
        let missing = || {
            refusal(
                "ecs.DescribeTaskDefinition",
                FailureKind::NotFound,
                definition.short(),
            )
        };
        let document = Arc::new(read.ok_or_else(missing)?);
        self.memory
            .remember_document(&definition, Arc::clone(&document));
        Ok((definition, document))
    }

    /// ECS rolls back only to a completed rollout.
    async fn history(&self, service: &Service) -> Result<History, PortFailure> {
        let completed = Some(&DeploymentRolloutState::Completed);
        if service
            .deployments()
            .iter()
            .any(|deployment| deployment.rollout_state() == completed)
        {
            return Ok(History::Completed);
        }
        if condition(service, &Value::Null) != ServiceCondition::Active {
            return Ok(History::Never);
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
        Ok(if reply.service_deployments().is_empty() {
            History::Never
        } else {
            History::Completed
        })
    }
}

fn live_service(
    service: &Service,
    rollout: RolloutHandle,
    definition: DefinitionRef,
    document: &Value,
    history: History,
) -> LiveService {
    LiveService {
        condition: condition(service, document),
        definition_state: if is_active(document) {
            DefinitionState::Active
        } else {
            DefinitionState::Inactive
        },
        definition,
        document: Definition::new(document.clone()),
        rollout,
        activity: activity(service),
        history,
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        bounds: bounds(service),
        breaker: breaker(service),
        judges: judges(service),
        balanced: if service.load_balancers().is_empty() {
            Balanced::No
        } else {
            Balanced::Yes
        },
    }
}

fn activity(service: &Service) -> Activity {
    let running = Some(&DeploymentRolloutState::InProgress);
    let deployments = service.deployments();
    let rolling = deployments.len() > 1
        || deployments
            .iter()
            .any(|deployment| deployment.rollout_state() == running);
    if rolling {
        Activity::RollingOut
    } else {
        Activity::Settled
    }
}

/// ECS fills them in; its defaults for replicas are 100 and 200.
fn bounds(service: &Service) -> Bounds {
    let configuration = service.deployment_configuration();
    let percent = |found: Option<i32>, default: u32| found.map_or(default, count);
    Bounds {
        minimum_healthy_percent: percent(
            configuration.and_then(|c| c.minimum_healthy_percent()),
            100,
        ),
        maximum_percent: percent(configuration.and_then(|c| c.maximum_percent()), 200),
    }
}

fn breaker(service: &Service) -> Breaker {
    match service
        .deployment_configuration()
        .and_then(|c| c.deployment_circuit_breaker())
    {
        Some(breaker) if breaker.enable() && breaker.rollback() => Breaker::RollsBack,
        Some(breaker) if breaker.enable() => Breaker::Stops,
        Some(_) | None => Breaker::Off,
    }
}
