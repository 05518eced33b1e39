//! Secrets Manager's API: which operation is served where.

use serde_json::Value;

use super::{batch, create, list, password, policy, removal, stages, tags, values};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::input;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, SecretsManager>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateSecret" => create::create(here, input(body)?),
        "UpdateSecret" => create::update(here, input(body)?),
        "PutSecretValue" => values::put(here, input(body)?),
        "GetSecretValue" => values::get(here, &input(body)?),
        "BatchGetSecretValue" => batch::get(here, &input(body)?),
        "DescribeSecret" => list::describe(here, &input(body)?),
        "ListSecrets" => list::list(here, &input(body)?),
        "ListSecretVersionIds" => stages::list(here, &input(body)?),
        "UpdateSecretVersionStage" => stages::update(here, &input(body)?),
        "DeleteSecret" => removal::delete(here, &input(body)?),
        "RestoreSecret" => removal::restore(here, &input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, &input(body)?),
        "GetResourcePolicy" => policy::get(here, &input(body)?),
        "PutResourcePolicy" => policy::put(here, input(body)?),
        "DeleteResourcePolicy" => policy::delete(here, &input(body)?),
        "ValidateResourcePolicy" => policy::validate(here, &input(body)?),
        "GetRandomPassword" => password::get(here, &input(body)?),
        // No function runs here that could rotate anything.
        _ => Err(not_implemented(&format!("secretsmanager.{operation}"))),
    }
}
