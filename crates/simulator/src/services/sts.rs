//! STS: who am I, and credentials of a role. Whether anybody may have them is never asked.

mod assume;
mod web_identity;

use serde_json::{Value, json};

use crate::base::not_implemented;
use crate::wire::input;
use crate::{ApiError, World};

/// Serves one STS operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "GetCallerIdentity" => Ok(caller(world)),
        "AssumeRole" => assume::role(world, input(body)?),
        "AssumeRoleWithWebIdentity" => web_identity::role(world, input(body)?),
        "GetSessionToken" => assume::session_token(world, &input(body)?),
        "GetAccessKeyInfo" => Ok(assume::access_key_info(world, &input(body)?)),
        _ => Err(not_implemented(&format!("sts.{operation}"))),
    }
}

fn caller(world: &World) -> Value {
    let arn = format!(
        "arn:aws:sts::{}:assumed-role/deployer/simulator",
        world.account
    );
    json!({ "Arn": arn, "UserId": "AROASIMULATOR000000:simulator", "Account": world.account })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}
