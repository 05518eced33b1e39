//! The API: the dispatcher and what its operations share.

use serde_json::Value;

use crate::wire::not_implemented;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(_world: &mut World, operation: &str, _body: &Value) -> Result<Value, ApiError> {
    Err(not_implemented(&format!("cloudwatch.{operation}")))
}
