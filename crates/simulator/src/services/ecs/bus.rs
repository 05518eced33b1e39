//! What ECS tells EventBridge (A8 [DOC]): deployments, services, tasks. Times are ISO texts there, not numbers.

use serde_json::json;

use super::service_event::Happening;
use crate::World;
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::services::events::Detail;
use crate::wire::iso8601;

/// One event about a service.
struct ServiceTelling {
    detail_type: &'static str,
    event_type: &'static str,
    event_name: &'static str,
    /// `ecs-svc/<digits>`, for events about a deployment.
    deployment: Option<String>,
    reason: Option<String>,
}

impl ServiceTelling {
    fn deployment(event_type: &'static str, event_name: &'static str, digits: &str) -> Self {
        Self {
            detail_type: "ECS Deployment State Change",
            event_type,
            event_name,
            deployment: Some(format!("ecs-svc/{digits}")),
            reason: None,
        }
    }

    fn action(
        event_type: &'static str,
        event_name: &'static str,
        reason: Option<&'static str>,
    ) -> Self {
        Self {
            detail_type: "ECS Service Action",
            event_type,
            event_name,
            deployment: None,
            reason: reason.map(str::to_owned),
        }
    }
}

impl World {
    /// A service event is told to EventBridge too, if it is one of those that are.
    pub(super) fn tell_happening(&mut self, key: &ServiceKey, what: &Happening) {
        let telling = match what {
            Happening::Completed { digits } => {
                ServiceTelling::deployment("INFO", "SERVICE_DEPLOYMENT_COMPLETED", digits)
            }
            Happening::RollingBack { digits } => {
                ServiceTelling::deployment("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", digits)
            }
            // Only with a circuit breaker or alarms [DOC].
            Happening::DeploymentFailed { digits, .. } if self.detects_failures(key) => {
                ServiceTelling::deployment("ERROR", "SERVICE_DEPLOYMENT_FAILED", digits)
            }
            Happening::Steady => ServiceTelling::action("INFO", "SERVICE_STEADY_STATE", None),
            Happening::CannotStart => {
                ServiceTelling::action("WARN", "SERVICE_TASK_START_IMPAIRED", None)
            }
            Happening::CannotPlace { reason } if reason.starts_with("Capacity") => {
                ServiceTelling::action(
                    "ERROR",
                    "SERVICE_TASK_PLACEMENT_FAILURE",
                    Some("RESOURCE:FARGATE"),
                )
            }
            _ => return,
        };
        self.tell_service(key, telling);
    }

    /// A deployment has begun.
    pub(super) fn tell_deployment_begun(&mut self, key: &ServiceKey, digits: &str) {
        let telling = ServiceTelling::deployment("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", digits);
        self.tell_service(key, telling);
    }

    /// A task has come into another state.
    pub(crate) fn tell_task(&mut self, serial: TaskSerial) {
        if let Some(task) = self.ecs.task_mut(serial) {
            task.version += 1;
        }
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let arn = task.arn.clone();
        let detail = Detail::of(&self.task_told(task));
        self.tell("aws.ecs", "ECS Task State Change", vec![arn], detail);
    }

    fn tell_service(&mut self, key: &ServiceKey, telling: ServiceTelling) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let at = iso8601(self.now_ms);
        let mut detail = json!({
            "eventType": telling.event_type,
            "eventName": telling.event_name,
        });
        match &telling.deployment {
            Some(id) => {
                let known = service
                    .deployments
                    .iter()
                    .find(|deployment| deployment.id() == *id);
                detail["deploymentId"] = json!(id);
                detail["updatedAt"] = json!(at);
                detail["reason"] = json!(known.map(|deployment| deployment.reason.clone()));
            }
            None => {
                detail["clusterArn"] = json!(self.ecs_arn(&format!("cluster/{}", service.cluster)));
                detail["createdAt"] = json!(at);
                if let Some(reason) = &telling.reason {
                    detail["reason"] = json!(reason);
                }
            }
        }
        let resources = vec![service.arn.clone()];
        let detail = Detail::of(&detail);
        self.tell("aws.ecs", telling.detail_type, resources, detail);
    }

    fn detects_failures(&self, key: &ServiceKey) -> bool {
        self.ecs
            .service(key)
            .is_some_and(|service| service.breaker.enable || service.alarms.enable)
    }
}
