//! A registered task definition: the document ECS gives back, and what the simulator itself reads from it. Immutable.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Millis;

/// One revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TaskDefinition {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: u32,
    /// As DescribeTaskDefinition answers it, without `status`.
    pub(crate) document: Value,
    pub(crate) containers: Vec<Container>,
    /// For example `linux/amd64`.
    pub(crate) platform: String,
    pub(crate) cpu: String,
    pub(crate) memory: String,
}

impl TaskDefinition {
    /// `family:revision`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// `bridge` where none is given [MODEL].
    pub(crate) fn network_mode(&self) -> &str {
        let mode = self.document.get("networkMode").and_then(Value::as_str);
        mode.unwrap_or("bridge")
    }

    /// Whether `compatibilities` has FARGATE.
    pub(crate) fn runs_on_fargate(&self) -> bool {
        let all = self
            .document
            .get("compatibilities")
            .and_then(Value::as_array);
        all.is_some_and(|all| all.iter().any(|one| one.as_str() == Some("FARGATE")))
    }

    /// Whether a container maps this port, alone or in a range.
    pub(crate) fn has_port(&self, container: &str, port: u16) -> bool {
        let list = |value: &Value, member: &str| {
            let list = value.get(member).and_then(Value::as_array);
            list.cloned().unwrap_or_default()
        };
        let containers = list(&self.document, "containerDefinitions");
        let own = containers
            .iter()
            .filter(|one| one.get("name").and_then(Value::as_str) == Some(container));
        let mut mappings = own.flat_map(|one| list(one, "portMappings"));
        mappings.any(|mapping| {
            let range = mapping.get("containerPortRange").and_then(Value::as_str);
            let ends = range.and_then(|range| range.split_once('-'));
            let in_range = ends.is_some_and(|(first, last)| {
                let (first, last) = (first.trim().parse::<u16>(), last.trim().parse::<u16>());
                matches!((first, last), (Ok(first), Ok(last)) if (first..=last).contains(&port))
            });
            let single = mapping.get("containerPort").and_then(Value::as_u64);
            in_range || single == Some(u64::from(port))
        })
    }

    /// The container of this name.
    pub(crate) fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|it| it.name == name)
    }

    /// The container that does what the task is for, as far as the definition shows it: of the essential ones the first with a port,
    /// or else with an image of ECR, or else the first. Log routers and agents come from public registries and have no port.
    pub(crate) fn app(&self) -> Option<&Container> {
        let essential = || self.containers.iter().filter(|it| it.essential);
        let with_port = essential().find(|it| !it.ports.is_empty());
        let own = || essential().find(|it| it.image.contains(".dkr.ecr."));
        with_port.or_else(own).or_else(|| essential().next())
    }

    /// The health check of the first essential container that has one (A3 [MODEL]: only those in the task definition count).
    pub(crate) fn health_check(&self) -> Option<&HealthCheck> {
        self.containers
            .iter()
            .filter(|container| container.essential)
            .find_map(|container| container.health_check.as_ref())
    }
}

/// What the simulator reads from a container definition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) essential: bool,
    /// Nothing: the image's own.
    #[serde(default)]
    pub(crate) entry_point: Vec<String>,
    /// Nothing: the image's own.
    pub(crate) command: Vec<String>,
    /// Container ports.
    #[serde(default)]
    pub(crate) ports: Vec<u16>,
    /// What it waits for.
    #[serde(default)]
    pub(crate) depends_on: Vec<(String, Condition)>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) health_check: Option<HealthCheck>,
    /// stopTimeout, default 30 s (C [DOC]).
    pub(crate) stop_timeout_ms: Millis,
    pub(crate) logs: Option<LogTarget>,
    /// versionConsistency is not `disabled` (A10 [DOC]).
    pub(crate) resolves_digest: bool,
}

impl Container {
    /// Its tag is resolved to a digest by the first task of a deployment (A10 [DOC]).
    pub(crate) fn digest_is_needed(&self) -> bool {
        self.resolves_digest && !self.image.contains('@')
    }
}

/// `condition` of `dependsOn` (C [DOC]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Condition {
    Start,
    Complete,
    Success,
    Healthy,
}

impl Condition {
    pub(super) fn of(text: &str) -> Self {
        match text {
            "COMPLETE" => Self::Complete,
            "SUCCESS" => Self::Success,
            "HEALTHY" => Self::Healthy,
            _ => Self::Start,
        }
    }
}

/// `healthCheck` of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HealthCheck {
    pub(crate) interval_ms: Millis,
    pub(crate) retries: u32,
    pub(crate) start_period_ms: Millis,
}

/// Where the awslogs driver writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogTarget {
    pub(crate) group: String,
    pub(crate) prefix: String,
}
