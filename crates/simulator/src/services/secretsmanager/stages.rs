//! Staging labels: each is on one version at most, and AWSPREVIOUS follows AWSCURRENT [MODEL].

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{active_mut, changed, invalid, not_possible};
use super::state::{Secret, Version};
use super::value::SecretValue;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::{page, seconds, with_token};
use crate::{ApiError, Millis};

pub(super) const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
/// "Secrets Manager keeps 100 of the most recent versions, but it keeps all created in the last 24 hours" [MODEL].
const KEPT_VERSIONS: usize = 100;
const KEPT_MS: Millis = 86_400_000;

impl Secret {
    /// A new version with these labels; the first one is AWSCURRENT as well.
    pub(super) fn add_version(
        &mut self,
        id: String,
        value: SecretValue,
        stages: &[String],
        now_ms: Millis,
    ) {
        let version = Version {
            value,
            stages: BTreeSet::new(),
            created_ms: now_ms,
            accessed_ms: None,
        };
        let is_first = self.versions.is_empty();
        self.versions.insert(id.clone(), version);
        for stage in stages {
            self.attach(stage, &id);
        }
        if is_first {
            self.attach(CURRENT, &id);
        }
        self.changed_ms = now_ms;
        self.forget_deprecated(now_ms);
    }

    fn attach(&mut self, stage: &str, to: &str) {
        let from = self.staged(stage).map(|(id, _)| id.clone());
        if from.as_deref() == Some(to) {
            return;
        }
        self.detach(stage);
        if let Some(version) = self.versions.get_mut(to) {
            version.stages.insert(stage.to_owned());
        }
        if let (CURRENT, Some(from)) = (stage, from) {
            self.attach(PREVIOUS, &from);
        }
    }

    fn detach(&mut self, stage: &str) {
        for version in self.versions.values_mut() {
            version.stages.remove(stage);
        }
    }

    fn forget_deprecated(&mut self, now_ms: Millis) {
        while self.versions.len() > KEPT_VERSIONS {
            let useless = self.versions.iter().position(|(_, version)| {
                version.stages.is_empty() && version.created_ms + KEPT_MS <= now_ms
            });
            let Some(at) = useless else { return };
            self.versions.shift_remove_index(at);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UpdateSecretVersionStage {
    secret_id: String,
    version_stage: String,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

/// A label that another version has moves only if that version is named [MODEL].
pub(super) fn update(
    here: &mut Here<'_, SecretsManager>,
    request: &UpdateSecretVersionStage,
) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    let secret = active_mut(here, &request.secret_id)?;
    let stage = request.version_stage.as_str();
    let from = request.remove_from_version_id.as_deref();
    let to = request.move_to_version_id.as_deref();
    for id in [from, to].into_iter().flatten() {
        if !secret.versions.contains_key(id) {
            return Err(super::find::version_missing(id));
        }
    }
    let holder = secret.staged(stage).map(|(id, _)| id.clone());
    if from.is_some() && from != holder.as_deref() {
        return Err(invalid(format!(
            "The staging label {stage} is not attached to version {}",
            from.unwrap_or_default()
        )));
    }
    match to {
        Some(to) => {
            let elsewhere = holder.as_deref().filter(|holder| *holder != to);
            if let (Some(holder), None) = (elsewhere, from) {
                return Err(invalid(format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to \
                     version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
                )));
            }
            secret.attach(stage, to);
        }
        None if stage == CURRENT => {
            return Err(not_possible(
                "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.",
            ));
        }
        None => secret.detach(stage),
    }
    Ok(changed(secret, now_ms))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListSecretVersionIds {
    secret_id: String,
    max_results: Option<usize>,
    next_token: Option<String>,
    include_deprecated: Option<bool>,
}

pub(super) fn list(
    here: &Here<'_, SecretsManager>,
    request: &ListSecretVersionIds,
) -> Result<Value, ApiError> {
    let secret = super::find::existing(here, &request.secret_id)?;
    let deprecated = request.include_deprecated == Some(true);
    let versions: Vec<Value> = secret
        .versions
        .iter()
        .filter(|(_, version)| deprecated || !version.stages.is_empty())
        .map(|(id, version)| version_json(secret, id, version))
        .collect();
    let (versions, next) = page(
        &versions,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(with_token(
        json!({ "Versions": versions, "ARN": secret.arn, "Name": secret.name }),
        "NextToken",
        next,
    ))
}

fn version_json(secret: &Secret, id: &str, version: &Version) -> Value {
    let key = secret.kms_key_id.as_deref();
    let mut described = json!({
        "VersionId": id,
        "CreatedDate": seconds(version.created_ms),
        "KmsKeyIds": [key.unwrap_or("DefaultEncryptionKey")],
    });
    if !version.stages.is_empty() {
        described["VersionStages"] = json!(version.stages);
    }
    if let Some(accessed_ms) = version.accessed_ms {
        described["LastAccessedDate"] = seconds(accessed_ms);
    }
    described
}
