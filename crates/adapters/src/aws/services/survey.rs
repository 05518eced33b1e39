//! What is there before a deployment starts: services, their task definitions, and whether they can be rolled back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ecs::types::{DeploymentRolloutState, Service};
use backstay_domain::app::ServiceLocator;
use backstay_domain::definition::Definition;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::survey::{
    Activity, Balanced, Bounds, Breaker, Completed, DefinitionState, History, LiveService,
    ServiceCondition,
};
use backstay_domain::traffic::Strategy;
use backstay_domain::{DefinitionRef, RolloutHandle, ServiceName};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;

use super::completed::LastCompleted;
use super::condition::{condition, judges};
use super::describe::{count, newest_rollout, primary};
use crate::aws::AwsCloud;
use crate::aws::definitions::is_active;
use crate::aws::error::refusal;

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
        let lasts: BTreeMap<&ServiceName, LastCompleted> = stream::iter(services.iter())
            .map(async |(name, service)| {
                let last = match condition(service, &Value::Null) {
                    ServiceCondition::Active => self.last_completed(service).await?,
                    ServiceCondition::Inactive
                    | ServiceCondition::Foreign(_)
                    | ServiceCondition::Unsupported(_) => LastCompleted::Never,
                };
                Ok::<_, PortFailure>((name, last))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let earlier = lasts.values().filter_map(|last| match last {
            LastCompleted::Earlier(definition) => Some(definition.clone()),
            LastCompleted::Newest | LastCompleted::Never => None,
        });
        let distinct: BTreeSet<DefinitionRef> = newest
            .values()
            .map(|(_, definition)| definition.clone())
            .chain(earlier)
            .collect();
        let documents: BTreeMap<DefinitionRef, Arc<Value>> = stream::iter(distinct)
            .map(|definition| self.present_document(definition))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut strategies = self.strategies(&services).await?;
        let mut live = BTreeMap::new();
        for (name, (rollout, definition)) in newest {
            let (Some(service), Some(document)) = (services.get(name), documents.get(&definition))
            else {
                continue;
            };
            let (history, completed) = match lasts.get(name) {
                Some(LastCompleted::Newest) => (History::Completed, None),
                Some(LastCompleted::Earlier(definition)) => {
                    let document = documents.get(definition);
                    let completed = document.map(|document| Completed {
                        definition: definition.clone(),
                        document: Definition::new(Value::clone(document)),
                    });
                    (History::Completed, completed)
                }
                Some(LastCompleted::Never) | None => (History::Never, None),
            };
            let found = live_service(service, rollout, definition, document, history);
            let strategy = strategies.remove(name).unwrap_or_default();
            let found = LiveService {
                completed,
                strategy,
                ..found
            };
            live.insert(name.clone(), found);
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
        completed: None,
        history,
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        bounds: bounds(service),
        breaker: breaker(service),
        judges: judges(service),
        strategy: Strategy::Rolling,
        balanced: if service.load_balancers().is_empty() {
            Balanced::No
        } else {
            Balanced::Yes
        },
    }
}

/// As many failed tasks are as many as ECS's own breaker needs at least [DOC]: such a rollout does not end by waiting.
const FAILING: i32 = 3;

/// Tasks that still drain, and deployments that were replaced, are nobody's rollout: ECS takes a new one at any time.
fn activity(service: &Service) -> Activity {
    let Some(newest) = primary(service) else {
        return Activity::Settled;
    };
    match newest.rollout_state() {
        Some(DeploymentRolloutState::Failed) => Activity::Failed,
        Some(DeploymentRolloutState::InProgress) if newest.failed_tasks() >= FAILING => {
            Activity::Failed
        }
        Some(DeploymentRolloutState::InProgress) => Activity::RollingOut,
        Some(_) | None => Activity::Settled,
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
