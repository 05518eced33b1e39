//! Lifecycle policies: kept, applied in time, and played in advance.

mod apply;
mod policy;
mod preview;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use apply::apply_lifecycle;
use policy::Policy;
pub(super) use preview::{Preview, get_preview, start_preview};

use super::find::{OneRepository, repository, repository_mut};
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::base::timings::LIFECYCLE_RUN;
use crate::services::ecr::Ecr;
use crate::wire::seconds;
use crate::{ApiError, Millis};

/// A repository's policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Lifecycle {
    text: String,
    policy: Policy,
    /// When it is applied next.
    next_ms: Millis,
    applied_ms: Option<Millis>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutLifecyclePolicy {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    lifecycle_policy_text: String,
}

/// "Images become affected within 24 hours" [DOC].
pub(super) fn put(
    here: &mut Here<'_, Ecr>,
    request: PutLifecyclePolicy,
) -> Result<Value, ApiError> {
    let (name, text) = (request.repository_name, request.lifecycle_policy_text);
    repository(here, &name)?;
    let policy = Policy::parse(&text)?;
    let next_ms = here.now_ms + LIFECYCLE_RUN.draw(here.weather, here.random);
    let answer = answer(here, &name, &text);
    repository_mut(here, &name)?.lifecycle = Some(Lifecycle {
        text,
        policy,
        next_ms,
        applied_ms: None,
    });
    let event = Due::Lifecycle(Arc::from(name.as_str()));
    here.agenda.add(next_ms, event);
    Ok(answer)
}

pub(super) fn get(here: &Here<'_, Ecr>, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let lifecycle = repository(here, name)?.lifecycle.as_ref();
    let lifecycle = lifecycle.ok_or_else(|| missing(here, name))?;
    Ok(evaluated(here, name, lifecycle))
}

pub(super) fn delete(here: &mut Here<'_, Ecr>, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let lifecycle = repository_mut(here, name)?.lifecycle.take();
    let lifecycle = lifecycle.ok_or_else(|| missing(here, name))?;
    Ok(evaluated(here, name, &lifecycle))
}

fn answer(here: &Here<'_, Ecr>, name: &str, text: &str) -> Value {
    json!({ "registryId": here.account, "repositoryName": name, "lifecyclePolicyText": text })
}

fn evaluated(here: &Here<'_, Ecr>, name: &str, lifecycle: &Lifecycle) -> Value {
    let mut answer = answer(here, name, &lifecycle.text);
    // Before the first run, AWS answers the epoch [MEM].
    answer["lastEvaluatedAt"] = seconds(lifecycle.applied_ms.unwrap_or(0));
    answer
}

fn missing(here: &Here<'_, Ecr>, name: &str) -> ApiError {
    ApiError::client(
        "LifecyclePolicyNotFoundException",
        format!(
            "Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{}'",
            here.account
        ),
    )
}
