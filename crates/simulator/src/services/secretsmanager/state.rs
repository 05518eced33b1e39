//! What the account has of it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::value::SecretValue;
use crate::Millis;
use crate::wire::Tags;

/// Secrets Manager: secrets and their versions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SecretsManager {
    /// By name.
    pub(super) secrets: BTreeMap<String, Secret>,
    /// Names of secrets that were there once.
    pub(super) gone: BTreeSet<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) name: String,
    /// With six random characters at its end.
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) kms_key_id: Option<String>,
    pub(super) tags: Tags,
    /// It has tags, or had some.
    #[serde(default)]
    pub(super) was_tagged: bool,
    pub(super) policy: Option<String>,
    pub(super) created_ms: Millis,
    pub(super) changed_ms: Millis,
    pub(super) accessed_ms: Option<Millis>,
    pub(super) deletion: Option<Deletion>,
    /// By VersionId, oldest first.
    pub(super) versions: IndexMap<String, Version>,
}

/// It is scheduled for deletion.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Deletion {
    pub(super) asked_ms: Millis,
    pub(super) gone_ms: Millis,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) value: SecretValue,
    pub(super) stages: BTreeSet<String>,
    pub(super) created_ms: Millis,
    pub(super) accessed_ms: Option<Millis>,
}

impl SecretsManager {
    /// By name, by whole ARN, or by an ARN without its last seven characters ([DOC], "partial ARN").
    pub(super) fn find(&self, id: &str) -> Option<&Secret> {
        let of_arn = || self.secrets.values().find(|secret| secret.has_arn(id));
        match id.starts_with("arn:") {
            true => of_arn(),
            false => self.secrets.get(id),
        }
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Secret> {
        let name = self.find(id)?.name.clone();
        self.secrets.get_mut(&name)
    }
}

impl Secret {
    fn has_arn(&self, arn: &str) -> bool {
        let partial = self.arn.len().checked_sub(7);
        self.arn == arn || partial.and_then(|end| self.arn.get(..end)) == Some(arn)
    }

    pub(super) fn staged(&self, stage: &str) -> Option<(&String, &Version)> {
        self.versions
            .iter()
            .find(|(_, version)| version.stages.contains(stage))
    }
}
