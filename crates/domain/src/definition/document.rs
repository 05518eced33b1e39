//! A rendered task definition, and the hash that tells whether two of them say the same.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::{canonical, order_free_text};
use super::hash::sha256_hex;

/// A rendered task definition, in canonical form. Two are equal when they say the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// The document that is registered. Its tags are among it: another tag is another revision, so that costs follow it.
    pub document: Value,
    /// Hash of the canonical document whatever the order of its lists, hexadecimal.
    pub hash: DefinitionHash,
    /// Nothing changes a document that was hashed.
    #[serde(skip)]
    hashed: Hashed,
}

/// Who has brought a document to canonical form and hashed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hashed {
    /// This process, all of it.
    Here,
    /// An earlier version, or only in part.
    #[default]
    Elsewhere,
}

/// Hash of a canonical task definition, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DefinitionHash(pub String);

impl fmt::Display for DefinitionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..12).unwrap_or(&self.0))
    }
}

impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.says_what(other)
    }
}

impl Definition {
    /// A definition from a document, which is brought to canonical form first.
    #[must_use]
    pub fn new(document: Value) -> Self {
        Self {
            hashed: Hashed::Here,
            ..Self::of_canonical(canonical(document))
        }
    }

    /// A definition whose document is in canonical form already.
    pub(super) fn of_canonical(document: Value) -> Self {
        let hash = DefinitionHash(sha256_hex(order_free_text(&document).as_bytes()));
        Self {
            document,
            hash,
            hashed: Hashed::Elsewhere,
        }
    }

    /// The same definition, hashed as it is hashed now: earlier versions hashed otherwise.
    #[must_use]
    pub fn anew(&self) -> Self {
        match self.hashed {
            Hashed::Here => self.clone(),
            Hashed::Elsewhere => Self::new(self.document.clone()),
        }
    }

    /// Its hash as it is hashed now.
    #[must_use]
    pub fn hash_anew(&self) -> DefinitionHash {
        match self.hashed {
            Hashed::Here => self.hash.clone(),
            Hashed::Elsewhere => self.anew().hash,
        }
    }

    /// Whether two definitions say the same, whichever version hashed them.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        self.hash == other.hash || self.hash_anew() == other.hash_anew()
    }

    /// How its tasks are connected, where it says so.
    #[must_use]
    pub fn network_mode(&self) -> Option<&str> {
        self.document.get("networkMode").and_then(Value::as_str)
    }

    /// The task definition's family.
    #[must_use]
    pub fn family(&self) -> &str {
        self.document
            .get("family")
            .and_then(Value::as_str)
            .unwrap_or("")
    }
}
