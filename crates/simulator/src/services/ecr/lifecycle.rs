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
use crate::base::timings::LIFECYCLE_RUN;
use crate::wire::seconds;
use crate::{ApiError, Millis, World};

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
pub(super) fn put(world: &mut World, request: PutLifecyclePolicy) -> Result<Value, ApiError> {
    let (name, text) = (request.repository_name, request.lifecycle_policy_text);
    repository(world, &name)?;
    let policy = Policy::parse(&text)?;
    let next_ms = world.now_ms + LIFECYCLE_RUN.draw(world.weather, &mut world.random);
    let answer = answer(world, &name, &text);
    repository_mut(world, &name)?.lifecycle = Some(Lifecycle {
        text,
        policy,
        next_ms,
        applied_ms: None,
    });
    let event = Due::Lifecycle(Arc::from(name.as_str()));
    world.agenda.add(next_ms, event);
    Ok(answer)
}

pub(super) fn get(world: &World, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let lifecycle = repository(world, name)?.lifecycle.as_ref();
    let lifecycle = lifecycle.ok_or_else(|| missing(world, name))?;
    Ok(evaluated(world, name, lifecycle))
}

pub(super) fn delete(world: &mut World, request: &OneRepository) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let lifecycle = repository_mut(world, name)?.lifecycle.take();
    let lifecycle = lifecycle.ok_or_else(|| missing(world, name))?;
    Ok(evaluated(world, name, &lifecycle))
}

fn answer(world: &World, name: &str, text: &str) -> Value {
    json!({ "registryId": world.account, "repositoryName": name, "lifecyclePolicyText": text })
}

fn evaluated(world: &World, name: &str, lifecycle: &Lifecycle) -> Value {
    let mut answer = answer(world, name, &lifecycle.text);
    // Before the first run, AWS answers the epoch [MEM].
    answer["lastEvaluatedAt"] = seconds(lifecycle.applied_ms.unwrap_or(0));
    answer
}

fn missing(world: &World, name: &str) -> ApiError {
    ApiError::client(
        "LifecyclePolicyNotFoundException",
        format!(
            "Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{}'",
            world.account
        ),
    )
}
