//! A task as every reply shows it, and as EventBridge is told of it: written as it is read.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::tree;
use crate::services::ecs::state::Tag;
use crate::services::ecs::task::ContainerState;
use crate::services::ecs::{Task, TaskStatus};
use crate::wire::{Seconds, iso8601};
use crate::{Millis, World};

/// How moments are written: ECS's API has epoch seconds, EventBridge ISO texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Api,
    Event,
}

/// A moment.
#[derive(Clone, Copy, Debug)]
struct At(Millis, Manner);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self(at_ms, Manner::Api) => Seconds(*at_ms).serialize(serializer),
            Self(at_ms, Manner::Event) => serializer.serialize_str(&iso8601(*at_ms)),
        }
    }
}

/// `task` of a reply.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskShown<'a> {
    task_arn: &'a str,
    task_definition_arn: &'a str,
    cluster_arn: String,
    availability_zone: String,
    attachments: [Attachment<'a>; 1],
    attributes: [Named<'static>; 1],
    containers: Vec<ContainerShown<'a>>,
    cpu: &'a str,
    memory: &'a str,
    created_at: At,
    desired_status: &'static str,
    last_status: &'static str,
    enable_execute_command: bool,
    group: &'a str,
    health_status: &'static str,
    launch_type: &'static str,
    overrides: Value,
    platform_version: &'static str,
    platform_family: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a [Tag]>,
    version: u32,
    ephemeral_storage: Value,
    fargate_ephemeral_storage: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    connectivity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connectivity_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pull_started_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pull_stopped_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopping_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_stopped_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_provider_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<At>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    id: String,
    r#type: &'static str,
    status: &'static str,
    details: [Detail<'a>; 5],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Known(Named<'a>),
    Made { name: &'static str, value: String },
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContainerShown<'a> {
    container_arn: String,
    task_arn: &'a str,
    name: &'a str,
    image: &'a str,
    last_status: &'static str,
    network_bindings: [u8; 0],
    network_interfaces: [Interface<'a>; 1],
    health_status: &'static str,
    cpu: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Interface<'a> {
    attachment_id: String,
    private_ipv4_address: &'a str,
}

impl World {
    /// `task` of a reply as a tree.
    pub(crate) fn task_json(&self, task: &Task) -> Value {
        tree(&self.task_shown(task, &[]))
    }

    /// `task` of a reply with these tags.
    pub(super) fn task_shown<'a>(&self, task: &'a Task, tags: &'a [Tag]) -> TaskShown<'a> {
        self.task_in(task, Some(tags), Manner::Api)
    }

    /// `detail` of the event that a task has come into another state.
    pub(crate) fn task_told<'a>(&self, task: &'a Task) -> TaskShown<'a> {
        TaskShown {
            updated_at: Some(At(self.now_ms, Manner::Event)),
            ..self.task_in(task, None, Manner::Event)
        }
    }

    fn task_in<'a>(
        &self,
        task: &'a Task,
        tags: Option<&'a [Tag]>,
        manner: Manner,
    ) -> TaskShown<'a> {
        let at = |at_ms: Millis| At(at_ms, manner);
        let zone = if task.serial.is_multiple_of(2) {
            "a"
        } else {
            "b"
        };
        // The agent speaks once the task has its interface; real answers have the moment of its creation, or some seconds later.
        let connected = task.status != TaskStatus::Provisioning;
        let containers = task.containers.iter();
        let storage = storage(task);
        TaskShown {
            task_arn: &task.arn,
            task_definition_arn: &task.definition.arn,
            cluster_arn: self.ecs_arn(&format!("cluster/{}", task.cluster)),
            availability_zone: format!("{}{zone}", self.region),
            attachments: [attachment(task)],
            attributes: [Named {
                name: "ecs.cpu-architecture",
                value: "x86_64",
            }],
            containers: containers
                .map(|container| self.container_shown(task, container))
                .collect(),
            cpu: &task.definition.cpu,
            memory: &task.definition.memory,
            created_at: at(task.times.created),
            desired_status: if task.told_to_stop {
                "STOPPED"
            } else {
                "RUNNING"
            },
            last_status: task.status.text(),
            enable_execute_command: false,
            group: &task.group,
            health_status: health_text(task),
            launch_type: "FARGATE",
            overrides: overrides(task),
            platform_version: "1.4.0",
            platform_family: "Linux",
            tags,
            version: task.version,
            ephemeral_storage: storage.clone(),
            fargate_ephemeral_storage: storage,
            connectivity: connected.then_some("CONNECTED"),
            connectivity_at: connected.then(|| at(task.times.created)),
            pull_started_at: task.times.pull_started.map(at),
            pull_stopped_at: task.times.pull_stopped.map(at),
            started_at: task.times.started.map(at),
            stopping_at: task.times.stopping.map(at),
            execution_stopped_at: task.times.execution_stopped.map(at),
            stopped_at: task.times.stopped.map(at),
            capacity_provider_name: task.provider.map(|provider| provider.text()),
            started_by: task.started_by.as_deref(),
            stop_code: task.stop_code.map(|code| code.text()),
            stopped_reason: task.stopped_reason.as_deref(),
            updated_at: None,
        }
    }

    fn container_shown<'a>(
        &self,
        task: &'a Task,
        container: &'a ContainerState,
    ) -> ContainerShown<'a> {
        let path = format!("container/{}/{}/{}", task.cluster, task.id, container.id);
        let pulled = task.times.pull_stopped.is_some();
        ContainerShown {
            container_arn: self.ecs_arn(&path),
            task_arn: &task.arn,
            name: &container.name,
            image: &container.image,
            last_status: container_status(task, container, self.now_ms),
            network_bindings: [],
            network_interfaces: [Interface {
                attachment_id: interface_id(task, 8),
                private_ipv4_address: &task.ip,
            }],
            health_status: health_text(task),
            cpu: defined(task, container, "cpu").unwrap_or_else(|| "0".to_owned()),
            memory: defined(task, container, "memory"),
            runtime_id: pulled.then(|| runtime_id(task, container)),
            image_digest: container.digest.as_deref(),
            exit_code: container.code_at(self.now_ms),
            reason: container.reason.as_deref(),
        }
    }
}

fn health_text(task: &Task) -> &'static str {
    if task.definition.health_check().is_some() {
        task.health.text()
    } else {
        "UNKNOWN"
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

fn attachment(task: &Task) -> Attachment<'_> {
    let status = match task.status {
        TaskStatus::Provisioning => "PRECREATED",
        TaskStatus::Stopped => "DELETED",
        _ => "ATTACHED",
    };
    let known = |name, value| Detail::Known(Named { name, value });
    let made = |name, value| Detail::Made { name, value };
    let host = task.ip.replace('.', "-");
    Attachment {
        id: interface_id(task, 8),
        r#type: "ElasticNetworkInterface",
        status,
        details: [
            known("subnetId", "subnet-5b1a7a11"),
            made("networkInterfaceId", interface_id(task, 17)),
            made("macAddress", mac_address(task)),
            made(
                "privateDnsName",
                format!("ip-{host}.{}.compute.internal", region(task)),
            ),
            known("privateIPv4Address", &task.ip),
        ],
    }
}

/// The beginning of the task's id.
fn interface_id(task: &Task, digits: usize) -> String {
    format!("eni-{}", task.id.get(..digits).unwrap_or(&task.id))
}

/// A locally administered address, made of the task's id.
fn mac_address(task: &Task) -> String {
    let pairs = (0..5).filter_map(|at| task.id.get(at * 2..at * 2 + 2));
    pairs.fold("02".to_owned(), |mut address, pair| {
        address.push(':');
        address.push_str(pair);
        address
    })
}

/// The Region that the task's ARN names.
fn region(task: &Task) -> &str {
    task.arn.split(':').nth(3).unwrap_or_default()
}
