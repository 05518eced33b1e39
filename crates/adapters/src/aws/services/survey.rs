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

use super::code_deploy::Deployer;
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
        let all = services.values();
        if all.map(Deployer::of).any(|by| by == Deployer::CodeDeploy) {
            self.look_for_groups().await?;
        }
        let looked: BTreeMap<&ServiceName, Looked> = stream::iter(services.iter())
            .map(async |(name, service)| {
                let looked = self.look_at(service).await?;
                Ok::<_, PortFailure>(looked.map(|looked| (name, looked)))
            })
            .buffer_unordered(AT_ONCE)
            .try_filter_map(async |looked| Ok(looked))
            .try_collect()
            .await?;
        let definitions = looked.values().flat_map(|looked| {
            let earlier = match &looked.last {
                LastCompleted::Earlier(definition) => Some(definition.clone()),
                LastCompleted::Newest | LastCompleted::Never => None,
            };
            earlier.into_iter().chain([looked.definition.clone()])
        });
        let distinct: BTreeSet<DefinitionRef> = definitions.collect();
        let documents: BTreeMap<DefinitionRef, Arc<Value>> = stream::iter(distinct)
            .map(|definition| self.present_document(definition))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut live = BTreeMap::new();
        for (name, looked) in looked {
            let document = documents.get(&looked.definition);
            let (Some(service), Some(document)) = (services.get(name), document) else {
                continue;
            };
            let (history, completed) = match &looked.last {
                LastCompleted::Newest => (History::Completed, None),
                LastCompleted::Earlier(definition) => {
                    let document = documents.get(definition);
                    let completed = document.map(|document| Completed {
                        definition: definition.clone(),
                        document: Definition::new(Value::clone(document)),
                    });
                    (History::Completed, completed)
                }
                LastCompleted::Never => (History::Never, None),
            };
            let found = live_service(service, looked, document, history);
            live.insert(name.clone(), LiveService { completed, ..found });
        }
        Ok(live)
    }

    /// Nothing where it has no rollout.
    async fn look_at(&self, service: &Service) -> Result<Option<Looked>, PortFailure> {
        let condition = condition(service, &Value::Null);
        if Deployer::of(service) == Deployer::CodeDeploy && condition == ServiceCondition::Active {
            return self.look_at_code_deploy(service).await;
        }
        let Some((rollout, definition)) = newest_rollout(service) else {
            return Ok(None);
        };
        let last = match condition {
            ServiceCondition::Active => self.last_completed(service).await?,
            ServiceCondition::Inactive
            | ServiceCondition::Foreign(_)
            | ServiceCondition::Unsupported(_) => LastCompleted::Never,
        };
        Ok(Some(Looked {
            rollout,
            definition,
            last,
            activity: activity(service),
            strategy: self.strategy(service).await?,
            breaker: breaker(service),
            alarms: Vec::new(),
            unsupported: None,
        }))
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

/// What only a look tells of a service, by whoever deploys it.
pub(super) struct Looked {
    /// Its newest rollout.
    pub(super) rollout: RolloutHandle,
    /// What that runs.
    pub(super) definition: DefinitionRef,
    /// What completed last.
    pub(super) last: LastCompleted,
    /// Where the newest rollout stands.
    pub(super) activity: Activity,
    /// How its traffic moves.
    pub(super) strategy: Strategy,
    /// What ends a deployment that fails.
    pub(super) breaker: Breaker,
    /// Alarms that end a deployment, beside those that the service names.
    pub(super) alarms: Vec<String>,
    /// Why it cannot be deployed, where its deployer says so.
    pub(super) unsupported: Option<String>,
}

fn live_service(
    service: &Service,
    looked: Looked,
    document: &Value,
    history: History,
) -> LiveService {
    let mut judges = judges(service);
    judges.alarms.extend(looked.alarms);
    let unsupported = looked.unsupported.map(ServiceCondition::Unsupported);
    LiveService {
        condition: unsupported.unwrap_or_else(|| condition(service, document)),
        definition_state: if is_active(document) {
            DefinitionState::Active
        } else {
            DefinitionState::Inactive
        },
        definition: looked.definition,
        document: Definition::new(document.clone()),
        rollout: looked.rollout,
        activity: looked.activity,
        completed: None,
        history,
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        bounds: bounds(service),
        breaker: looked.breaker,
        judges,
        strategy: looked.strategy,
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
