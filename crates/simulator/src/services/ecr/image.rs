//! One pushed image.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::scan::Scan;
use crate::{ImageBlueprint, Millis};

/// An image as its registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Image {
    /// `sha256:...` of the image index.
    pub(crate) digest: String,
    /// Tags; a tag points at one image only.
    pub(crate) tags: Vec<String>,
    /// For example `linux/amd64`.
    pub(crate) platforms: Vec<String>,
    /// The schema revision that this image's migration arrives at.
    pub(crate) schema_head: Option<String>,
    /// When it was pushed.
    pub(crate) pushed_at_ms: Millis,
    /// As it was pushed through the API; a blueprint's image has one that is made up when it is asked for.
    #[serde(default)]
    pub(super) manifest: Option<PushedManifest>,
    #[serde(default)]
    pub(super) storage: Storage,
    #[serde(default)]
    pub(super) scan: Option<Scan>,
}

/// PutImage's own text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PushedManifest {
    pub(super) text: String,
    pub(super) media_type: String,
    /// Of its layers and its configuration.
    pub(super) size_bytes: u64,
}

/// imageStatus [MODEL].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Storage {
    #[default]
    Active,
    Archived {
        at_ms: Millis,
    },
    /// On its way back: ACTIVE from this time on.
    Activating {
        until_ms: Millis,
    },
}

impl Image {
    pub(super) fn pushed(repository: &str, blueprint: &ImageBlueprint, at_ms: Millis) -> Self {
        Self {
            digest: image_digest(repository, &blueprint.tags),
            tags: blueprint.tags.clone(),
            platforms: blueprint.platforms.clone(),
            schema_head: blueprint.schema_head.clone(),
            pushed_at_ms: at_ms,
            manifest: None,
            storage: Storage::Active,
            scan: None,
        }
    }

    /// Whether its layers were pushed, and can be pulled.
    pub(crate) fn has_content(&self) -> bool {
        self.manifest.is_some()
    }

    /// Whether it can run on a platform, for example `linux/arm64`.
    pub(crate) fn runs_on(&self, platform: &str) -> bool {
        self.platforms.iter().any(|own| own == platform)
    }

    /// An archived image cannot be pulled (ecs-semantics I [MODEL]).
    pub(crate) fn is_pullable(&self, now_ms: Millis) -> bool {
        self.status(now_ms) == "ACTIVE"
    }

    /// imageStatus.
    pub(super) fn status(&self, now_ms: Millis) -> &'static str {
        match self.storage {
            Storage::Archived { .. } => "ARCHIVED",
            Storage::Activating { until_ms } if now_ms < until_ms => "ACTIVATING",
            Storage::Active | Storage::Activating { .. } => "ACTIVE",
        }
    }
}

/// The digest that a blueprint's image gets: from its repository's name and its tags.
#[must_use]
pub fn image_digest(repository: &str, tags: &[String]) -> String {
    sha256(format!("{repository}:{}", tags.join(",")).as_bytes())
}

/// `sha256:` and 64 hex digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}
