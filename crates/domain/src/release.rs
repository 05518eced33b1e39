//! A release: an immutable, content-addressed record of everything that an environment runs.

mod assemble;
mod files;
mod mixed;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use assemble::addresses;
pub use files::Files;

use crate::app::{Check, Compatibility, ServiceLocator, WayDown};
use crate::definition::{Definition, sha256_hex};
use crate::lookup::LookedUp;
use crate::operator::Commit;
use crate::scheduled::JobRelease;
use crate::{
    AppName, Digest, EnvironmentName, FrontendName, JobName, ReleaseId, Repository, ServiceName,
    Version,
};

/// Everything that an environment runs, with nothing that can change under the same name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Hash of all that follows.
    pub id: ReleaseId,
    /// The app.
    pub app: AppName,
    /// The environment it was assembled for.
    pub environment: EnvironmentName,
    /// The git sha or tag people know it by.
    pub version: Version,
    /// Its services.
    pub services: BTreeMap<ServiceName, ServiceRelease>,
    /// Its migration.
    pub migration: Option<MigrationRelease>,
    /// Its frontends by name.
    #[serde(flatten, with = "crate::frontends::written")]
    pub frontends: BTreeMap<FrontendName, Manifest>,
    /// Its scheduled jobs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<JobName, JobRelease>,
    /// The smoke checks that belong to it.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Fingerprint of the configuration it was assembled from.
    pub config_fingerprint: String,
    /// The commit it was built from, where the checkout knows it.
    #[serde(default)]
    pub commit: Option<Commit>,
    /// Whether anybody assembled it.
    #[serde(default, skip_serializing_if = "Origin::is_assembled")]
    pub origin: Origin,
    /// What of the configuration was looked up elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_up: Vec<LookedUp>,
}

/// Whether anybody assembled a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It was made from images, a configuration and a build.
    #[default]
    Assembled,
    /// It ran before Backstay came: no answer names its version.
    Found,
}

impl Origin {
    /// Nearly every release is: only the other ones say it.
    #[must_use]
    pub fn is_assembled(&self) -> bool {
        *self == Self::Assembled
    }
}

/// A service in a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceRelease {
    /// How the cloud finds it.
    pub locator: ServiceLocator,
    /// Its image.
    pub image: ResolvedImage,
    /// Its task definition.
    pub definition: Definition,
    /// How many tasks it gets when it is started from zero, where the configuration says so.
    #[serde(default)]
    pub desired_count: Option<u32>,
    /// The version of its image, where it is not the release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

/// The migration of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MigrationRelease {
    /// Its image.
    pub image: ResolvedImage,
    /// Its task definition.
    pub definition: Definition,
    /// Whether old code runs on the new schema.
    pub compatibility: Compatibility,
    /// Whether it can be undone.
    pub way_down: WayDown,
    /// The version of its image, where it is not the release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

/// An image by content: what is pulled is what was resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedImage {
    /// Its repository.
    pub repository: Repository,
    /// Its content address.
    pub digest: Digest,
    /// What a task definition holds: registry, repository and `@sha256:…`.
    pub reference: String,
    /// Platforms it was built for, as `os/architecture`; empty when the registry does not say.
    pub platforms: Vec<String>,
}

/// A frontend build: every file by path, with its content's hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Hash of the whole manifest, 64 hexadecimal digits.
    pub id: String,
    /// Its files.
    pub files: Files,
}

/// One file of a frontend build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Its size in bytes; 0 also where it is not known.
    pub size: u64,
    /// Its media type; empty where it is not known.
    pub content_type: String,
    /// Whether later releases overwrite it.
    pub kind: FileKind,
    /// MD5 of its bytes, hexadecimal: what a listing of a bucket says of an object that was written at once. Never a proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5: Option<String>,
    /// How its bytes are compressed (`br`, `gzip`, `zstd`), where they are another file's: it is served in that one's stead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
}

/// Whether a file's content belongs to its name for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// Published once, never overwritten or deleted by a deployment.
    Immutable,
    /// A pointer such as `index.html`: published last.
    Mutable,
}

impl ManifestFile {
    /// A file of which only the content is known: it was there before Backstay came.
    #[must_use]
    pub fn found(sha256: String) -> Self {
        Self {
            sha256,
            size: 0,
            content_type: String::new(),
            kind: FileKind::Mutable,
            md5: None,
            content_encoding: None,
        }
    }

    /// Its media type, where it is known.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        Some(self.content_type.as_str()).filter(|known| !known.is_empty())
    }

    /// Whether another file is served as this one is: the same bytes, with the same headers.
    #[must_use]
    pub fn is_served_as(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
            && self.kind == other.kind
            && self.content_type == other.content_type
            && self.content_encoding == other.content_encoding
    }

    /// Its size in bytes, where it is known.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.media_type().map(|_| self.size)
    }
}

impl Manifest {
    /// A manifest of these files.
    #[must_use]
    pub fn new(files: BTreeMap<String, ManifestFile>) -> Self {
        let listing: String = files
            .iter()
            .map(|(path, file)| format!("{path}\0{}\n", file.sha256))
            .collect();
        Self {
            id: sha256_hex(listing.as_bytes()),
            files: files.into(),
        }
    }

    /// Paths that no build can have, and that would lead elsewhere: whoever wrote them, nothing is done with them.
    #[must_use]
    pub fn misplaced(&self) -> Vec<String> {
        let leads_out = |path: &str| {
            let mut parts = path.split('/');
            path.chars().any(char::is_control)
                || parts.clone().next() == Some("_backstay")
                || parts.any(|part| matches!(part, "" | "." | ".."))
        };
        let paths = self.files.keys();
        paths.filter(|path| leads_out(path)).cloned().collect()
    }

    /// The same files, where these may change as well.
    #[must_use]
    pub fn where_mutable(&self, may_change: impl Fn(&str) -> bool) -> Self {
        let mut same = self.clone();
        for (path, file) in &mut same.files {
            if may_change(path) {
                file.kind = FileKind::Mutable;
            }
        }
        same
    }

    /// The files of one kind, in path order.
    pub fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = (&String, &ManifestFile)> {
        self.files.iter().filter(move |(_, file)| file.kind == kind)
    }
}

/// Images found for a release: by service name, and the migration's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Images {
    /// By repository.
    pub by_repository: BTreeMap<Repository, ResolvedImage>,
    /// Their versions, where those are not the release's.
    pub versions: BTreeMap<Repository, Version>,
    /// What pins the images of containers beside the app's own, by what the task definitions say.
    pub pins: BTreeMap<String, String>,
}

impl Release {
    /// The task definitions of its services, of its migration and of its jobs.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        let services = self.services.values().map(|service| &service.definition);
        let migration = self.migration.iter().map(|migration| &migration.definition);
        let jobs = self.jobs.values().map(|job| &job.definition);
        services.chain(migration).chain(jobs)
    }

    /// Its images: of its services, of its migration and of its jobs.
    #[must_use]
    pub fn images(&self) -> Vec<ResolvedImage> {
        let services = self.services.values().map(|service| &service.image);
        let migration = self.migration.iter().map(|migration| &migration.image);
        let jobs = self.jobs.values().map(|job| &job.image);
        services.chain(migration).chain(jobs).cloned().collect()
    }
}
