//! From a RegisterTaskDefinition input to a new revision: normalised as ECS gives it back, read as the simulator needs it.

use crate::base::arn::global_arn;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use backstay_aws_model::task_definition::{compatibilities_of_taken, units};

use super::lookup::{self, refused};
use super::validate;
use crate::services::ecs::definition::{
    Condition, Container, HealthCheck, LogTarget, TaskDefinition,
};
use crate::services::ecs::state::Tag;
use crate::wire::seconds;
use crate::world::ExecutionRoles;
use crate::{ApiError, World};

/// Registers a new revision of the input's family and tags it.
pub(crate) fn register(world: &mut World, input: &Value) -> Result<Arc<TaskDefinition>, ApiError> {
    validate::definition(input, world.roles)?;
    let input = without_nulls(input);
    let Some(input) = input.as_object() else {
        return Err(refused("the input must be an object"));
    };
    let tags = tags(input)?;
    let family = input
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let known = world.ecs.families.get(&family);
    let revision = known
        .and_then(|known| known.revisions.keys().last())
        .map_or(1, |last| last + 1);
    let arn = world.ecs_arn(&format!("task-definition/{family}:{revision}"));
    let mut document = normalised(input, world.roles);
    document.insert("taskDefinitionArn".to_owned(), json!(arn));
    document.insert("revision".to_owned(), json!(revision));
    document.insert("registeredAt".to_owned(), seconds(world.now_ms));
    document.insert(
        "registeredBy".to_owned(),
        json!(global_arn(
            "iam",
            &world.region,
            &world.account,
            "user/simulated"
        )),
    );
    let definition = Arc::new(TaskDefinition {
        arn: arn.clone(),
        family: family.clone(),
        revision,
        containers: containers(&document),
        platform: platform(&document),
        cpu: text(&document, "cpu"),
        memory: text(&document, "memory"),
        document: Value::Object(document),
    });
    world
        .ecs
        .families
        .entry(family)
        .or_default()
        .revisions
        .insert(revision, Arc::clone(&definition));
    if !tags.is_empty() {
        world.ecs.tags.insert(arn, tags);
    }
    Ok(definition)
}

fn tags(input: &Map<String, Value>) -> Result<Vec<Tag>, ApiError> {
    let Some(tags) = input.get("tags") else {
        return Ok(Vec::new());
    };
    let tags = Vec::<Tag>::deserialize(tags).map_err(|error| crate::base::unread(&error))?;
    lookup::tags(Some(&tags))?;
    Ok(tags)
}

/// The input with the members ECS fills in. "1 vCPU" and "2 GB" become integers (F3 [MODEL]).
fn normalised(input: &Map<String, Value>, roles: ExecutionRoles) -> Map<String, Value> {
    let mut document = input.clone();
    document.remove("tags");
    for member in ["cpu", "memory"] {
        if let Some(size) = input.get(member).and_then(units) {
            document.insert(member.to_owned(), json!(size.to_string()));
        }
    }
    for member in ["volumes", "placementConstraints"] {
        document.entry(member).or_insert_with(|| json!([]));
    }
    let mut judged = input.clone();
    if roles == ExecutionRoles::Lent {
        let lent = json!("arn:aws:iam::123456789012:role/lent");
        judged.entry("executionRoleArn").or_insert(lent);
    }
    let runs_on = compatibilities_of_taken(&Value::Object(judged));
    document.insert("compatibilities".to_owned(), json!(runs_on));
    // Answered for every definition since January 2025, also for older ones [OBS].
    document
        .entry("enableFaultInjection")
        .or_insert(json!(false));
    for volume in objects(document.get_mut("volumes")) {
        let efs = volume.get_mut("efsVolumeConfiguration");
        if let Some(efs) = efs.and_then(Value::as_object_mut) {
            efs.entry("rootDirectory").or_insert(json!("/"));
        }
    }
    let mode = input.get("networkMode").and_then(Value::as_str);
    let host_port = HostPort::of(mode.unwrap_or("bridge"));
    let containers = document
        .get_mut("containerDefinitions")
        .and_then(Value::as_array_mut);
    for container in containers
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        fill_container(container, host_port);
    }
    document
}

/// The host's port where none is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostPort {
    /// The container's: the task has an interface of its own, or the host's.
    Same,
    /// 0: one is chosen when the task starts (`bridge` [DOC]).
    Chosen,
}

impl HostPort {
    fn of(network_mode: &str) -> Self {
        match network_mode {
            "awsvpc" | "host" => Self::Same,
            _ => Self::Chosen,
        }
    }
}

/// A member that is null is as if it were not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let there = members.iter().filter(|(_, member)| !member.is_null());
            there
                .map(|(name, member)| (name.clone(), without_nulls(member)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let list = list.and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// ECS answers these members whether or not they were given.
fn fill_container(container: &mut Map<String, Value>, host_port: HostPort) {
    let filled = [
        ("cpu", json!(0)),
        ("essential", json!(true)),
        ("portMappings", json!([])),
        ("environment", json!([])),
        ("mountPoints", json!([])),
        ("volumesFrom", json!([])),
        ("systemControls", json!([])),
    ];
    for (member, value) in filled {
        container.entry(member).or_insert(value);
    }
    let mappings = container
        .get_mut("portMappings")
        .and_then(Value::as_array_mut);
    for mapping in mappings
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let same = mapping.get("containerPort").cloned();
        let same = same.filter(|_| host_port == HostPort::Same);
        mapping
            .entry("hostPort")
            .or_insert(same.unwrap_or(json!(0)));
        mapping.entry("protocol").or_insert(json!("tcp"));
    }
    if let Some(check) = container
        .get_mut("healthCheck")
        .and_then(Value::as_object_mut)
    {
        for (member, value) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(member).or_insert(json!(value));
        }
    }
}

fn containers(document: &Map<String, Value>) -> Vec<Container> {
    let list = document
        .get("containerDefinitions")
        .and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .map(container)
        .collect()
}

fn container(input: &Map<String, Value>) -> Container {
    let number = |object: &Map<String, Value>, member: &str, default: u64| {
        object
            .get(member)
            .and_then(Value::as_u64)
            .unwrap_or(default)
    };
    let health_check = input
        .get("healthCheck")
        .and_then(Value::as_object)
        .map(|check| HealthCheck {
            interval_ms: number(check, "interval", 30) * 1_000,
            retries: u32::try_from(number(check, "retries", 3)).unwrap_or(3),
            start_period_ms: number(check, "startPeriod", 0) * 1_000,
        });
    let list = |member: &str| {
        let list = input.get(member).and_then(Value::as_array);
        list.into_iter().flatten()
    };
    let words = |member: &str| list(member).filter_map(Value::as_str).map(str::to_owned);
    let ports = list("portMappings").filter_map(|mapping| {
        let port = mapping.get("containerPort")?.as_u64()?;
        u16::try_from(port).ok()
    });
    let depends_on = list("dependsOn").filter_map(|dependency| {
        let condition = dependency.get("condition")?.as_str()?;
        let name = dependency.get("containerName")?.as_str()?;
        Some((name.to_owned(), Condition::of(condition)))
    });
    Container {
        name: text(input, "name"),
        image: text(input, "image"),
        essential: input
            .get("essential")
            .and_then(Value::as_bool)
            .unwrap_or(true),
        entry_point: words("entryPoint").collect(),
        command: words("command").collect(),
        ports: ports.collect(),
        depends_on: depends_on.collect(),
        environment: pairs(input.get("environment")),
        health_check,
        stop_timeout_ms: number(input, "stopTimeout", 30) * 1_000,
        logs: log_target(input),
        resolves_digest: input.get("versionConsistency").and_then(Value::as_str)
            != Some("disabled"),
    }
}

/// `[{name, value}]`.
pub(super) fn pairs(list: Option<&Value>) -> Vec<(String, String)> {
    let list = list.and_then(Value::as_array);
    let pair = |one: &Value| {
        let value = one.get("value").and_then(Value::as_str).unwrap_or_default();
        Some((one.get("name")?.as_str()?.to_owned(), value.to_owned()))
    };
    list.into_iter().flatten().filter_map(pair).collect()
}

/// Where awslogs writes. On Fargate it has a stream prefix (G [DOC]); elsewhere nothing runs here.
fn log_target(container: &Map<String, Value>) -> Option<LogTarget> {
    let configuration = container.get("logConfiguration")?;
    if configuration.get("logDriver").and_then(Value::as_str) != Some("awslogs") {
        return None;
    }
    let option = |name: &str| {
        let value = configuration
            .get("options")
            .and_then(|options| options.get(name))
            .and_then(Value::as_str);
        value.map(str::to_owned)
    };
    Some(LogTarget {
        group: option("awslogs-group")?,
        prefix: option("awslogs-stream-prefix")?,
    })
}

fn platform(document: &Map<String, Value>) -> String {
    let architecture = document
        .get("runtimePlatform")
        .and_then(|platform| platform.get("cpuArchitecture"))
        .and_then(Value::as_str);
    match architecture {
        Some("ARM64") => "linux/arm64".to_owned(),
        Some(_) | None => "linux/amd64".to_owned(),
    }
}

fn text(object: &Map<String, Value>, member: &str) -> String {
    object
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
