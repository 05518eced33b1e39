//! STS: who am I, and credentials of a role. Whether anybody may have them is never asked.

mod assume;
mod web_identity;

use crate::base::not_implemented;
use crate::wire::{Form, Xml};
use crate::{ApiError, World};

/// Serves one STS operation.
pub(crate) fn call(world: &mut World, operation: &str, form: &Form) -> Result<Xml, ApiError> {
    match operation {
        "GetCallerIdentity" => caller(world, form),
        "AssumeRole" => assume::role(world, form),
        "AssumeRoleWithWebIdentity" => web_identity::role(world, form),
        "GetSessionToken" => assume::session_token(world, form),
        "GetAccessKeyInfo" => assume::access_key_info(world, form),
        _ => Err(not_implemented(&format!("sts.{operation}"))),
    }
}

fn caller(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&[])?;
    let arn = format!(
        "arn:aws:sts::{}:assumed-role/deployer/simulator",
        world.account
    );
    Ok(Xml::new()
        .text("Arn", arn)
        .text("UserId", "AROASIMULATOR000000:simulator")
        .text("Account", &world.account))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}
