//! Parameter Store's API: the dispatcher and what its operations share.

use serde_json::Value;

use super::state::Parameter;
use super::{delete, history, labels, list, put, read, tags};
use crate::wire::{input, not_implemented};
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "PutParameter" => put::put(world, input(body)?),
        "GetParameter" => read::get(world, &input(body)?),
        "GetParameters" => read::get_many(world, &input(body)?),
        "GetParametersByPath" => list::by_path(world, &input(body)?),
        "GetParameterHistory" => history::get(world, &input(body)?),
        "DescribeParameters" => list::describe(world, &input(body)?),
        "LabelParameterVersion" => labels::label(world, &input(body)?),
        "UnlabelParameterVersion" => labels::unlabel(world, &input(body)?),
        "DeleteParameter" => delete::delete(world, &input(body)?),
        "DeleteParameters" => delete::delete_many(world, &input(body)?),
        "AddTagsToResource" => tags::add(world, input(body)?),
        "RemoveTagsFromResource" => tags::remove(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("ssm.{operation}"))),
    }
}

pub(super) fn existing_mut<'a>(
    world: &'a mut World,
    name: &str,
) -> Result<&'a mut Parameter, ApiError> {
    let name = name_of(name).to_owned();
    world.ssm.parameters.get_mut(&name).ok_or_else(missing)
}

/// The name, also where an ARN is given.
pub(crate) fn name_of(name_or_arn: &str) -> &str {
    let Some((_, rest)) = name_or_arn.split_once(":parameter/") else {
        return name_or_arn;
    };
    // The ARN of `/a/b` has one slash where the name starts, as that of `b` has.
    match rest.contains('/') {
        true => name_or_arn
            .get(name_or_arn.len() - rest.len() - 1..)
            .unwrap_or(rest),
        false => rest,
    }
}

/// AWS says no more than the exception's name.
pub(super) fn missing() -> ApiError {
    ApiError::client("ParameterNotFound", "")
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}
