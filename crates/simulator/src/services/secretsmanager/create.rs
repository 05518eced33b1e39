//! CreateSecret and UpdateSecret.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{active_mut, is_name, named, no_name, not_possible};
use super::stages::CURRENT;
use super::state::Secret;
use super::values::{given, token, token_in_use};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::base::secret_text::SecretText;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::{TagEntry, tags_of};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateSecret {
    name: String,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_binary: Option<SecretText>,
    secret_string: Option<SecretText>,
    tags: Option<Vec<TagEntry>>,
    add_replica_regions: Option<Vec<Value>>,
    #[serde(rename = "ForceOverwriteReplicaSecret")]
    _force_overwrite_replica_secret: Option<bool>,
}

/// The same token with the same value is the same request once more [MODEL].
pub(super) fn create(
    here: &mut Here<'_, SecretsManager>,
    request: CreateSecret,
) -> Result<Value, ApiError> {
    if request
        .add_replica_regions
        .is_some_and(|them| !them.is_empty())
    {
        return Err(not_implemented("replicas of secrets"));
    }
    let name = request.name;
    if !is_name(&name) {
        return Err(no_name());
    }
    let value = given(request.secret_string, request.secret_binary)?;
    if let Some(known) = here.own.secrets.get(&name) {
        let token = request.client_request_token.unwrap_or_default();
        let same = known.versions.get(&token);
        let is_again = same.is_some_and(|version| Some(&version.value) == value.as_ref());
        return match known.deletion {
            Some(_) => Err(not_possible(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            )),
            None if is_again => Ok(with_version(known, Some(&token))),
            // Of a token the version is told (moto's `test_create_different_secret_with_same_token`, aws_verified [OBS]).
            None if same.is_some() => Err(token_in_use(&token, known)),
            None => Err(ApiError::client(
                "ResourceExistsException",
                format!("The operation failed because the secret {name} already exists."),
            )),
        };
    }
    let now_ms = here.now_ms;
    let mut secret = Secret {
        arn: arn(here, &name),
        name: name.clone(),
        description: request.description,
        kms_key_id: request.kms_key_id,
        was_tagged: request.tags.as_ref().is_some_and(|tags| !tags.is_empty()),
        tags: tags_of(request.tags),
        policy: None,
        created_ms: now_ms,
        changed_ms: now_ms,
        accessed_ms: None,
        deletion: None,
        versions: IndexMap::new(),
    };
    let version = value.map(|value| (token(here, request.client_request_token), value));
    let id = version.as_ref().map(|(id, _)| id.clone());
    if let Some((id, value)) = version {
        secret.add_version(id, value, &[CURRENT.to_owned()], now_ms);
    }
    let answer = with_version(&secret, id.as_deref());
    here.own.secrets.insert(name, secret);
    Ok(answer)
}

/// The name, a hyphen and six random characters [DOC].
fn arn(here: &mut Here<'_, SecretsManager>, name: &str) -> String {
    const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let suffix: String = (0..6)
        .filter_map(|_| {
            let at = here.random.between(0, CHARACTERS.len() as u64 - 1);
            let byte = CHARACTERS.get(usize::try_from(at).ok()?)?;
            Some(char::from(*byte))
        })
        .collect();
    regional_arn(
        "secretsmanager",
        here.region,
        here.account,
        format_args!("secret:{name}-{suffix}"),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UpdateSecret {
    secret_id: String,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_binary: Option<SecretText>,
    secret_string: Option<SecretText>,
}

pub(super) fn update(
    here: &mut Here<'_, SecretsManager>,
    request: UpdateSecret,
) -> Result<Value, ApiError> {
    let value = given(request.secret_string, request.secret_binary)?;
    let now_ms = here.now_ms;
    active_mut(here, &request.secret_id)?;
    let id = match value {
        Some(_) => Some(token(here, request.client_request_token)),
        None => None,
    };
    let secret = active_mut(here, &request.secret_id)?;
    if let (Some(id), Some(value)) = (&id, value) {
        match secret.versions.get(id) {
            Some(same) if same.value == value => {}
            Some(_) => return Err(token_in_use(id, secret)),
            None => secret.add_version(id.clone(), value, &[CURRENT.to_owned()], now_ms),
        }
    }
    secret.description = request.description.or(secret.description.take());
    secret.kms_key_id = request.kms_key_id.or(secret.kms_key_id.take());
    secret.changed_ms = now_ms;
    Ok(with_version(secret, id.as_deref()))
}

fn with_version(secret: &Secret, id: Option<&str>) -> Value {
    let mut answer = named(secret);
    if let Some(id) = id {
        answer["VersionId"] = json!(id);
    }
    answer
}
