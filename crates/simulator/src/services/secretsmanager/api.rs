//! Secrets Manager's API: which operation is served where.

use serde_json::Value;

use super::{batch, create, list, password, policy, removal, stages, tags, values};
use crate::base::not_implemented;
use crate::wire::input;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateSecret" => create::create(world, input(body)?),
        "UpdateSecret" => create::update(world, input(body)?),
        "PutSecretValue" => values::put(world, input(body)?),
        "GetSecretValue" => values::get(world, &input(body)?),
        "BatchGetSecretValue" => batch::get(world, &input(body)?),
        "DescribeSecret" => list::describe(world, &input(body)?),
        "ListSecrets" => list::list(world, &input(body)?),
        "ListSecretVersionIds" => stages::list(world, &input(body)?),
        "UpdateSecretVersionStage" => stages::update(world, &input(body)?),
        "DeleteSecret" => removal::delete(world, &input(body)?),
        "RestoreSecret" => removal::restore(world, &input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "GetResourcePolicy" => policy::get(world, &input(body)?),
        "PutResourcePolicy" => policy::put(world, input(body)?),
        "DeleteResourcePolicy" => policy::delete(world, &input(body)?),
        "ValidateResourcePolicy" => policy::validate(world, &input(body)?),
        "GetRandomPassword" => password::get(world, &input(body)?),
        // No function runs here that could rotate anything.
        _ => Err(not_implemented(&format!("secretsmanager.{operation}"))),
    }
}
