//! What the account has of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::base::secret_text::SecretText;
use crate::wire::Tags;

/// Systems Manager: parameters and their versions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ssm {
    /// By name.
    pub(super) parameters: BTreeMap<String, Parameter>,
    /// Names of parameters that were there once.
    pub(super) gone: BTreeSet<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) kind: ParameterType,
    pub(super) tags: Tags,
    /// Oldest first; never empty.
    pub(super) versions: Vec<Version>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) value: SecretText,
    pub(super) at_ms: Millis,
    pub(super) labels: BTreeSet<String>,
    pub(super) tier: Tier,
    pub(super) description: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) allowed_pattern: Option<String>,
    pub(super) data_type: String,
}

/// ParameterType [MODEL].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ParameterType {
    String,
    StringList,
    SecureString,
}

impl ParameterType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

/// Where a parameter is kept; Intelligent-Tiering is only ever asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Tier {
    #[default]
    Standard,
    Advanced,
}

impl Tier {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
        }
    }
}

impl Parameter {
    pub(super) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }
}
