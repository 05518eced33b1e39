//! RunTask: one-off tasks, at most once per client token (C, G [MODEL]).

use serde::Deserialize;
use serde_json::{Value, json};

use super::capacity::{self, Item};
use super::launched;
use super::lookup::{self, invalid};
use super::quota;
use super::register::pairs;
use crate::services::ecs::cluster::{CapacityProvider, LaunchType, next_provider};
use crate::services::ecs::ending::start_failure_text;
use crate::services::ecs::start::NewTask;
use crate::services::ecs::state::{RunToken, Tag};
use crate::services::ecs::{Owner, TaskDefinition};
use crate::{ApiError, TaskFault, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RunTask {
    cluster: Option<String>,
    task_definition: String,
    count: Option<u32>,
    client_token: Option<String>,
    started_by: Option<String>,
    group: Option<String>,
    overrides: Option<Value>,
    launch_type: Option<String>,
    network_configuration: Option<Value>,
    tags: Option<Vec<Tag>>,
    capacity_provider_strategy: Option<Vec<Item>>,
    #[serde(rename = "platformVersion")]
    _platform_version: Option<String>,
    #[serde(rename = "enableECSManagedTags")]
    _enable_ecs_managed_tags: Option<bool>,
    #[serde(rename = "enableExecuteCommand")]
    _enable_execute_command: Option<bool>,
    #[serde(rename = "propagateTags")]
    _propagate_tags: Option<String>,
    #[serde(rename = "referenceId")]
    _reference_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Overrides {
    container_overrides: Option<Vec<ContainerOverride>>,
    #[serde(rename = "cpu")]
    _cpu: Option<String>,
    #[serde(rename = "memory")]
    _memory: Option<String>,
    #[serde(rename = "executionRoleArn")]
    _execution_role_arn: Option<String>,
    #[serde(rename = "taskRoleArn")]
    _task_role_arn: Option<String>,
    #[serde(rename = "inferenceAcceleratorOverrides")]
    _inference_accelerator_overrides: Option<Value>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContainerOverride {
    name: Option<String>,
    command: Option<Vec<String>>,
    environment: Option<Value>,
    #[serde(rename = "cpu")]
    _cpu: Option<u32>,
    #[serde(rename = "memory")]
    _memory: Option<u32>,
    #[serde(rename = "memoryReservation")]
    _memory_reservation: Option<u32>,
}

/// The same token and parameters answer the same tasks; the same token with others is a ConflictException (C [MODEL]).
pub(super) fn run(world: &mut World, request: RunTask, body: &Value) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    if let Some(reply) = earlier(world, &request, body)? {
        return Ok(reply);
    }
    check(&request)?;
    let definition = lookup::active_definition(world, &request.task_definition)?;
    let overrides = overrides(&request)?;
    let items = request.capacity_provider_strategy.as_deref();
    let launch_type = request.launch_type.as_deref();
    let strategy = capacity::of_request(world, &cluster, items, launch_type)?;
    let launched = launched::launch_type(&strategy, launch_type)?;
    launched::fits(&definition, launched)?;
    launched::network(&definition, request.network_configuration.as_ref())?;
    if launched == LaunchType::Ec2 {
        // F1 [OBS].
        return Err(invalid(
            "No Container Instances were found in your cluster.",
        ));
    }
    let tags = lookup::tags(request.tags.as_deref())?.to_vec();
    let definition = overridden(&definition, &overrides)?;
    if world
        .faults
        .on_family(&definition.family)
        .any(|fault| fault == TaskFault::Refused)
    {
        let refused = |fault| fault == TaskFault::Refused;
        world.faults.strike(&definition.family, refused);
        let reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone";
        return Ok(json!({ "tasks": [], "failures": [{ "reason": reason }] }));
    }
    let app = app_of(&definition, &overrides);
    let (mut tasks, mut arns) = (Vec::new(), Vec::new());
    let mut placed: Vec<CapacityProvider> = Vec::new();
    let mut failures = Vec::new();
    for _ in 0..request.count.unwrap_or(1) {
        let of = |provider| placed.iter().filter(|one| **one == provider).count();
        let provider = next_provider(&strategy, of);
        if let Err(failure) = quota::may_launch(world, &definition, provider) {
            let reason = start_failure_text(failure, &definition);
            failures.push(json!({ "reason": reason }));
            break;
        }
        let behaviour = world.one_off_behaviour(&definition, &app);
        placed.extend(provider);
        let serial = world.new_task(NewTask {
            provider,
            definition: definition.clone(),
            cluster: cluster.clone(),
            owner: Owner::OneOff,
            behaviour,
            app: app.clone(),
            started_by: request.started_by.clone(),
            group: request
                .group
                .clone()
                .unwrap_or_else(|| format!("family:{}", definition.family)),
            overrides: request
                .overrides
                .clone()
                .unwrap_or_else(|| json!({ "containerOverrides": [] })),
        });
        let Some(task) = world.ecs.task(serial) else {
            continue;
        };
        tasks.push(world.task_json(task));
        arns.push(task.arn.clone());
    }
    for arn in &arns {
        world.ecs.tags.insert(arn.clone(), tags.clone());
    }
    let reply = json!({ "tasks": tasks, "failures": failures });
    if let Some(token) = request.client_token {
        let run = RunToken {
            request: body.clone(),
            reply: reply.clone(),
            task_arns: arns,
        };
        world.ecs.run_tokens.insert(token, run);
    }
    Ok(reply)
}

/// What the client token already stands for; the tasks as they are now.
fn earlier(world: &World, request: &RunTask, body: &Value) -> Result<Option<Value>, ApiError> {
    let Some(run) = request
        .client_token
        .as_ref()
        .and_then(|token| world.ecs.run_tokens.get(token))
    else {
        return Ok(None);
    };
    if run.request != *body {
        let resources = run.task_arns.join(", ");
        let message = format!(
            "The request was made with a client token that was used with other parameters: {resources}"
        );
        return Err(ApiError::client("ConflictException", message));
    }
    let known = world
        .ecs
        .tasks
        .values()
        .filter(|task| run.task_arns.contains(&task.arn));
    let tasks: Vec<Value> = known.map(|task| world.task_json(task)).collect();
    if tasks.len() < run.task_arns.len() {
        return Ok(Some(run.reply.clone()));
    }
    Ok(Some(json!({ "tasks": tasks, "failures": [] })))
}

fn check(request: &RunTask) -> Result<(), ApiError> {
    if !(1..=10).contains(&request.count.unwrap_or(1)) {
        return Err(invalid("The count must be between 1 and 10."));
    }
    if request
        .client_token
        .as_ref()
        .is_some_and(|token| token.len() > 64)
    {
        return Err(invalid("The clientToken has at most 64 characters."));
    }
    if request
        .started_by
        .as_ref()
        .is_some_and(|text| text.len() > 128)
    {
        return Err(invalid("startedBy has at most 128 characters."));
    }
    if request
        .overrides
        .as_ref()
        .is_some_and(|overrides| overrides.to_string().len() > 8_192)
    {
        return Err(invalid("The overrides have at most 8192 characters."));
    }
    Ok(())
}

fn overrides(request: &RunTask) -> Result<Vec<ContainerOverride>, ApiError> {
    let Some(value) = &request.overrides else {
        return Ok(Vec::new());
    };
    let parsed = Overrides::deserialize(value).map_err(|error| crate::base::unread(&error))?;
    Ok(parsed.container_overrides.unwrap_or_default())
}

/// The container that does what the task is for: of the essential ones the one that is given a command, or what the definition shows.
fn app_of(definition: &TaskDefinition, overrides: &[ContainerOverride]) -> String {
    let mut commanded = overrides.iter().filter(|one| one.command.is_some());
    let commanded = commanded.find_map(|one| definition.container(one.name.as_deref()?));
    let app = commanded.filter(|container| container.essential);
    let app = app.or_else(|| definition.app());
    app.map(|app| app.name.clone()).unwrap_or_default()
}

/// A command replaces the container's; environment variables are added or replaced (G [MODEL]).
fn overridden(
    definition: &std::sync::Arc<TaskDefinition>,
    overrides: &[ContainerOverride],
) -> Result<std::sync::Arc<TaskDefinition>, ApiError> {
    if overrides.is_empty() {
        return Ok(definition.clone());
    }
    let mut changed = TaskDefinition::clone(definition);
    for one in overrides {
        let name = one.name.as_deref().unwrap_or_default();
        let Some(container) = changed
            .containers
            .iter_mut()
            .find(|container| container.name == name)
        else {
            return Err(invalid(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            )));
        };
        if let Some(command) = &one.command {
            container.command.clone_from(command);
        }
        for (variable, value) in pairs(one.environment.as_ref()) {
            container
                .environment
                .retain(|(known, _)| *known != variable);
            container.environment.push((variable, value));
        }
    }
    Ok(std::sync::Arc::new(changed))
}
