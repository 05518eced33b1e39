//! Which version each image of a release has: one for all, unless somebody says otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Repository, Version};

/// Which version each image of a release is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// What the release is called, and the version of every image that has none of its own.
    pub release: Version,
    /// Images with a version of their own.
    pub own: BTreeMap<Repository, Version>,
    /// What becomes of an image that has no build of the release's version.
    pub missing: Missing,
}

/// What becomes of an image that has no build of the release's version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// The release is refused.
    #[default]
    Refuse,
    /// What runs it keeps the one of the recorded release.
    Keep,
}

impl Versions {
    /// The same for all.
    #[must_use]
    pub fn same(release: Version) -> Self {
        Self {
            release,
            own: BTreeMap::new(),
            missing: Missing::Refuse,
        }
    }

    /// The version of an image.
    #[must_use]
    pub fn of(&self, repository: &Repository) -> &Version {
        self.own.get(repository).unwrap_or(&self.release)
    }

    /// Whether an image may be kept: nobody said which version it has to have.
    #[must_use]
    pub fn may_keep(&self, repository: &Repository) -> bool {
        self.missing == Missing::Keep && !self.own.contains_key(repository)
    }

    /// Whether a build pipeline made it: all of them, or those that it named where what it did not name is kept.
    #[must_use]
    pub fn is_built(&self, repository: &Repository) -> bool {
        self.missing == Missing::Refuse || self.own.is_empty() || self.own.contains_key(repository)
    }
}
