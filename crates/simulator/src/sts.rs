//! STS: who am I.

use crate::wire::{Form, Xml, not_implemented};
use crate::{ApiError, World};

/// Serves one STS operation.
pub(crate) fn call(world: &mut World, operation: &str, form: &Form) -> Result<Xml, ApiError> {
    if operation != "GetCallerIdentity" {
        return Err(not_implemented(&format!("sts.{operation}")));
    }
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
