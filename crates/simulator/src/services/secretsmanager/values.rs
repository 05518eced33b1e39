//! PutSecretValue and GetSecretValue.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{
    active_mut, existing_mut, invalid, marked_for_deletion, not_possible, stage_missing,
    version_missing,
};
use super::stages::CURRENT;
use super::state::{Secret, Version};
use super::value::SecretValue;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::base::secret_text::SecretText;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::seconds;
use crate::{ApiError, Millis};

const LONGEST_VALUE: usize = 65_536;
const DAY_MS: Millis = 86_400_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutSecretValue {
    secret_id: String,
    client_request_token: Option<String>,
    secret_binary: Option<SecretText>,
    secret_string: Option<SecretText>,
    version_stages: Option<Vec<String>>,
    rotation_token: Option<SecretText>,
}

/// Idempotent: the same token with the same value does nothing, with another value it is refused [MODEL].
pub(super) fn put(
    here: &mut Here<'_, SecretsManager>,
    request: PutSecretValue,
) -> Result<Value, ApiError> {
    if request.rotation_token.is_some() {
        return Err(not_implemented("rotation of secrets"));
    }
    let now_ms = here.now_ms;
    active_mut(here, &request.secret_id)?;
    let value = given(request.secret_string, request.secret_binary)?
        .ok_or_else(|| invalid("You must provide either SecretString or SecretBinary."))?;
    let id = token(here, request.client_request_token);
    let secret = active_mut(here, &request.secret_id)?;
    match secret.versions.get(&id) {
        Some(same) if same.value == value => {}
        Some(_) => return Err(token_in_use(&id, secret)),
        None => {
            let usual = vec![CURRENT.to_owned()];
            let stages = request.version_stages.unwrap_or(usual);
            secret.add_version(id.clone(), value, &stages, now_ms);
        }
    }
    let stages = secret.versions.get(&id).map(|version| &version.stages);
    Ok(json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": id,
        "VersionStages": stages,
    }))
}

/// One of the two, or none.
pub(super) fn given(
    text: Option<SecretText>,
    binary: Option<SecretText>,
) -> Result<Option<SecretValue>, ApiError> {
    let value = match (text, binary) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            ));
        }
        (Some(text), None) => SecretValue::Text(text),
        (None, Some(binary)) => SecretValue::Binary(binary),
        (None, None) => return Ok(None),
    };
    let (SecretValue::Text(text) | SecretValue::Binary(text)) = &value;
    if text.reveal().is_empty() || text.reveal().len() > LONGEST_VALUE * 4 / 3 + 4 {
        return Err(invalid("The secret value must have 1 to 65536 bytes."));
    }
    Ok(Some(value))
}

/// The token is the version's id; who sends none gets one.
pub(super) fn token(here: &mut Here<'_, SecretsManager>, given: Option<String>) -> String {
    given.unwrap_or_else(|| here.random.uuid())
}

pub(super) fn token_in_use(token: &str, secret: &Secret) -> ApiError {
    ApiError::client(
        "ResourceExistsException",
        format!(
            "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {}.",
            secret.arn
        ),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetSecretValue {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

pub(super) fn get(
    here: &mut Here<'_, SecretsManager>,
    request: &GetSecretValue,
) -> Result<Value, ApiError> {
    let (id, stage) = (
        request.version_id.as_deref(),
        request.version_stage.as_deref(),
    );
    read(here, &request.secret_id, id, stage)
}

/// Reads a value and notes the day on which it was read.
pub(super) fn read(
    here: &mut Here<'_, SecretsManager>,
    secret: &str,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<Value, ApiError> {
    // "This value is truncated to midnight of the date" [MODEL].
    let today_ms = here.now_ms / DAY_MS * DAY_MS;
    let secret = existing_mut(here, secret)?;
    if secret.deletion.is_some() {
        return Err(marked_for_deletion());
    }
    let id = secret.version(id, stage)?.0.clone();
    secret.accessed_ms = Some(today_ms);
    let (name, arn) = (secret.name.clone(), secret.arn.clone());
    let version = secret
        .versions
        .get_mut(&id)
        .ok_or_else(|| version_missing(&id))?;
    version.accessed_ms = Some(today_ms);
    let mut answer = json!({
        "ARN": arn,
        "Name": name,
        "VersionId": id,
        "VersionStages": version.stages,
        "CreatedDate": seconds(version.created_ms),
    });
    match &version.value {
        SecretValue::Text(text) => answer["SecretString"] = json!(text),
        SecretValue::Binary(text) => answer["SecretBinary"] = json!(text),
    }
    Ok(answer)
}

impl Secret {
    /// The version that is meant; AWSCURRENT unless one is named.
    pub(super) fn version(
        &self,
        id: Option<&str>,
        stage: Option<&str>,
    ) -> Result<(&String, &Version), ApiError> {
        let Some(id) = id else {
            let stage = stage.unwrap_or(CURRENT);
            return self.staged(stage).ok_or_else(|| stage_missing(stage));
        };
        let named = self.versions.get_key_value(id);
        let (id, version) = named.ok_or_else(|| version_missing(id))?;
        if stage.is_some_and(|stage| !version.stages.contains(stage)) {
            return Err(not_possible(
                "You provided a VersionStage that is not associated to the provided VersionId.",
            ));
        }
        Ok((id, version))
    }
}
