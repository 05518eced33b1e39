//! A repository's resource policy: kept as it is, never evaluated.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{OneRepository, invalid, repository, repository_mut};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetRepositoryPolicy {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    policy_text: String,
    #[serde(rename = "force")]
    _force: Option<bool>,
}

pub(super) fn set(world: &mut World, request: SetRepositoryPolicy) -> Result<Value, ApiError> {
    if serde_json::from_str::<serde_json::Map<String, Value>>(&request.policy_text).is_err() {
        return Err(invalid(
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
        ));
    }
    repository_mut(world, &request.repository_name)?.policy = Some(request.policy_text.clone());
    Ok(answer(
        world,
        &request.repository_name,
        &request.policy_text,
    ))
}

pub(super) fn get(world: &World, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let policy = repository(world, name)?.policy.as_ref();
    let policy = policy.ok_or_else(|| missing(world, name))?;
    Ok(answer(world, name, policy))
}

pub(super) fn delete(world: &mut World, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let policy = repository_mut(world, name)?.policy.take();
    let policy = policy.ok_or_else(|| missing(world, name))?;
    Ok(answer(world, name, &policy))
}

fn answer(world: &World, name: &str, policy: &str) -> Value {
    json!({ "registryId": world.account, "repositoryName": name, "policyText": policy })
}

fn missing(world: &World, name: &str) -> ApiError {
    ApiError::client(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{name}' in the registry with id '{}'",
            world.account
        ),
    )
}
