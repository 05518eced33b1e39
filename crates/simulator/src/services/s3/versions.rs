//! Versions of objects: which one a write replaces or keeps, what a delete leaves behind, where a version is found.

use s3s::dto::DeleteObjectOutput;
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::buckets::Versioning;
use super::state::{Bucket, Object, S3, hex};
use crate::Millis;

/// The id of what was stored without versioning [DOC].
pub(super) const NULL: &str = "null";

/// What a key was before, or is while a delete marker hides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every version is an object"
)]
pub(super) enum Version {
    Object(Object),
    Marker(Marker),
}

/// A delete marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    pub(super) version: Option<String>,
    pub(super) at_ms: Millis,
}

impl Version {
    /// Its id; none is the version `null`.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Object(object) => object.version.as_deref(),
            Self::Marker(marker) => marker.version.as_deref(),
        }
    }
}

pub(super) fn shown(version: Option<&str>) -> String {
    version.unwrap_or(NULL).to_owned()
}

impl S3 {
    pub(super) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        let missing = || s3_error!(NoSuchBucket, "The specified bucket does not exist");
        self.buckets.get(name).ok_or_else(missing)
    }

    pub(super) fn versioning(&self, bucket: &str) -> Versioning {
        let made = self.made.get(bucket);
        made.map_or(Versioning::Never, |made| made.versioning)
    }

    /// An id that is never given out twice, the same in the same story.
    pub(super) fn next_id(&mut self) -> String {
        self.ids += 1;
        let digest = Sha256::digest(format!("s3/{}", self.ids));
        hex(&digest).chars().take(32).collect()
    }

    /// Makes an object its key's newest version; returns the id that the client is told, if any.
    pub(super) fn put(
        &mut self,
        bucket: &str,
        key: String,
        mut object: Object,
    ) -> S3Result<Option<String>> {
        self.raced(bucket, &key);
        let versioning = self.versioning(bucket);
        if versioning == Versioning::Enabled {
            object.version = Some(self.next_id());
        }
        let told = match versioning {
            Versioning::Never => None,
            Versioning::Enabled | Versioning::Suspended => Some(shown(object.version.as_deref())),
        };
        let objects = self.buckets.get_mut(bucket);
        let objects = objects.ok_or_else(|| s3_error!(NoSuchBucket))?;
        if versioning == Versioning::Never {
            objects.insert(key, object);
            return Ok(None);
        }
        let replaced = objects.insert(key.clone(), object);
        self.keep(bucket, &key, replaced, versioning);
        Ok(told)
    }

    /// Keeps what is no longer the newest. While versioning is suspended there is only one version `null` [DOC].
    fn keep(&mut self, bucket: &str, key: &str, replaced: Option<Object>, versioning: Versioning) {
        let older = self.older.entry(bucket.to_owned()).or_default();
        let versions = older.entry(key.to_owned()).or_default();
        versions.extend(replaced.map(Version::Object));
        if versioning == Versioning::Suspended {
            versions.retain(|version| version.id().is_some());
        }
        if versions.is_empty() {
            older.remove(key);
        }
    }

    /// DeleteObject without a version: gone for good, or hidden by a delete marker.
    pub(super) fn delete(&mut self, bucket: &str, key: &str, now_ms: Millis) -> DeleteObjectOutput {
        self.raced(bucket, key);
        let versioning = self.versioning(bucket);
        let replaced = self
            .buckets
            .get_mut(bucket)
            .and_then(|objects| objects.remove(key));
        if versioning == Versioning::Never {
            return DeleteObjectOutput::default();
        }
        self.keep(bucket, key, replaced, versioning);
        let version = match versioning {
            Versioning::Enabled => Some(self.next_id()),
            Versioning::Never | Versioning::Suspended => None,
        };
        let told = shown(version.as_deref());
        let marker = Version::Marker(Marker {
            version,
            at_ms: now_ms,
        });
        let older = self.older.entry(bucket.to_owned()).or_default();
        older.entry(key.to_owned()).or_default().push(marker);
        DeleteObjectOutput {
            delete_marker: Some(true),
            version_id: Some(told),
            ..DeleteObjectOutput::default()
        }
    }

    /// DeleteObject with a version: exactly that one goes, and the one before it becomes the newest.
    pub(super) fn delete_version(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> DeleteObjectOutput {
        self.raced(bucket, key);
        let told = |marker: bool| DeleteObjectOutput {
            delete_marker: marker.then_some(true),
            version_id: Some(id.to_owned()),
            ..DeleteObjectOutput::default()
        };
        let wanted = (id != NULL).then_some(id);
        let Some(objects) = self.buckets.get_mut(bucket) else {
            return told(false);
        };
        let is_newest = |object: &Object| object.version.as_deref() == wanted;
        let newest_went = objects.get(key).is_some_and(is_newest);
        if newest_went {
            objects.remove(key);
        }
        let Some(older) = self.older.get_mut(bucket) else {
            return told(false);
        };
        let Some(versions) = older.get_mut(key) else {
            return told(false);
        };
        let mut was_marker = false;
        if !newest_went && let Some(at) = versions.iter().position(|it| it.id() == wanted) {
            was_marker = matches!(versions.remove(at), Version::Marker(_));
        }
        let hidden =
            !objects.contains_key(key) && matches!(versions.last(), Some(Version::Object(_)));
        if hidden && let Some(Version::Object(object)) = versions.pop() {
            objects.insert(key.to_owned(), object);
        }
        if versions.is_empty() {
            older.remove(key);
        }
        told(was_marker)
    }

    /// Every version of a key, newest first, and whether it is the newest.
    pub(super) fn versions<'a>(&'a self, bucket: &str, key: &str) -> Vec<Found<'a>> {
        let newest = self.object(bucket, key).map(Found::Object);
        let older = self.older.get(bucket).and_then(|older| older.get(key));
        let older = older
            .into_iter()
            .flatten()
            .rev()
            .map(|version| match version {
                Version::Object(object) => Found::Object(object),
                Version::Marker(marker) => Found::Marker(marker),
            });
        newest.into_iter().chain(older).collect()
    }
}

/// A version where it was found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    Object(&'a Object),
    Marker(&'a Marker),
}

impl Found<'_> {
    /// Its id as it is shown.
    pub(super) fn id(&self) -> &str {
        let id = match self {
            Self::Object(object) => object.version.as_deref(),
            Self::Marker(marker) => marker.version.as_deref(),
        };
        id.unwrap_or(NULL)
    }
}
