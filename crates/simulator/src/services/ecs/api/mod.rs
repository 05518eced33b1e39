//! The ECS API: one room per group of operations. Inputs are typed and refuse unknown members; nothing is ignored silently.

mod account;
mod advanced;
mod capacity;
mod cluster_changes;
mod cluster_json;
mod clusters;
mod configuration;
mod configuration_json;
mod continue_deployment;
mod create_service;
mod definitions;
mod delete_service;
mod describe_services;
mod describe_tasks;
mod described;
mod families;
mod launched;
mod list_tasks;
mod lookup;
mod native_record;
mod protection;
mod quota;
mod record_json;
mod records;
mod register;
mod revisions;
mod run_task;
mod service_json;
mod settings;
mod stop_task;
mod strategy;
mod tags;
mod task_json;
mod task_sets;
mod update_service;
mod validate;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::wire::input;
use crate::{ApiError, World};

pub(crate) use described::Described;
pub(crate) use lookup::active_definition as definition_to_run;
pub(crate) use register::register as define;
pub(crate) use settings::{Settings, of_revision};

/// Serves one ECS operation (JSON 1.1, `AmazonEC2ContainerServiceV20141113`).
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateCluster" => clusters::create(world, input(body)?),
        "DescribeClusters" => clusters::describe(world, &input(body)?),
        "ListClusters" => clusters::list(world, &input(body)?),
        "DeleteCluster" => clusters::delete(world, &input(body)?),
        "UpdateCluster" => cluster_changes::update(world, input(body)?),
        "UpdateClusterSettings" => cluster_changes::update_settings(world, &input(body)?),
        "PutClusterCapacityProviders" => {
            cluster_changes::put_capacity_providers(world, &input(body)?)
        }
        "DescribeCapacityProviders" => capacity::describe(world, &input(body)?),
        "RegisterTaskDefinition" => definitions::register(world, body),
        "DescribeTaskDefinition" => definitions::describe(world, &input(body)?),
        "DeregisterTaskDefinition" => definitions::deregister(world, &input(body)?),
        "ListTaskDefinitions" => definitions::list(world, &input(body)?),
        "ListTaskDefinitionFamilies" => families::list(world, &input(body)?),
        "DeleteTaskDefinitions" => families::delete(world, &input(body)?),
        "CreateService" => create_service::create(world, body),
        "UpdateService" => update_service::update(world, body),
        "DeleteService" => delete_service::delete(world, &input(body)?),
        "DescribeServices" => describe_services::describe(world, &input(body)?),
        "ListServices" => describe_services::list(world, &input(body)?),
        "DescribeServiceDeployments" => {
            records::describe(world, &input(body)?).map(|described| tree(&described))
        }
        "ListServiceDeployments" => records::list(world, &input(body)?),
        "StopServiceDeployment" => records::stop(world, &input(body)?),
        "ContinueServiceDeployment" => continue_deployment::go_on(world, &input(body)?),
        "DescribeServiceRevisions" => revisions::describe(world, &input(body)?),
        "DescribeTaskSets" => task_sets::describe(world, &input(body)?),
        "ListTasks" => list_tasks::list(world, &input(body)?),
        "DescribeTasks" => {
            describe_tasks::describe(world, &input(body)?).map(|described| tree(&described))
        }
        "RunTask" => run_task::run(world, input(body)?, body),
        "StopTask" => stop_task::stop(world, &input(body)?),
        "UpdateTaskProtection" => protection::update(world, &input(body)?),
        "GetTaskProtection" => protection::get(world, &input(body)?),
        "ListAccountSettings" => account::list(world, &input(body)?),
        "PutAccountSetting" | "PutAccountSettingDefault" => account::put(world, input(body)?),
        "DeleteAccountSetting" => account::delete(world, &input(body)?),
        "ListServicesByNamespace" => Ok(account::list_by_namespace(&input(body)?)),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        unknown => Err(crate::base::not_implemented(&format!("ecs.{unknown}"))),
    }
}

/// What clients ask again and again is answered as text at once: as [`call`] answers it, member by member. Nothing for other operations.
pub(crate) fn written(
    world: &mut World,
    operation: &str,
    body: &Value,
) -> Option<Result<Bytes, ApiError>> {
    Some(match operation {
        "DescribeServices" => described::describe_services(world, body),
        "DescribeServiceDeployments" => input(body)
            .and_then(|request| records::describe(world, &request).map(|found| text(&found))),
        "DescribeTasks" => input(body)
            .and_then(|request| describe_tasks::describe(world, &request).map(|it| text(&it))),
        _ => return None,
    })
}

/// An answer that is written as a tree.
fn tree(answer: &impl Serialize) -> Value {
    // It cannot fail: the keys are strings.
    serde_json::to_value(answer).unwrap_or_default()
}

fn text(answer: &impl Serialize) -> Bytes {
    let mut text = Vec::with_capacity(4 * 1024);
    // As little.
    serde_json::to_writer(&mut text, answer).unwrap_or_default();
    Bytes::from(text)
}
