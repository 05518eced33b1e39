//! DescribeTaskSets, and how a service with controller CODE_DEPLOY differs in its answers (E).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::lookup::{self, invalid};
use crate::base::agenda::ServiceKey;
use crate::services::ecs::arn::last_part;
use crate::services::ecs::{Controller, Deployment, NewTaskSet, Service, TaskSet, TaskSetStatus};
use crate::wire::seconds;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeTaskSets {
    cluster: String,
    service: String,
    task_sets: Option<Vec<String>>,
    include: Option<Vec<String>>,
}

/// All of a service, or those that are named; a missing one is a failure inside a 200 [MODEL].
pub(super) fn describe(world: &World, request: &DescribeTaskSets) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, Some(&request.cluster))?;
    let key = lookup::active_service(world, &cluster, &request.service)?;
    let Some(service) = world.ecs.service(&key) else {
        return Ok(json!({}));
    };
    if service.controller != Controller::CodeDeploy {
        // Its text is from memory [MEM].
        return Err(invalid(
            "Amazon ECS only supports task set management on services configured to use external deployment controllers.",
        ));
    }
    let with_tags = request.include.iter().flatten().any(|part| part == "TAGS");
    let all = service.deployments.iter().filter_map(|deployment| {
        let mut set = world.task_set_json(&key, service, deployment)?;
        if with_tags {
            set["tags"] = json!([]);
        }
        Some((deployment, set))
    });
    let Some(named) = request.task_sets.as_ref().filter(|named| !named.is_empty()) else {
        let sets: Vec<Value> = all.map(|(_, set)| set).collect();
        return Ok(json!({ "taskSets": sets, "failures": [] }));
    };
    let all: Vec<_> = all.collect();
    let (mut sets, mut failures) = (Vec::new(), Vec::new());
    for name in named {
        let digits = last_part(name);
        match all
            .iter()
            .find(|(deployment, _)| deployment.digits == digits)
        {
            Some((_, set)) => sets.push(set.clone()),
            None => {
                failures.push(
                    json!({ "arn": world.task_set_arn(service, digits), "reason": "MISSING" }),
                );
            }
        }
    }
    Ok(json!({ "taskSets": sets, "failures": failures }))
}

/// One target group, no breaker, no alarms of its own: what CODE_DEPLOY asks of a service. The texts are [INF].
pub(super) fn fit_for_task_sets(service: &Service) -> Result<(), ApiError> {
    if service.load_balancers.len() != 1 {
        return Err(invalid(
            "Services with a CODE_DEPLOY deployment controller must have exactly one target group.",
        ));
    }
    if service.breaker.enable {
        return Err(invalid(
            "Deployment circuit breaker is only supported with the ECS deployment controller.",
        ));
    }
    if service.alarms.enable {
        return Err(invalid(
            "Deployment alarms are only supported with the ECS deployment controller.",
        ));
    }
    Ok(())
}

impl World {
    /// CreateService makes the PRIMARY task set itself: it has neither startedBy nor externalId [OBS].
    pub(super) fn first_task_set(&mut self, key: &ServiceKey) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let Some(balancer) = service.load_balancers.first().cloned() else {
            return;
        };
        let shared = ["networkConfiguration", "platformVersion"];
        let settings = shared.iter().filter_map(|name| {
            let value = service.settings.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        });
        let new = NewTaskSet {
            definition: service.definition.clone(),
            status: TaskSetStatus::Primary,
            balancer,
            external_id: None,
            settings: settings.collect(),
        };
        self.create_task_set(key, new);
    }

    /// `deployments` "is used only when a service uses the ECS deployment controller type": empty, so `services-stable` never
    /// finds the one it waits for (A7 [MODEL]).
    pub(super) fn show_task_sets(
        &self,
        members: &mut Map<String, Value>,
        key: &ServiceKey,
        service: &Service,
    ) {
        let sets = service
            .deployments
            .iter()
            .filter_map(|deployment| self.task_set_json(key, service, deployment));
        let sets: Vec<Value> = sets.collect();
        members.insert("taskSets".to_owned(), json!(sets));
        members.insert("deployments".to_owned(), json!([]));
        members.insert(
            "deploymentController".to_owned(),
            json!({ "type": service.controller.text() }),
        );
        members.insert(
            "deploymentConfiguration".to_owned(),
            json!({
                "maximumPercent": service.maximum_percent,
                "minimumHealthyPercent": service.minimum_healthy_percent,
            }),
        );
        members.remove("currentServiceRevisions");
    }

    fn task_set_json(
        &self,
        key: &ServiceKey,
        service: &Service,
        deployment: &Deployment,
    ) -> Option<Value> {
        let set = deployment.task_set.as_ref()?;
        let (running, pending) = self.ecs.counts(service, Some(&deployment.digits));
        let steady = self.task_set_is_steady(key, &deployment.digits);
        let mut members: Map<String, Value> = set.settings.clone().into_iter().collect();
        let fixed = json!({
            "id": deployment.id(),
            "taskSetArn": self.task_set_arn(service, &deployment.digits),
            "serviceArn": service.arn,
            "clusterArn": self.ecs_arn(&format!("cluster/{}", service.cluster)),
            "status": set.status.text(),
            "taskDefinition": deployment.definition.arn,
            "computedDesiredCount": set.computed_desired(service.desired),
            "pendingCount": pending,
            "runningCount": running,
            "createdAt": seconds(deployment.created_ms),
            "updatedAt": seconds(deployment.updated_ms),
            "launchType": "FARGATE",
            "platformFamily": "Linux",
            "loadBalancers": [balancer_json(set)],
            "serviceRegistries": [],
            "scale": { "value": f64::from(set.scale_percent()), "unit": "PERCENT" },
            "stabilityStatus": if steady { "STEADY_STATE" } else { "STABILIZING" },
            "stabilityStatusAt": seconds(self.now_ms),
        });
        if let Value::Object(fixed) = fixed {
            members.extend(fixed);
        }
        if let Some(id) = &set.external_id {
            members.insert("externalId".to_owned(), json!(id));
            members.insert("startedBy".to_owned(), json!("CODE_DEPLOY"));
        }
        Some(Value::Object(members))
    }

    /// `arn:…:task-set/CLUSTER/SERVICE/ecs-svc/<digits>` [DOC].
    fn task_set_arn(&self, service: &Service, digits: &str) -> String {
        self.ecs_arn(&format!(
            "task-set/{}/{}/ecs-svc/{digits}",
            service.cluster, service.name
        ))
    }
}

fn balancer_json(set: &TaskSet) -> Value {
    json!({
        "targetGroupArn": set.balancer.group_arn,
        "containerName": set.balancer.container_name,
        "containerPort": set.balancer.container_port,
    })
}
