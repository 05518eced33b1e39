//! All that has to be known to run a task's containers, as ECS hands it to the container runtime.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{SecretSource, Trouble};
use crate::services::ecs::{Condition, Container, HealthCheck, Task, registry_of, without_tag};
use crate::{Millis, World};

/// A task to be started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    /// The task's ARN.
    pub(crate) task: String,
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    /// Of its network interface, in 10.0.0.0/8.
    pub(crate) ip: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// For example `linux/amd64`.
    pub(crate) platform: String,
    /// Of the whole task, in MiB: no container gets more (C [DOC]).
    pub(crate) memory_mib: Option<u64>,
    /// A token for its account's registry: no secret, the simulator has none.
    pub(crate) login: String,
    /// The container that does what the task is for.
    pub(crate) app: String,
    /// Told to that one.
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) containers: Vec<LaunchContainer>,
}

/// One container of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LaunchContainer {
    pub(crate) name: String,
    pub(crate) pull: Pull,
    pub(crate) essential: bool,
    /// Nothing: the image's own.
    pub(crate) entry_point: Vec<String>,
    /// Nothing: the image's own.
    pub(crate) command: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// By the variable that gets the value.
    pub(crate) secrets: Vec<(String, SecretSource)>,
    pub(crate) user: Option<String>,
    pub(crate) working_directory: Option<String>,
    pub(crate) read_only: bool,
    /// Container ports.
    pub(crate) ports: Vec<u16>,
    /// Hard limit, in MiB.
    pub(crate) memory_mib: Option<u64>,
    pub(crate) health_check: Option<HealthCommand>,
    pub(crate) depends_on: Vec<(String, Condition)>,
    pub(crate) stop_timeout_ms: Millis,
}

/// Which image it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pull {
    /// As the task definition writes it.
    pub(crate) image: String,
    /// Of this account's registry: repository and digest of an image whose layers lie there.
    pub(crate) stored: Option<(String, String)>,
    /// `REPOSITORY:TAG` of an image that the simulator made up: the engine's own image of that name stands for it.
    pub(crate) named: Vec<String>,
}

impl Pull {
    /// The repository, without registry, tag and digest: what a program is found by.
    pub(crate) fn repository(&self) -> &str {
        let named = without_tag(&self.image);
        let registry = registry_of(named).map_or(0, |host| host.len() + 1);
        &named[registry..]
    }
}

/// `healthCheck` of a container, with its command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HealthCommand {
    /// Without `CMD` or `CMD-SHELL`: what is executed.
    pub(crate) words: Vec<String>,
    pub(crate) timeout_ms: Millis,
    /// When it is made, and what counts.
    pub(crate) check: HealthCheck,
}

impl World {
    pub(super) fn launch_of(&self, task: &Task) -> Launch {
        let documents = task.definition.document.get("containerDefinitions");
        let documents: BTreeMap<&str, &Value> = documents
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|document| Some((document.get("name")?.as_str()?, document)))
            .collect();
        let containers = task.definition.containers.iter().map(|container| {
            self.container(task, container, documents.get(&*container.name).copied())
        });
        Launch {
            task: task.arn.clone(),
            id: task.id.clone(),
            ip: task.ip.clone(),
            account: self.account.clone(),
            region: self.region.clone(),
            platform: task.definition.platform.clone(),
            memory_mib: task.definition.memory.parse().ok(),
            login: crate::services::ecr::login_token(&self.account, &self.region, self.now_ms),
            app: task.app().map(|app| app.name.clone()).unwrap_or_default(),
            troubles: task.behaviour.troubles(),
            containers: containers.collect(),
        }
    }

    fn container(
        &self,
        task: &Task,
        container: &Container,
        document: Option<&Value>,
    ) -> LaunchContainer {
        let none = Value::Null;
        let document = document.unwrap_or(&none);
        let text = |name: &str| {
            document
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let secrets = list(document, "secrets").filter_map(|secret| {
            let name = secret.get("name")?.as_str()?.to_owned();
            let value_from = secret.get("valueFrom")?.as_str()?;
            Some((name, self.secret_source(value_from)))
        });
        let digest = task
            .containers
            .iter()
            .find(|state| state.name == container.name)
            .and_then(|state| state.digest.as_deref());
        LaunchContainer {
            name: container.name.clone(),
            pull: self.pull_of(&container.image, digest),
            essential: container.essential,
            entry_point: container.entry_point.clone(),
            command: container.command.clone(),
            environment: container.environment.clone(),
            secrets: secrets.collect(),
            user: text("user"),
            working_directory: text("workingDirectory"),
            read_only: document.get("readonlyRootFilesystem") == Some(&Value::Bool(true)),
            ports: container.ports.clone(),
            memory_mib: document.get("memory").and_then(Value::as_u64),
            health_check: container
                .health_check
                .and_then(|check| health_command(document.get("healthCheck")?, check)),
            depends_on: container.depends_on.clone(),
            stop_timeout_ms: container.stop_timeout_ms,
        }
    }

    /// What has to be pulled for an image of a task that resolved to this digest.
    fn pull_of(&self, image: &str, digest: Option<&str>) -> Pull {
        let mut pull = Pull {
            image: image.to_owned(),
            ..Pull::default()
        };
        let repository = pull.repository().to_owned();
        let reference = digest.map_or_else(
            || image.to_owned(),
            |digest| format!("{}@{digest}", without_tag(image)),
        );
        match self.ecr.image(&reference).or_else(|| self.ecr.image(image)) {
            Some(known) if known.has_content() => {
                pull.stored = Some((repository, known.digest.clone()));
            }
            Some(made_up) => {
                let tags = made_up.tags.iter();
                pull.named = tags.map(|tag| format!("{repository}:{tag}")).collect();
            }
            None => {}
        }
        pull
    }
}

fn list<'a>(document: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    document
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn words(value: Option<&Value>) -> Vec<String> {
    let words = value.and_then(Value::as_array).into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `["CMD-SHELL", LINE]`, `["CMD", WORD, …]` or `["NONE"]`; timeout 5 s (A3 [DOC]).
fn health_command(document: &Value, check: HealthCheck) -> Option<HealthCommand> {
    let command = words(document.get("command"));
    let (kind, rest) = command.split_first()?;
    let words = match kind.as_str() {
        "NONE" => return None,
        "CMD" => rest.to_vec(),
        "CMD-SHELL" => shell(rest.join(" ")),
        _ => shell(command.join(" ")),
    };
    let timeout = document.get("timeout").and_then(Value::as_u64);
    Some(HealthCommand {
        words,
        timeout_ms: timeout.unwrap_or(5) * 1_000,
        check,
    })
}

fn shell(line: String) -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned(), line]
}
