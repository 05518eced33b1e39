//! The API: the dispatcher and what its operations share.

use crate::wire::{Form, Xml, not_implemented};
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(_world: &mut World, operation: &str, _form: &Form) -> Result<Xml, ApiError> {
    Err(not_implemented(&format!("sns.{operation}")))
}
