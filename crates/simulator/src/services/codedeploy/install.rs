//! Install: the replacement task set is made and must become steady within an hour (E [DOC]).

use super::deployment::{ErrorCode, TargetSet};
use super::end::Failure;
use super::run::Look;
use super::traffic;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::{NewTaskSet, ServiceLoadBalancer, TaskSetStatus};
use crate::{Millis, World};

/// "This time out period is 60 minutes." [DOC]
const LIMIT_MS: Millis = 3_600_000;

/// Makes the replacement behind the other target group; answers how long it may take to become steady.
pub(super) fn begin(world: &mut World, id: &str) -> Result<Millis, Failure> {
    let Some(deployment) = world.codedeploy.deployment(id).cloned() else {
        return Ok(LIMIT_MS);
    };
    let (Some(blue), Some(spec)) = (&deployment.target.blue, &deployment.app_spec) else {
        return Ok(LIMIT_MS);
    };
    let pair = &deployment.group.pair;
    let other = pair.other(&blue.target_group).ok_or_else(|| {
        // The text is [INF].
        let message =
            "The target group of the primary task set is not one of the deployment group's pair.";
        Failure::failed(ErrorCode::InvalidEcsService, message)
    })?;
    if !traffic::is_behind(world, &pair.production, &blue.target_group) {
        // "stops before creating a task set" [OBS]; the code is [INF].
        let message = format!(
            "The ELB could not be updated due to the following error: Primary taskset target group must be behind listener {}",
            pair.production
        );
        return Err(Failure::failed(
            ErrorCode::ElasticLoadBalancingInvalid,
            message,
        ));
    }
    let key = deployment.group.key();
    let cannot = |reason: &str| {
        // The frame of the text is [MEM].
        let message =
            format!("The ECS service cannot be updated due to an unexpected error: {reason}");
        Failure::failed(ErrorCode::EcsUpdateError, message)
    };
    let definition = crate::services::ecs::definition_to_run(world, &spec.definition)
        .map_err(|error| cannot(&error.to_string()))?;
    let container = definition
        .containers
        .iter()
        .any(|container| container.name == spec.container_name);
    if !container {
        let missing = &spec.container_name;
        return Err(cannot(&format!(
            "The container {missing} does not exist in the task definition."
        )));
    }
    let balancer = world
        .elb
        .groups
        .get(other)
        .map(|group| ServiceLoadBalancer {
            group: group.name.clone(),
            group_arn: group.arn.clone(),
            container_name: spec.container_name.clone(),
            container_port: spec.container_port,
            advanced: None,
        });
    let balancer =
        balancer.ok_or_else(|| cannot(&format!("The target group {other} does not exist.")))?;
    drain_leftovers(world, &key, &blue.digits);
    // Both are named from now on, so that the replacement's targets are checked at weight 0 [OBS].
    traffic::weigh(world, pair, other, 0);
    let mut settings = inherited(world, &key);
    settings.extend(spec.settings.clone());
    let new = NewTaskSet {
        definition,
        status: TaskSetStatus::Active,
        balancer,
        external_id: Some(id.to_owned()),
        settings,
    };
    let green = TargetSet {
        digits: world.create_task_set(&key, new),
        target_group: other.to_owned(),
    };
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        deployment.target.green = Some(green);
    }
    Ok(LIMIT_MS)
}

/// Whether the replacement is steady.
pub(super) fn look(world: &World, id: &str, due: bool) -> Look {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Look::Waits;
    };
    let green = deployment.target.green.as_ref();
    let steady =
        green.is_some_and(|green| world.task_set_is_steady(&deployment.group.key(), &green.digits));
    match (steady, due) {
        (true, _) => Look::Done,
        (false, false) => Look::Waits,
        (false, true) => Look::Broken(Failure::failed(
            ErrorCode::Timeout,
            "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 \
             minutes.",
        )),
    }
}

/// What an earlier deployment left behind without a rollback makes room [INF].
fn drain_leftovers(world: &mut World, key: &ServiceKey, primary: &str) {
    let Some(service) = world.ecs.service(key) else {
        return;
    };
    let others = service
        .deployments
        .iter()
        .filter(|other| other.digits != primary);
    let others: Vec<String> = others.map(|other| other.digits.clone()).collect();
    for digits in others {
        world.drain_task_set(key, &digits);
    }
}

/// What the AppSpec does not say stays as the original has it [DOC].
fn inherited(
    world: &World,
    key: &ServiceKey,
) -> std::collections::BTreeMap<String, serde_json::Value> {
    let primary = world.ecs.service(key).and_then(|service| service.primary());
    let set = primary.and_then(|primary| primary.task_set.as_ref());
    set.map(|set| set.settings.clone()).unwrap_or_default()
}
