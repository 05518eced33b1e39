//! The variables of a container: its task definition's, its secrets', and those that the container agent adds.

use serde_json::Value;

use super::Surroundings;
use super::{Engine, Lines};
use crate::server::neighbour;
use crate::server::request::Shared;
use crate::services::secretsmanager::value_of_key;
use crate::world::containers::{Launch, LaunchContainer, SecretSource, TROUBLE};
use crate::world::elsewhere::{Need, is_secret};

/// What a container is started with.
///
/// # Errors
/// When a secret that another server keeps cannot be had now.
pub(super) async fn surroundings(
    shared: &Shared,
    engine: &dyn Engine,
    launch: &Launch,
    container: &LaunchContainer,
    beside: Option<String>,
    lines: Lines,
) -> Result<Surroundings, String> {
    let mut secrets = Vec::new();
    for (variable, source) in &container.secrets {
        let value = match source {
            SecretSource::Value(text) => Some(text.reveal().to_owned()),
            SecretSource::Elsewhere(need, key) => {
                Some(fetched(shared, need, key.as_deref()).await?)
            }
            SecretSource::Unlisted => None,
        };
        secrets.extend(value.map(|value| (variable.clone(), value)));
    }
    // A task role's credentials, and where AWS is: everything here takes any key, and twelve digits name the account.
    let added = [
        ("AWS_ENDPOINT_URL", engine.endpoint(shared.port())),
        ("AWS_ACCESS_KEY_ID", launch.account.clone()),
        ("AWS_SECRET_ACCESS_KEY", "simulated".to_owned()),
        ("AWS_REGION", launch.region.clone()),
        ("AWS_DEFAULT_REGION", launch.region.clone()),
    ];
    let mut environment: Vec<(String, String)> = added
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .filter(|(name, _)| container.environment.iter().all(|(own, _)| own != name))
        .collect();
    environment.extend(container.environment.iter().cloned());
    if launch.app == container.name && !launch.troubles.is_empty() {
        let words = launch
            .troubles
            .iter()
            .map(|trouble| trouble.word(shared.clock.speed()));
        environment.retain(|(name, _)| name != TROUBLE);
        environment.push((TROUBLE.to_owned(), words.collect::<Vec<_>>().join(",")));
    }
    Ok(Surroundings {
        environment,
        secrets,
        beside,
        lines,
    })
}

async fn fetched(shared: &Shared, need: &Need, key: Option<&str>) -> Result<String, String> {
    let failed = |why: &str| {
        format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: {}: {why}",
            need.value_from
        )
    };
    let body = neighbour::value(shared, need)
        .await
        .map_err(|why| failed(&why))?;
    let text = match is_secret(&need.value_from) {
        true => body.get("SecretString").and_then(Value::as_str),
        false => body.pointer("/Parameters/0/Value").and_then(Value::as_str),
    };
    let text = text.ok_or_else(|| failed("it has no text"))?;
    match key {
        Some(key) => value_of_key(text, key).ok_or_else(|| failed("it has not that key")),
        None => Ok(text.to_owned()),
    }
}
