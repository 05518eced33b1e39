//! The API: one room per group of operations. Inputs are typed and refuse unknown members.

mod applications;
mod configs;
mod create;
mod deployments;
mod group_input;
mod group_json;
mod groups;
mod refusals;
mod steer;
mod tags;
mod targets;

use serde_json::Value;

use crate::base::not_implemented;
use crate::wire::input;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateApplication" => applications::create(world, input(body)?),
        "GetApplication" => applications::get(world, &input(body)?),
        "BatchGetApplications" => applications::batch_get(world, &input(body)?),
        "ListApplications" => applications::list(world, &input(body)?),
        "DeleteApplication" => applications::delete(world, &input(body)?),
        "CreateDeploymentGroup" => groups::create(world, input(body)?),
        "UpdateDeploymentGroup" => groups::update(world, input(body)?),
        "GetDeploymentGroup" => groups::get(world, &input(body)?),
        "BatchGetDeploymentGroups" => groups::batch_get(world, &input(body)?),
        "ListDeploymentGroups" => groups::list(world, &input(body)?),
        "DeleteDeploymentGroup" => groups::delete(world, &input(body)?),
        "CreateDeploymentConfig" => configs::create(world, input(body)?),
        "GetDeploymentConfig" => configs::get(world, &input(body)?),
        "ListDeploymentConfigs" => configs::list(world, &input(body)?),
        "DeleteDeploymentConfig" => configs::delete(world, &input(body)?),
        "CreateDeployment" => create::create(world, input(body)?),
        "GetDeployment" => deployments::get(world, &input(body)?),
        "BatchGetDeployments" => deployments::batch_get(world, &input(body)?),
        "ListDeployments" => deployments::list(world, &input(body)?),
        "StopDeployment" => steer::stop(world, &input(body)?),
        "ContinueDeployment" => steer::go_on(world, &input(body)?),
        "PutLifecycleEventHookExecutionStatus" => steer::hook(world, &input(body)?),
        "ListDeploymentTargets" => targets::list(world, &input(body)?),
        "GetDeploymentTarget" => targets::get(world, &input(body)?),
        "BatchGetDeploymentTargets" => targets::batch_get(world, &input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        unknown => Err(not_implemented(&format!("codedeploy.{unknown}"))),
    }
}
