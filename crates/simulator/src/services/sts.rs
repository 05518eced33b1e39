//! STS: who am I, and credentials of a role. Whether anybody may have them is never asked.

mod assume;
mod web_identity;

use serde_json::{Value, json};

use crate::ApiError;
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::input;

/// Serves one STS operation.
pub(crate) fn call(
    here: &mut Here<'_, ()>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "GetCallerIdentity" => Ok(caller(here)),
        "AssumeRole" => assume::role(here, input(body)?),
        "AssumeRoleWithWebIdentity" => web_identity::role(here, input(body)?),
        "GetSessionToken" => assume::session_token(here, &input(body)?),
        "GetAccessKeyInfo" => Ok(assume::access_key_info(here, &input(body)?)),
        _ => Err(not_implemented(&format!("sts.{operation}"))),
    }
}

fn caller(here: &Here<'_, ()>) -> Value {
    let role = "assumed-role/deployer/simulator";
    let arn = global_arn("sts", here.region, here.account, role);
    json!({ "Arn": arn, "UserId": "AROASIMULATOR000000:simulator", "Account": here.account })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}
