//! DescribeTasks, and a task as every reply shows it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::list_tasks::is_visible;
use super::lookup::{self, within};
use crate::services::ecs::arn::last_part;
use crate::services::ecs::task::ContainerState;
use crate::services::ecs::{Task, TaskStatus};
use crate::wire::seconds;
use crate::{ApiError, Millis, World};

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
            "overrides": overrides(task),
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "tags": [],
            "version": task.version,
            "ephemeralStorage": storage(task),
            "fargateEphemeralStorage": storage(task),
        });
        // The agent speaks once the task has its interface; real answers have the moment of its creation, or some seconds later.
        if task.status != TaskStatus::Provisioning {
            members["connectivity"] = json!("CONNECTED");
            members["connectivityAt"] = seconds(task.times.created);
        }
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
            "lastStatus": container_status(task, container, self.now_ms),
            "networkBindings": [],
            "networkInterfaces": [{ "attachmentId": format!("eni-{}", &task.id[..8]), "privateIpv4Address": task.ip }],
            "healthStatus": self.health_text(task),
            "cpu": defined(task, container, "cpu").unwrap_or_else(|| "0".to_owned()),
        });
        if let Some(memory) = defined(task, container, "memory") {
            members["memory"] = json!(memory);
        }
        if task.times.pull_stopped.is_some() {
            members["runtimeId"] = json!(runtime_id(task, container));
        }
        if let Some(digest) = &container.digest {
            members["imageDigest"] = json!(digest);
        }
        if let Some(code) = container.code_at(self.now_ms) {
            members["exitCode"] = json!(code);
        }
        if let Some(reason) = &container.reason {
            members["reason"] = json!(reason);
        }
        members
    }
}

/// A number of a container's definition, as text.
fn defined(task: &Task, container: &ContainerState, member: &str) -> Option<String> {
    let containers = task.definition.document.get("containerDefinitions")?;
    let mut containers = containers.as_array()?.iter();
    let defined = containers.find(|one| one["name"] == container.name.as_str())?;
    defined
        .get(member)?
        .as_u64()
        .map(|number| number.to_string())
}

/// The task's id and ten digits, which are the same for containers of the same name.
fn runtime_id(task: &Task, container: &ContainerState) -> String {
    let sum = container.name.bytes().fold(2_166_136_261_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    format!("{}-{sum:010}", task.id)
}

/// Every container is listed, also one that nothing is replaced of.
fn overrides(task: &Task) -> Value {
    let mut overrides = task.overrides.clone();
    let Some(members) = overrides.as_object_mut() else {
        return overrides;
    };
    let empty = || json!([]);
    let listed = members.entry("containerOverrides").or_insert_with(empty);
    if let Some(listed) = listed.as_array_mut() {
        for container in &task.containers {
            if !listed
                .iter()
                .any(|one| one["name"] == container.name.as_str())
            {
                listed.push(json!({ "name": container.name }));
            }
        }
    }
    members
        .entry("inferenceAcceleratorOverrides")
        .or_insert_with(empty);
    overrides
}

/// 20 GiB, unless the definition says more.
fn storage(task: &Task) -> Value {
    let defined = task.definition.document.get("ephemeralStorage").cloned();
    defined.unwrap_or_else(|| json!({ "sizeInGiB": 20 }))
}

fn container_status(task: &Task, container: &ContainerState, now_ms: Millis) -> &'static str {
    match task.status {
        TaskStatus::Stopped | TaskStatus::Deprovisioning => "STOPPED",
        _ if container.code_at(now_ms).is_some() => "STOPPED",
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
            { "name": "macAddress", "value": mac_address(task) },
            { "name": "privateDnsName", "value": format!("ip-{}.{}.compute.internal", task.ip.replace('.', "-"), region(task)) },
            { "name": "privateIPv4Address", "value": task.ip },
        ],
    })
}

/// A locally administered address, made of the task's id.
fn mac_address(task: &Task) -> String {
    let pairs = (0..5).filter_map(|at| task.id.get(at * 2..at * 2 + 2));
    let pairs: Vec<&str> = std::iter::once("02").chain(pairs).collect();
    pairs.join(":")
}

/// The Region that the task's ARN names.
fn region(task: &Task) -> &str {
    task.arn.split(':').nth(3).unwrap_or_default()
}
