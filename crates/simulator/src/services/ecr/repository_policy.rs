//! A repository's resource policy: kept as it is, never evaluated.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{OneRepository, invalid, repository, repository_mut};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

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

pub(super) fn set(
    here: &mut Here<'_, Ecr>,
    request: SetRepositoryPolicy,
) -> Result<Value, ApiError> {
    if serde_json::from_str::<serde_json::Map<String, Value>>(&request.policy_text).is_err() {
        return Err(invalid(
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
        ));
    }
    repository_mut(here, &request.repository_name)?.policy = Some(request.policy_text.clone());
    Ok(answer(here, &request.repository_name, &request.policy_text))
}

pub(super) fn get(here: &Here<'_, Ecr>, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let policy = repository(here, name)?.policy.as_ref();
    let policy = policy.ok_or_else(|| missing(here, name))?;
    Ok(answer(here, name, policy))
}

pub(super) fn delete(here: &mut Here<'_, Ecr>, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let policy = repository_mut(here, name)?.policy.take();
    let policy = policy.ok_or_else(|| missing(here, name))?;
    Ok(answer(here, name, &policy))
}

fn answer(here: &Here<'_, Ecr>, name: &str, policy: &str) -> Value {
    json!({ "registryId": here.account, "repositoryName": name, "policyText": policy })
}

fn missing(here: &Here<'_, Ecr>, name: &str) -> ApiError {
    ApiError::client(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{name}' in the registry with id '{}'",
            here.account
        ),
    )
}
