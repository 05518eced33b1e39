//! Uploads a build: immutable files to their place, mutable ones under their hash. Deletes and overwrites nothing.

use std::collections::BTreeSet;
use std::path::Path;

use backstay_domain::app::Frontend;
use backstay_domain::ports::{FailureKind, PortFailure, Published};
use backstay_domain::release::{FileKind, Manifest, ManifestFile};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::objects::{Existing, Upload};
use super::place::{copy_key, key};
use crate::aws::AwsCloud;
use crate::aws::error::refusal;
use crate::files::{self, BuildError};

/// Uploads in flight at once.
const AT_ONCE: usize = 8;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const MUTABLE: &str = "no-cache";

/// What happened to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Uploaded(u64),
    Present,
}

impl<T> AwsCloud<T> {
    /// Uploads what is not there yet.
    pub(in crate::aws) async fn publish_files(
        &self,
        frontend: &Frontend,
        manifest: &Manifest,
    ) -> Result<Published, PortFailure> {
        let build = self.builds.join(&frontend.directory);
        let present = self.keys_below(&frontend.bucket, &frontend.prefix).await?;
        stream::iter(&manifest.files)
            .map(|(path, file)| self.publish_file(frontend, &build, &present, path, file))
            .buffer_unordered(AT_ONCE)
            .try_fold(Published::default(), async |sum, fate| {
                Ok(match fate {
                    Fate::Uploaded(bytes) => Published {
                        uploaded: sum.uploaded + 1,
                        bytes: sum.bytes + bytes,
                        ..sum
                    },
                    Fate::Present => Published {
                        present: sum.present + 1,
                        ..sum
                    },
                })
            })
            .await
    }

    /// The files that are not in the bucket.
    pub(in crate::aws) async fn missing_files(
        &self,
        frontend: &Frontend,
        manifest: &Manifest,
    ) -> Result<Vec<String>, PortFailure> {
        let present = self.keys_below(&frontend.bucket, &frontend.prefix).await?;
        let missing = manifest
            .files
            .iter()
            .filter(|(path, file)| !present.contains(&place(frontend, path, file)));
        Ok(missing.map(|(path, _)| path.clone()).collect())
    }

    async fn publish_file(
        &self,
        frontend: &Frontend,
        build: &Path,
        present: &BTreeSet<String>,
        path: &str,
        file: &ManifestFile,
    ) -> Result<Fate, PortFailure> {
        let key = place(frontend, path, file);
        let cache_control = match file.kind {
            FileKind::Immutable => IMMUTABLE,
            FileKind::Mutable => MUTABLE,
        };
        if present.contains(&key) {
            return self.same(frontend, &key, path, file).await;
        }
        let body =
            Bytes::from(files::read(build, path, file).map_err(|error| broken_build(&error))?);
        let upload = Upload {
            bucket: &frontend.bucket,
            key: key.clone(),
            body,
            content_type: &file.content_type,
            cache_control,
            existing: Existing::Refuse,
        };
        match self.put_object(upload).await {
            Ok(()) => Ok(Fate::Uploaded(file.size)),
            // Somebody else uploaded it meanwhile, or our own upload's answer was lost.
            Err(failure) if failure.kind == FailureKind::Conflict => {
                self.same(frontend, &key, path, file).await
            }
            Err(failure) => Err(failure),
        }
    }

    /// An object that is there must be the file: its name promises that it never changes.
    async fn same(
        &self,
        frontend: &Frontend,
        key: &str,
        path: &str,
        file: &ManifestFile,
    ) -> Result<Fate, PortFailure> {
        const PUT: &str = "s3.PutObject";
        match self.object_hash(&frontend.bucket, key).await? {
            Some(hash) if hash == file.sha256 => Ok(Fate::Present),
            Some(_) => Err(refusal(
                PUT,
                FailureKind::Conflict,
                format!(
                    "{path} is immutable but exists with other content: give it a name of its own, or declare it mutable"
                ),
            )),
            None => Err(refusal(
                PUT,
                FailureKind::Unavailable,
                format!("{path} is being written by somebody else"),
            )),
        }
    }
}

/// Where a file is uploaded to: a mutable one under its hash.
fn place(frontend: &Frontend, path: &str, file: &ManifestFile) -> String {
    match file.kind {
        FileKind::Immutable => key(frontend, path),
        FileKind::Mutable => copy_key(frontend, &file.sha256),
    }
}

fn broken_build(error: &BuildError) -> PortFailure {
    let kind = match error {
        BuildError::Changed(_) => FailureKind::Conflict,
        BuildError::Unreadable { .. }
        | BuildError::Empty(_)
        | BuildError::Escapes(_)
        | BuildError::Name(_)
        | BuildError::TooMany(_) => FailureKind::Rejected,
    };
    refusal("frontend.build", kind, error.to_string())
}
