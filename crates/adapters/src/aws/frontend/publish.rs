//! Publishes a build: immutable files to their place, mutable ones under their hash. Deletes nothing, overwrites no bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use backstay_domain::app::Frontend;
use backstay_domain::ports::{FailureKind, PortFailure, Publication, Published};
use backstay_domain::release::{FileKind, ManifestFile};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::AT_ONCE;
use super::bucket::Bucket;
use super::compare::{Look, Stands, headers};
use super::list::Listed;
use super::place::{copy_key, key};
use crate::aws::AwsCloud;
use crate::aws::error::refusal;

const PUBLISH: &str = "frontend.publish";

/// What happened to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Uploaded(u64),
    Corrected,
    Present,
}

impl<T> AwsCloud<T> {
    /// Keeps what is live, uploads what is not there yet, puts headers right.
    pub(in crate::aws) async fn publish_files(
        &self,
        frontend: &Frontend,
        publication: &Publication<'_>,
    ) -> Result<Published, PortFailure> {
        self.confirmed.forget();
        let bucket = self.bucket_of(frontend).await;
        let manifest = publication.manifest;
        let mutable = manifest.of_kind(FileKind::Mutable);
        let hashes = mutable.map(|(_, file)| &file.sha256);
        let hashes = hashes.chain(publication.keep.values()).collect();
        let kept = bucket.kept(frontend, &hashes).await?;
        bucket.keep(frontend, publication.keep, &kept).await?;
        let keys = manifest.files.keys().map(|path| key(frontend, path));
        let listed = bucket.beside(&frontend.prefix, &keys.collect()).await?;
        let build = self.builds.join(&frontend.directory);
        let publishing = Publishing {
            bucket: &bucket,
            frontend,
            publication,
            build: &build,
            kept: &kept,
            listed: &listed,
        };
        stream::iter(&manifest.files)
            .map(async |(path, file)| match file.kind {
                FileKind::Immutable => publishing.immutable(path, file).await,
                FileKind::Mutable => publishing.mutable(path, file).await,
            })
            .buffer_unordered(AT_ONCE)
            .try_fold(Published::default(), async |sum, fate| {
                Ok(match fate {
                    Fate::Uploaded(bytes) => Published {
                        uploaded: sum.uploaded + 1,
                        bytes: sum.bytes + bytes,
                        ..sum
                    },
                    Fate::Corrected => Published {
                        corrected: sum.corrected + 1,
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
}

struct Publishing<'p> {
    bucket: &'p Bucket,
    frontend: &'p Frontend,
    publication: &'p Publication<'p>,
    build: &'p Path,
    kept: &'p BTreeSet<String>,
    listed: &'p BTreeMap<String, Listed>,
}

impl Publishing<'_> {
    /// A file that was right when it was planned is still right if its size is; what was missing or wrong is looked at.
    async fn immutable(&self, path: &str, file: &ManifestFile) -> Result<Fate, PortFailure> {
        let key = key(self.frontend, path);
        let planned =
            self.publication.upload.contains(path) || self.publication.correct.contains_key(path);
        let listed = self.listed.get(&key);
        if !planned && listed.is_some_and(|listed| listed.size == file.size) {
            return Ok(Fate::Present);
        }
        if listed.is_some() {
            return self.is_there(&key, path, file, listed).await;
        }
        match self.bucket.upload(self.build, &key, path, file).await {
            Ok(()) => Ok(Fate::Uploaded(file.size)),
            // Somebody else uploaded it meanwhile, or our own upload's answer was lost.
            Err(failure) if failure.kind == FailureKind::Conflict => {
                match self.is_there(&key, path, file, None).await {
                    Err(other) if other.kind == FailureKind::Unavailable => Err(failure),
                    there => there,
                }
            }
            Err(failure) => Err(failure),
        }
    }

    /// An object that is there must be the file: its name promises that it never changes.
    async fn is_there(
        &self,
        key: &str,
        path: &str,
        file: &ManifestFile,
        listed: Option<&Listed>,
    ) -> Result<Fate, PortFailure> {
        let gone = || {
            let text = format!("{path} is being written by somebody else");
            refusal(PUBLISH, FailureKind::Unavailable, text)
        };
        let head = self.bucket.head(key).await?.ok_or_else(gone)?;
        let seen = Listed {
            size: u64::try_from(head.content_length().unwrap_or_default()).unwrap_or_default(),
            etag: head
                .e_tag()
                .unwrap_or_default()
                .trim_matches('"')
                .to_owned(),
        };
        let look = Look {
            bucket: self.bucket,
            key,
            file,
            listed: listed.or(Some(&seen)),
            recorded: None,
        };
        match look.immutable().await? {
            Stands::Right => Ok(Fate::Present),
            Stands::Absent => Err(gone()),
            Stands::Headers(_) => {
                self.bucket.put_right(key, &head, file).await?;
                Ok(Fate::Corrected)
            }
            Stands::Changed => Err(refusal(
                PUBLISH,
                FailureKind::Conflict,
                format!(
                    "{path} is immutable but exists with other content: give it a name of its own, or declare it mutable"
                ),
            )),
        }
    }

    /// Uploaded under its hash. Where the live file is this one already, its headers may have to be put right.
    async fn mutable(&self, path: &str, file: &ManifestFile) -> Result<Fate, PortFailure> {
        if self.publication.correct.contains_key(path) {
            let key = key(self.frontend, path);
            if let Some(head) = self.bucket.head(&key).await?
                && matches!(headers(&head, file), Stands::Headers(_))
                && self.is_live(&key, file).await?
            {
                self.bucket.put_right(&key, &head, file).await?;
                return Ok(Fate::Corrected);
            }
        }
        if self.kept.contains(&file.sha256) {
            return Ok(Fate::Present);
        }
        let copy = copy_key(self.frontend, &file.sha256);
        if self.publication.keep.get(path) == Some(&file.sha256) {
            // It was live, and has just been kept.
            return Ok(Fate::Present);
        }
        match self.bucket.upload(self.build, &copy, path, file).await {
            Ok(()) => Ok(Fate::Uploaded(file.size)),
            Err(failure) if failure.kind == FailureKind::Conflict => {
                match self.bucket.head(&copy).await? {
                    Some(_) => Ok(Fate::Present),
                    None => Err(failure),
                }
            }
            Err(failure) => Err(failure),
        }
    }

    async fn is_live(&self, key: &str, file: &ManifestFile) -> Result<bool, PortFailure> {
        let live = self.bucket.object(key).await?;
        Ok(live.is_some_and(|live| live.sha256 == file.sha256))
    }
}
