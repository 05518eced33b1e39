//! What the operations share: how their subjects are found, and the errors they have in common.

use serde::Deserialize;
use serde_json::{Value, json};

use super::state::Secret;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;
use crate::{ApiError, Millis};

/// The input of operations on a whole secret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OneSecret {
    pub(super) secret_id: String,
}

/// Also one that is scheduled for deletion.
pub(super) fn existing<'a>(
    here: &'a Here<'_, SecretsManager>,
    id: &str,
) -> Result<&'a Secret, ApiError> {
    here.own.find(id).ok_or_else(|| nobody(id))
}

pub(super) fn existing_mut<'a>(
    here: &'a mut Here<'_, SecretsManager>,
    id: &str,
) -> Result<&'a mut Secret, ApiError> {
    here.own.find_mut(id).ok_or_else(|| nobody(id))
}

/// A secret that is scheduled for deletion refuses.
pub(super) fn active_mut<'a>(
    here: &'a mut Here<'_, SecretsManager>,
    id: &str,
) -> Result<&'a mut Secret, ApiError> {
    let secret = existing_mut(here, id)?;
    match secret.deletion {
        Some(_) => Err(marked_for_deletion()),
        None => Ok(secret),
    }
}

/// The answer of operations that change a secret.
pub(super) fn changed(secret: &mut Secret, now_ms: Millis) -> Value {
    secret.changed_ms = now_ms;
    named(secret)
}

pub(super) fn named(secret: &Secret) -> Value {
    json!({ "ARN": secret.arn, "Name": secret.name })
}

/// What no secret can be called is refused as a name (LocalStack `test_invalid_secret_name`, recorded on AWS 28-09-2022 [OBS]).
fn nobody(id: &str) -> ApiError {
    is_possible(id).err().unwrap_or_else(missing)
}

/// Refuses what no secret can be called.
pub(super) fn is_possible(id: &str) -> Result<(), ApiError> {
    match id.starts_with("arn:") || is_name(id) {
        true => Ok(()),
        false => Err(no_name()),
    }
}

pub(super) fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&byte);
    (1..=512).contains(&name.len()) && name.bytes().all(is_allowed)
}

pub(super) fn no_name() -> ApiError {
    ApiError::client(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    )
}

pub(super) fn missing() -> ApiError {
    ApiError::client(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
    )
}

pub(super) fn version_missing(id: &str) -> ApiError {
    ApiError::client(
        "ResourceNotFoundException",
        format!("Secrets Manager can't find the specified secret value for VersionId: {id}"),
    )
}

pub(super) fn stage_missing(stage: &str) -> ApiError {
    ApiError::client(
        "ResourceNotFoundException",
        format!("Secrets Manager can't find the specified secret value for staging label: {stage}"),
    )
}

pub(super) fn marked_for_deletion() -> ApiError {
    not_possible(
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
}

pub(super) fn not_possible(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidRequestException", message)
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}
