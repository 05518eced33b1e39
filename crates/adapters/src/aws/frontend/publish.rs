//! Publishes a build: immutable files to their place, mutable ones under their hash. Deletes nothing, overwrites no bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use backstay_domain::app::Frontend;
use backstay_domain::ports::{FailureKind, PortFailure, Publication, Published};
use backstay_domain::release::{FileKind, ManifestFile};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::UPLOADS_AT_ONCE;
use super::bucket::Bucket;
use super::compare::{Look, Stands, headers};
use super::list::Listed;
use super::looked::Looked;
use super::place::{copy_key, key};
use super::upload::Held;
use super::uploads::Uploads;
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
        // What was neither live nor kept when it was planned is uploaded: S3 refuses what is there.
        let hashes = mutable.filter(|(path, _)| !publication.upload.contains(*path));
        let hashes = hashes.map(|(_, file)| &file.sha256);
        let hashes = hashes.chain(publication.keep.values()).collect();
        let kept = bucket.kept(frontend, &hashes).await?;
        bucket.keep(frontend, publication.keep, &kept).await?;
        // A plan says what is missing; those of earlier versions did not.
        let says_nothing = publication.upload.is_empty() && publication.correct.is_empty();
        let listed = match says_nothing {
            true => {
                let keys = manifest.files.keys().map(|path| key(frontend, path));
                Some(bucket.beside(&frontend.prefix, &keys.collect()).await?)
            }
            false => None,
        };
        let build = self.builds.join(&frontend.directory);
        let publishing = Publishing {
            bucket: &bucket,
            frontend,
            publication,
            build: &build,
            kept: &kept,
            listed: listed.as_ref(),
            held: Held::default(),
            copies: &self.looked,
        };
        let uploads = Uploads::begin(publication, &self.time, self.notice);
        let published = stream::iter(&manifest.files)
            .map(async |(path, file)| match file.kind {
                FileKind::Immutable => publishing.immutable(path, file).await,
                FileKind::Mutable => publishing.mutable(path, file).await,
            })
            .buffer_unordered(UPLOADS_AT_ONCE)
            .try_fold(Published::default(), async |sum, fate| {
                if let Fate::Uploaded(bytes) = fate {
                    uploads.arrived(bytes);
                }
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
            .await?;
        if let Some((found, evidence)) = self.looked.at(frontend) {
            let place = (frontend, publication.owner);
            bucket
                .note_inventory(&found, place, manifest, evidence)
                .await;
        }
        Ok(published)
    }
}

struct Publishing<'p> {
    bucket: &'p Bucket,
    frontend: &'p Frontend,
    publication: &'p Publication<'p>,
    build: &'p Path,
    kept: &'p BTreeSet<String>,
    listed: Option<&'p BTreeMap<String, Listed>>,
    held: Held,
    copies: &'p Looked,
}

impl Publishing<'_> {
    /// A file that was right when it was planned is still right if its size is; what was missing or wrong is looked at.
    async fn immutable(&self, path: &str, file: &ManifestFile) -> Result<Fate, PortFailure> {
        let key = key(self.frontend, path);
        let planned =
            self.publication.upload.contains(path) || self.publication.correct.contains_key(path);
        let listed = self.listed.and_then(|listed| listed.get(&key));
        if !planned && (self.listed.is_none() || listed.is_some_and(|it| it.size == file.size)) {
            return Ok(Fate::Present);
        }
        if listed.is_some() || self.publication.correct.contains_key(path) {
            return self.is_there(&key, path, file, listed).await;
        }
        match self.upload(&key, path, file).await {
            Ok(_) => Ok(Fate::Uploaded(file.size)),
            // Somebody else uploaded it meanwhile, or our own upload's answer was lost.
            Err(failure) if failure.kind == FailureKind::Conflict => {
                match self.bucket.head(&key).await? {
                    Some(_) => self.is_there(&key, path, file, None).await,
                    // It is the file here that is another one now.
                    None => Err(failure),
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
        let seen = Listed::of(&head);
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
        match self.upload(&copy, path, file).await {
            Ok(small) => {
                self.copies.uploaded(copy, small);
                Ok(Fate::Uploaded(file.size))
            }
            Err(failure) if failure.kind == FailureKind::Conflict => {
                self.bucket.is_kept(&copy, path).await?;
                Ok(Fate::Present)
            }
            Err(failure) => Err(failure),
        }
    }

    /// What is held of files at once has a bound, whatever their number.
    async fn upload(
        &self,
        key: &str,
        path: &str,
        file: &ManifestFile,
    ) -> Result<Option<Bytes>, PortFailure> {
        let _held = self.held.room_for(file.size).await;
        self.bucket.upload(self.build, key, path, file).await
    }

    async fn is_live(&self, key: &str, file: &ManifestFile) -> Result<bool, PortFailure> {
        let live = self.bucket.object(key).await?;
        Ok(live.is_some_and(|live| live.sha256 == file.sha256))
    }
}
