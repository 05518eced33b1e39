//! A service as DescribeServices, CreateService and UpdateService answer it (A7). Clients ask for it again and again: it is written as it
//! is read, and a tree is only made of it for whoever changes the tree.

use serde::Serialize;
use serde_json::Value;

use super::capacity::strategy_json;
use super::configuration::load_balancers_json;
use super::configuration_json::{ConfigurationShown, configuration};
use super::settings::{OfDeployment, OfService};
use super::tree;
use crate::base::agenda::ServiceKey;
use crate::base::arn::global_arn;
use crate::base::timings::visible_after_ms;
use crate::services::ecs::cluster::{LaunchType, StrategyItem};
use crate::services::ecs::service_event::Told;
use crate::services::ecs::state::Tag;
use crate::services::ecs::{Controller, Deployment, Rollout, Service};
use crate::wire::Seconds;
use crate::{Weather, World};

/// Whether a reply has a service's tags: DescribeServices only where they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    Shown,
    Hidden,
}

/// `service` of a reply.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceShown<'a> {
    #[serde(flatten)]
    settings: OfService<'a>,
    service_arn: &'a str,
    service_name: &'a str,
    cluster_arn: String,
    load_balancers: Value,
    status: &'static str,
    desired_count: u32,
    running_count: usize,
    pending_count: usize,
    platform_family: &'static str,
    task_definition: &'a str,
    deployment_configuration: ConfigurationShown<'a>,
    deployments: Vec<DeploymentShown<'a>>,
    events: Vec<EventShown<'a>>,
    created_at: Seconds,
    health_check_grace_period_seconds: u64,
    scheduling_strategy: &'static str,
    deployment_controller: ControllerShown,
    created_by: String,
    current_service_revisions: Vec<RevisionShown>,
    resource_management_type: &'static str,
    role_arn: String,
    #[serde(flatten)]
    launched: LaunchedShown,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_service_deployment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a [Tag]>,
}

#[derive(Serialize)]
struct ControllerShown {
    r#type: &'static str,
}

/// Either a launch type or a strategy [MODEL].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaunchedShown {
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_provider_strategy: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RevisionShown {
    arn: String,
    requested_task_count: usize,
    running_task_count: usize,
    pending_task_count: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventShown<'a> {
    id: &'a str,
    created_at: Seconds,
    message: Told<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentShown<'a> {
    #[serde(flatten)]
    settings: OfDeployment<'a>,
    id: String,
    task_definition: &'a str,
    failed_tasks: u32,
    created_at: Seconds,
    updated_at: Seconds,
    platform_family: &'static str,
    rollout_state: &'static str,
    rollout_state_reason: &'a str,
    #[serde(flatten)]
    launched: LaunchedShown,
    status: &'static str,
    desired_count: usize,
    running_count: usize,
    pending_count: usize,
}

impl World {
    /// `service` of a reply as a tree; `null` for an unknown one.
    pub(super) fn service_json(&self, key: &ServiceKey, tags: Tags) -> Value {
        let Some(service) = self.ecs.service(key) else {
            return Value::Null;
        };
        let mut shown = tree(&self.service_shown(service, tags));
        if service.controller == Controller::CodeDeploy
            && let Value::Object(members) = &mut shown
        {
            self.show_task_sets(members, key, service);
        }
        shown
    }

    /// `service` of a reply, unless its controller is CODE_DEPLOY.
    pub(super) fn service_shown<'a>(
        &'a self,
        service: &'a Service,
        tags: Tags,
    ) -> ServiceShown<'a> {
        let (running, pending) = self.ecs.counts(service, None);
        let current = match service.controller {
            Controller::CodeDeploy => None,
            Controller::Ecs => self.current_record_arn(service),
        };
        ServiceShown {
            settings: OfService(&service.settings),
            service_arn: &service.arn,
            service_name: &service.name,
            cluster_arn: self.ecs_arn(&format!("cluster/{}", service.cluster)),
            load_balancers: load_balancers_json(service),
            status: service.status.text(),
            desired_count: service.desired,
            running_count: running,
            pending_count: pending,
            platform_family: "Linux",
            task_definition: &service.definition.arn,
            deployment_configuration: configuration(service),
            deployments: self.deployments_shown(service),
            events: self.events_shown(service),
            created_at: Seconds(service.created_ms),
            health_check_grace_period_seconds: service.grace_ms / 1_000,
            scheduling_strategy: "REPLICA",
            deployment_controller: ControllerShown { r#type: "ECS" },
            created_by: global_arn("iam", &self.region, &self.account, "role/simulated"),
            current_service_revisions: self.current_revisions(service),
            resource_management_type: "CUSTOMER",
            role_arn: self.service_linked_role(),
            launched: launched(&service.strategy, service.launched),
            current_service_deployment: current,
            tags: (tags == Tags::Shown).then(|| self.tags_of(&service.arn)),
        }
    }

    fn service_linked_role(&self) -> String {
        let role = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
        global_arn("iam", &self.region, &self.account, role)
    }

    /// `arn:…:service-revision/CLUSTER/SERVICE/<digits>` (A7 [OBS]).
    pub(super) fn revision_arn(&self, service: &Service, digits: &str) -> String {
        self.ecs_arn(&format!(
            "service-revision/{}/{}/{digits}",
            service.cluster, service.name
        ))
    }

    /// `arn:…:service-deployment/CLUSTER/SERVICE/<id>` (A7 [DOC]).
    pub(super) fn record_arn(&self, service: &Service, id: &str) -> String {
        self.ecs_arn(&format!(
            "service-deployment/{}/{}/{id}",
            service.cluster, service.name
        ))
    }

    fn current_record_arn(&self, service: &Service) -> Option<String> {
        let visible_ms = self.now_ms.saturating_sub(visible_after_ms(self.weather));
        let id = &service.primary()?.record;
        let record = service
            .records
            .iter()
            .find(|record| record.id == *id && record.created_ms <= visible_ms)?;
        Some(self.record_arn(service, &record.id))
    }

    fn current_revisions(&self, service: &Service) -> Vec<RevisionShown> {
        let revisions = service.deployments.iter().map(|deployment| {
            let (requested, running, pending) =
                self.ecs.revision_counts(service, &deployment.digits);
            RevisionShown {
                arn: self.revision_arn(service, &deployment.digits),
                requested_task_count: requested,
                running_task_count: running,
                pending_task_count: pending,
            }
        });
        revisions.collect()
    }

    /// The first is PRIMARY, all others are ACTIVE (A7 [MODEL]).
    fn deployments_shown<'a>(&self, service: &'a Service) -> Vec<DeploymentShown<'a>> {
        let deployments = service
            .deployments
            .iter()
            .enumerate()
            .map(|(place, deployment)| {
                let (running, pending) = self.ecs.counts(service, Some(&deployment.digits));
                let status = match (place, deployment.rollout, self.weather) {
                    (0, ..) => "PRIMARY",
                    // Seen once, during a rollback (A7 [OBS]).
                    (_, Rollout::Failed, Weather::Rough) => "DRAINING",
                    (..) => "ACTIVE",
                };
                let revision = service.revisions.get(&deployment.digits);
                DeploymentShown {
                    settings: OfDeployment(revision.map(|revision| &revision.settings)),
                    id: deployment.id(),
                    task_definition: &deployment.definition.arn,
                    failed_tasks: deployment.failures,
                    created_at: Seconds(deployment.created_ms),
                    updated_at: Seconds(deployment.updated_ms),
                    platform_family: "Linux",
                    rollout_state: deployment.rollout.text(),
                    rollout_state_reason: &deployment.reason,
                    launched: launched(&deployment.strategy, service.launched),
                    status,
                    desired_count: desired(service, deployment, place, running + pending),
                    running_count: running,
                    pending_count: pending,
                }
            });
        deployments.collect()
    }

    fn events_shown<'a>(&self, service: &'a Service) -> Vec<EventShown<'a>> {
        let visible = service
            .events
            .newest_first()
            .filter(|event| event.at_ms <= self.now_ms);
        let events = visible.map(|event| EventShown {
            id: &event.id,
            created_at: Seconds(event.at_ms),
            message: event.what.told(&service.name),
        });
        events.collect()
    }
}

/// FAILED and outgoing deployments want no more than they have.
fn desired(service: &Service, deployment: &Deployment, place: usize, has: usize) -> usize {
    match (place, deployment.rollout) {
        (0, Rollout::InProgress | Rollout::Completed | Rollout::Failed) => service.requested(),
        (_, Rollout::Failed) => 0,
        (_, Rollout::InProgress | Rollout::Completed) => has,
    }
}

pub(super) fn launched(strategy: &[StrategyItem], launched: LaunchType) -> LaunchedShown {
    LaunchedShown {
        launch_type: strategy.is_empty().then(|| launched.text()),
        capacity_provider_strategy: (!strategy.is_empty()).then(|| strategy_json(strategy)),
    }
}
