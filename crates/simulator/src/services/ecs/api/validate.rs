//! What RegisterTaskDefinition refuses (F1, F3). Texts are those of F1 where one is known.

use serde_json::{Map, Value};

use super::fargate::fargate;
use super::lookup::refused;
use crate::ApiError;

const MEMBERS: &[&str] = &[
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "tags",
    "ephemeralStorage",
    "runtimePlatform",
    // Kept and answered; they move nothing.
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "enableFaultInjection",
];

const CONTAINER_MEMBERS: &[&str] = &[
    "name",
    "image",
    "repositoryCredentials",
    "cpu",
    "memory",
    "memoryReservation",
    "portMappings",
    "essential",
    "restartPolicy",
    "entryPoint",
    "command",
    "environment",
    "environmentFiles",
    "mountPoints",
    "volumesFrom",
    "linuxParameters",
    "secrets",
    "dependsOn",
    "startTimeout",
    "stopTimeout",
    "versionConsistency",
    "user",
    "workingDirectory",
    "readonlyRootFilesystem",
    "interactive",
    "pseudoTerminal",
    "dockerLabels",
    "ulimits",
    "logConfiguration",
    "healthCheck",
    "systemControls",
    "firelensConfiguration",
];

/// A task definition is at most 64 KiB (F1 [OBS]).
const LARGEST_BYTES: usize = 65_536;

/// Refuses a RegisterTaskDefinition input that ECS would refuse, or that has a member nobody knows.
pub(super) fn definition(input: &Map<String, Value>) -> Result<(), ApiError> {
    known(input, MEMBERS, "RegisterTaskDefinition")?;
    let length = Value::Object(input.clone()).to_string().len();
    if length > LARGEST_BYTES {
        return Err(refused(format!(
            "Actual length: '{length}'. Max allowed length is '65536' bytes."
        )));
    }
    let family = input
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if family.is_empty() {
        return Err(refused("Family should not be null or empty."));
    }
    if !is_name(family) {
        return Err(refused("Family contains invalid characters."));
    }
    containers(input)?;
    fargate(input)
}

fn containers(input: &Map<String, Value>) -> Result<(), ApiError> {
    let containers = input
        .get("containerDefinitions")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if containers.is_empty() {
        return Err(refused("Container list cannot be empty."));
    }
    let mut names: Vec<&str> = Vec::new();
    for container in containers {
        let Some(container) = container.as_object() else {
            return Err(refused("Container must be an object."));
        };
        known(container, CONTAINER_MEMBERS, "ContainerDefinition")?;
        let name = one_container(container, input.contains_key("memory"))?;
        if names.contains(&name) {
            return Err(refused(format!(
                "Container names must be unique: '{name}'."
            )));
        }
        names.push(name);
    }
    let essential = |container: &Value| {
        container
            .get("essential")
            .and_then(Value::as_bool)
            .unwrap_or(true)
    };
    if !containers.iter().any(essential) {
        return Err(refused("At least one container must be essential."));
    }
    Ok(())
}

fn one_container(container: &Map<String, Value>, task_has_memory: bool) -> Result<&str, ApiError> {
    let text = |member: &str| {
        container
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let name = text("name");
    if name.is_empty() {
        return Err(refused("Container.name should not be null or empty."));
    }
    if !is_name(name) {
        return Err(refused(format!(
            "Container name '{name}' contains invalid characters."
        )));
    }
    if text("image").is_empty() {
        return Err(refused("Container.image should not be null or empty."));
    }
    // F3 [DOC]; the text is [INF].
    if text("image").len() > 255 {
        return Err(refused(format!(
            "Container.image of '{name}' has more than 255 characters."
        )));
    }
    let memory = container.get("memory").and_then(Value::as_u64);
    let reservation = container.get("memoryReservation").and_then(Value::as_u64);
    if memory.is_none() && reservation.is_none() && !task_has_memory {
        return Err(refused(format!(
            "Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
        )));
    }
    if memory.is_some_and(|memory| {
        memory < 6 || reservation.is_some_and(|reservation| memory <= reservation)
    }) {
        return Err(refused(format!(
            "Invalid 'memory' setting for container '{name}'."
        )));
    }
    health_check(name, container.get("healthCheck"))?;
    Ok(name)
}

/// interval 5-300, timeout 2-60, retries 1-10, startPeriod 0-300 (A3 [MODEL]).
fn health_check(name: &str, check: Option<&Value>) -> Result<(), ApiError> {
    let Some(check) = check else { return Ok(()) };
    let Some(check) = check.as_object() else {
        return Err(refused("healthCheck must be an object."));
    };
    known(
        check,
        &["command", "interval", "timeout", "retries", "startPeriod"],
        "HealthCheck",
    )?;
    if check
        .get("command")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        return Err(refused(format!(
            "Health check command of container '{name}' cannot be empty."
        )));
    }
    for (member, low, high) in [
        ("interval", 5, 300),
        ("timeout", 2, 60),
        ("retries", 1, 10),
        ("startPeriod", 0, 300),
    ] {
        let Some(value) = check.get(member) else {
            continue;
        };
        if value
            .as_u64()
            .is_none_or(|value| value < low || value > high)
        {
            return Err(refused(format!(
                "Invalid health check '{member}' for container '{name}': must be between {low} and {high}."
            )));
        }
    }
    Ok(())
}

/// At most 255 letters, digits, hyphens and underscores (F3).
fn is_name(text: &str) -> bool {
    text.len() <= 255
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '-' || one == '_')
}

fn known(object: &Map<String, Value>, members: &[&str], shape: &str) -> Result<(), ApiError> {
    match object
        .keys()
        .find(|member| !members.contains(&member.as_str()))
    {
        None => Ok(()),
        Some(member) => Err(refused(format!(
            "the simulator does not know member '{member}' of {shape}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::definition;

    #[test]
    fn what_is_refused() {
        let container = json!({ "name": "web", "image": "nginx" });
        let fargate = |cpu: &str, memory: &str| {
            json!({ "family": "f", "containerDefinitions": [container], "requiresCompatibilities": ["FARGATE"],
                    "networkMode": "awsvpc", "cpu": cpu, "memory": memory })
        };
        for (input, expected) in [
            (fargate("256", "512"), None),
            (fargate(".25 vCPU", "0.5 GB"), None),
            (fargate("4096", "30720"), None),
            (fargate("8192", "20480"), None),
            (
                fargate("256", "4096"),
                Some("No Fargate configuration exists for given values."),
            ),
            (
                fargate("8192", "17408"),
                Some("No Fargate configuration exists for given values."),
            ),
            (
                fargate("300", "512"),
                Some("Invalid 'cpu' setting for task."),
            ),
            (
                json!({ "family": "f", "containerDefinitions": [] }),
                Some("Container list cannot be empty."),
            ),
            (
                json!({ "family": "", "containerDefinitions": [] }),
                Some("Family should not be null or empty."),
            ),
            (
                json!({ "family": "f", "containerDefinitions": [{ "name": "", "image": "x" }] }),
                Some("Container.name should not be null or empty."),
            ),
            (
                json!({ "family": "f", "containerDefinitions": [{ "name": "x", "image": "x" }] }),
                Some(
                    "Invalid setting for container 'x'. At least one of 'memory' or 'memoryReservation' must be specified.",
                ),
            ),
            (
                json!({ "family": "f", "containerDefinitions": [{ "name": "x", "image": "x", "memory": 9, "gpu": 1 }] }),
                Some("the simulator does not know member 'gpu' of ContainerDefinition"),
            ),
        ] {
            let object = input.as_object().expect("an object");
            let found = definition(object).err().map(|error| error.message);
            assert_eq!(found.as_deref(), expected, "{input}");
        }
    }
}
