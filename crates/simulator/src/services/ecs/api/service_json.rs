//! A service as DescribeServices, CreateService and UpdateService answer it (A7).

use serde_json::{Map, Value, json};

use super::capacity::strategy_json;
use super::configuration::{configuration_json, load_balancers_json};
use super::settings;
use crate::base::agenda::ServiceKey;
use crate::base::arn::global_arn;
use crate::base::timings::visible_after_ms;
use crate::services::ecs::cluster::{LaunchType, StrategyItem};
use crate::services::ecs::{Controller, Deployment, Rollout, Service};
use crate::wire::seconds;
use crate::{Weather, World};

impl World {
    /// `service` of a reply; `null` for an unknown one.
    pub(super) fn service_json(&self, key: &ServiceKey, with_tags: bool) -> Value {
        let Some(service) = self.ecs.service(key) else {
            return Value::Null;
        };
        let (running, pending) = self.ecs.counts(service, None);
        let mut members: Map<String, Value> = settings::shown(&service.settings);
        let fixed = json!({
            "serviceArn": service.arn,
            "serviceName": service.name,
            "clusterArn": self.ecs_arn(&format!("cluster/{}", service.cluster)),
            "loadBalancers": load_balancers_json(service),
            "status": service.status.text(),
            "desiredCount": service.desired,
            "runningCount": running,
            "pendingCount": pending,
            "platformFamily": "Linux",
            "taskDefinition": service.definition.arn,
            "deploymentConfiguration": configuration_json(service),
            "deployments": self.deployments_json(service),
            "events": self.events_json(service),
            "createdAt": seconds(service.created_ms),
            "healthCheckGracePeriodSeconds": service.grace_ms / 1_000,
            "schedulingStrategy": "REPLICA",
            "deploymentController": { "type": "ECS" },
            "createdBy": global_arn("iam", &self.region, &self.account, "role/simulated"),
            "currentServiceRevisions": self.current_revisions_json(service),
            "resourceManagementType": "CUSTOMER",
        });
        if let Value::Object(fixed) = fixed {
            members.extend(fixed);
        }
        members.insert("roleArn".to_owned(), json!(self.service_linked_role()));
        launch(&mut members, &service.strategy, service.launched);
        if service.controller == Controller::CodeDeploy {
            self.show_task_sets(&mut members, key, service);
        } else if let Some(arn) = self.current_record_arn(service) {
            members.insert("currentServiceDeployment".to_owned(), json!(arn));
        }
        if with_tags {
            members.insert("tags".to_owned(), self.tags_json(&service.arn));
        }
        Value::Object(members)
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

    fn current_revisions_json(&self, service: &Service) -> Value {
        let revisions = service.deployments.iter().map(|deployment| {
            let (requested, running, pending) =
                self.ecs.revision_counts(service, &deployment.digits);
            json!({
                "arn": self.revision_arn(service, &deployment.digits),
                "requestedTaskCount": requested,
                "runningTaskCount": running,
                "pendingTaskCount": pending,
            })
        });
        revisions.collect()
    }

    /// The first is PRIMARY, all others are ACTIVE (A7 [MODEL]).
    fn deployments_json(&self, service: &Service) -> Value {
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
                let mut members = deployment_json(service, deployment);
                members["status"] = json!(status);
                members["desiredCount"] =
                    json!(desired(service, deployment, place, running + pending));
                members["runningCount"] = json!(running);
                members["pendingCount"] = json!(pending);
                members
            });
        deployments.collect()
    }

    fn events_json(&self, service: &Service) -> Value {
        let visible = service
            .events
            .newest_first()
            .filter(|event| event.at_ms <= self.now_ms);
        let events = visible.map(|event| {
            json!({
                "id": event.id,
                "createdAt": seconds(event.at_ms),
                "message": event.what.text(&service.name),
            })
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

fn deployment_json(service: &Service, deployment: &Deployment) -> Value {
    let revision = service.revisions.get(&deployment.digits);
    let settings = revision.map(|revision| revision.settings.clone());
    let mut members: Map<String, Value> = settings.into_iter().flatten().collect();
    // Only the service has them [MODEL].
    members.remove("serviceRegistries");
    let fixed = json!({
        "id": deployment.id(),
        "taskDefinition": deployment.definition.arn,
        "failedTasks": deployment.failures,
        "createdAt": seconds(deployment.created_ms),
        "updatedAt": seconds(deployment.updated_ms),
        "platformFamily": "Linux",
        "rolloutState": deployment.rollout.text(),
        "rolloutStateReason": deployment.reason,
    });
    if let Value::Object(fixed) = fixed {
        members.extend(fixed);
    }
    launch(&mut members, &deployment.strategy, service.launched);
    Value::Object(members)
}

/// Either a launch type or a strategy [MODEL].
pub(super) fn launch(
    members: &mut Map<String, Value>,
    strategy: &[StrategyItem],
    launched: LaunchType,
) {
    let (name, value) = match strategy {
        [] => ("launchType", json!(launched.text())),
        strategy => ("capacityProviderStrategy", strategy_json(strategy)),
    };
    members.insert(name.to_owned(), value);
}
