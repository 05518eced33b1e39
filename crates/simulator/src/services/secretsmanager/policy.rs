//! A secret's resource policy: kept as it is, never evaluated.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::find::{OneSecret, active_mut, existing, named};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;

pub(super) fn get(here: &Here<'_, SecretsManager>, request: &OneSecret) -> Result<Value, ApiError> {
    let secret = existing(here, &request.secret_id)?;
    let mut answer = named(secret);
    if let Some(policy) = &secret.policy {
        answer["ResourcePolicy"] = json!(policy);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutResourcePolicy {
    secret_id: String,
    resource_policy: String,
    #[serde(rename = "BlockPublicPolicy")]
    _block_public_policy: Option<bool>,
}

pub(super) fn put(
    here: &mut Here<'_, SecretsManager>,
    request: PutResourcePolicy,
) -> Result<Value, ApiError> {
    let secret = active_mut(here, &request.secret_id)?;
    if !is_policy(&request.resource_policy) {
        return Err(ApiError::client(
            "MalformedPolicyDocumentException",
            "This resource policy contains invalid Json",
        ));
    }
    secret.policy = Some(request.resource_policy);
    Ok(named(secret))
}

pub(super) fn delete(
    here: &mut Here<'_, SecretsManager>,
    request: &OneSecret,
) -> Result<Value, ApiError> {
    let secret = active_mut(here, &request.secret_id)?;
    secret.policy = None;
    Ok(named(secret))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ValidateResourcePolicy {
    secret_id: Option<String>,
    resource_policy: String,
}

/// Only whether it can be read.
pub(super) fn validate(
    here: &Here<'_, SecretsManager>,
    request: &ValidateResourcePolicy,
) -> Result<Value, ApiError> {
    if let Some(id) = &request.secret_id {
        existing(here, id)?;
    }
    if !is_policy(&request.resource_policy) {
        return Err(ApiError::client(
            "MalformedPolicyDocumentException",
            "This resource policy contains invalid Json",
        ));
    }
    Ok(json!({ "PolicyValidationPassed": true, "ValidationErrors": [] }))
}

fn is_policy(text: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(text)
        .is_ok_and(|policy| policy.contains_key("Statement"))
}
