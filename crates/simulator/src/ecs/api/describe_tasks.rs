//! DescribeTasks, and a task as every reply shows it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::list_tasks::is_visible;
use super::lookup::{self, within};
use crate::ecs::arn::last_part;
use crate::ecs::task::ContainerState;
use crate::ecs::{Task, TaskStatus};
use crate::wire::seconds;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeTasks {
    cluster: Option<String>,
    tasks: Vec<String>,
    include: Option<Vec<String>>,
}

/// At most 100; a task that is unknown, or too new to be known, is a failure inside a 200.
pub(super) fn describe(world: &World, request: &DescribeTasks) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    within("Tasks", &request.tasks, 100)?;
    let with_tags = request.include.iter().flatten().any(|part| part == "TAGS");
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for id_or_arn in &request.tasks {
        let task =
            lookup::task(world, &cluster, id_or_arn).and_then(|serial| world.ecs.task(serial));
        match task.filter(|task| is_visible(world, task)) {
            Some(task) => {
                let mut members = world.task_json(task);
                if with_tags {
                    members["tags"] = world.tags_json(&task.arn);
                }
                tasks.push(members);
            }
            None => {
                let arn = world.ecs_arn(&format!("task/{cluster}/{}", last_part(id_or_arn)));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "tasks": tasks, "failures": failures }))
}

impl World {
    /// `task` of a reply.
    pub(crate) fn task_json(&self, task: &Task) -> Value {
        let containers = task
            .containers
            .iter()
            .map(|container| self.container_json(task, container));
        let mut members = json!({
            "taskArn": task.arn,
            "taskDefinitionArn": task.definition.arn,
            "clusterArn": self.ecs_arn(&format!("cluster/{}", task.cluster)),
            "availabilityZone": format!("{}{}", self.region, if task.serial.is_multiple_of(2) { "a" } else { "b" }),
            "attachments": [attachment(task)],
            "attributes": [{ "name": "ecs.cpu-architecture", "value": "x86_64" }],
            "containers": containers.collect::<Vec<Value>>(),
            "cpu": task.definition.cpu,
            "memory": task.definition.memory,
            "createdAt": seconds(task.times.created),
            "desiredStatus": if task.told_to_stop { "STOPPED" } else { "RUNNING" },
            "lastStatus": task.status.text(),
            "enableExecuteCommand": false,
            "group": task.group,
            "healthStatus": self.health_text(task),
            "launchType": "FARGATE",
            "overrides": task.overrides,
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "tags": [],
            "version": task.version,
        });
        let times = [
            ("pullStartedAt", task.times.pull_started),
            ("pullStoppedAt", task.times.pull_stopped),
            ("startedAt", task.times.started),
            ("stoppingAt", task.times.stopping),
            ("executionStoppedAt", task.times.execution_stopped),
            ("stoppedAt", task.times.stopped),
        ];
        for (name, at_ms) in times
            .into_iter()
            .filter_map(|(name, at_ms)| Some((name, at_ms?)))
        {
            members[name] = seconds(at_ms);
        }
        let texts = [
            ("startedBy", task.started_by.as_deref()),
            ("stopCode", task.stop_code.map(|code| code.text())),
            ("stoppedReason", task.stopped_reason.as_deref()),
        ];
        if let Some(provider) = task.provider {
            members["capacityProviderName"] = json!(provider.text());
        }
        for (name, text) in texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)))
        {
            members[name] = json!(text);
        }
        members
    }

    fn health_text(&self, task: &Task) -> &'static str {
        if task.definition.health_check().is_some() {
            task.health.text()
        } else {
            "UNKNOWN"
        }
    }

    fn container_json(&self, task: &Task, container: &ContainerState) -> Value {
        let mut members = json!({
            "containerArn": self.ecs_arn(&format!("container/{}/{}/{}", task.cluster, task.id, container.id)),
            "taskArn": task.arn,
            "name": container.name,
            "image": container.image,
            "lastStatus": container_status(task, container),
            "networkInterfaces": [{ "attachmentId": format!("eni-{}", &task.id[..8]), "privateIpv4Address": task.ip }],
            "healthStatus": self.health_text(task),
            "cpu": "0",
        });
        if let Some(digest) = &container.digest {
            members["imageDigest"] = json!(digest);
        }
        if let Some(code) = container.exit_code {
            members["exitCode"] = json!(code);
        }
        if let Some(reason) = &container.reason {
            members["reason"] = json!(reason);
        }
        members
    }
}

fn container_status(task: &Task, container: &ContainerState) -> &'static str {
    match task.status {
        TaskStatus::Stopped | TaskStatus::Deprovisioning => "STOPPED",
        _ if container.exit_code.is_some() => "STOPPED",
        TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => "PENDING",
        TaskStatus::Running | TaskStatus::Deactivating | TaskStatus::Stopping => "RUNNING",
    }
}

fn attachment(task: &Task) -> Value {
    let status = match task.status {
        TaskStatus::Provisioning => "PRECREATED",
        TaskStatus::Stopped => "DELETED",
        _ => "ATTACHED",
    };
    json!({
        "id": format!("eni-{}", &task.id[..8]),
        "type": "ElasticNetworkInterface",
        "status": status,
        "details": [
            { "name": "subnetId", "value": "subnet-5b1a7a11" },
            { "name": "networkInterfaceId", "value": format!("eni-{}", &task.id[..17]) },
            { "name": "privateIPv4Address", "value": task.ip },
        ],
    })
}
