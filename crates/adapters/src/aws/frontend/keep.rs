//! Copies of mutable files under their hash: what the way back brings back.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::primitives::ByteStream;
use backstay_domain::app::Frontend;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::FileKind;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::AT_ONCE;
use super::bucket::Bucket;
use super::correct::Copy;
use super::objects::{Existing, Upload, named_hash};
use super::place::{copies, copy_key, key};
use crate::aws::error::refusal;
use crate::media::{cache_control, usual};

/// Copies that are looked up one by one; more of them are listed.
const MOST_LOOKS: usize = 200;

const KEEP: &str = "frontend.keep";

impl Bucket {
    /// Which of these hashes are kept.
    pub(super) async fn kept(
        &self,
        frontend: &Frontend,
        hashes: &BTreeSet<&String>,
    ) -> Result<BTreeSet<String>, PortFailure> {
        if hashes.len() > MOST_LOOKS {
            let prefix = copies(frontend);
            let listed = self.below(&prefix).await?;
            let names = listed.keys().filter_map(|key| key.strip_prefix(&prefix));
            return Ok(names.map(str::to_owned).collect());
        }
        stream::iter(hashes)
            .map(async |sha256| {
                let found = self.head(&copy_key(frontend, sha256)).await?;
                Ok(found.map(|_| (*sha256).clone()))
            })
            .buffer_unordered(AT_ONCE)
            .try_filter_map(async |found| Ok(found))
            .try_collect()
            .await
    }

    /// Keeps a copy of each live file under its hash, unless there is one.
    pub(super) async fn keep(
        &self,
        frontend: &Frontend,
        keep: &BTreeMap<String, String>,
        kept: &BTreeSet<String>,
    ) -> Result<(), PortFailure> {
        stream::iter(keep)
            .map(async |(path, sha256)| match kept.contains(sha256) {
                true => self.is_still(frontend, path, sha256).await,
                false => self.keep_one(frontend, path, sha256).await,
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(async |()| Ok(()))
            .await
    }

    async fn is_still(
        &self,
        frontend: &Frontend,
        path: &str,
        sha256: &str,
    ) -> Result<(), PortFailure> {
        let key = key(frontend, path);
        let head = self.head(&key).await?;
        match head.as_ref().map(|head| named_hash(head)) {
            Some(Some(hash)) if hash == sha256 => return Ok(()),
            Some(None) => {
                let live = self.object(&key).await?;
                if live.is_some_and(|live| live.sha256 == sha256) {
                    return Ok(());
                }
            }
            Some(Some(_)) | None => {}
        }
        Err(changed(path))
    }

    /// The bytes that were hashed are the bytes that are kept: the live file may change meanwhile.
    async fn keep_one(
        &self,
        frontend: &Frontend,
        path: &str,
        sha256: &str,
    ) -> Result<(), PortFailure> {
        let from = key(frontend, path);
        let live = self.object(&from).await?;
        let live = live.filter(|live| live.sha256 == sha256);
        let live = live.ok_or_else(|| changed(path))?;
        let content_type = live.content_type.as_deref().unwrap_or_else(|| usual(path));
        let to = copy_key(frontend, sha256);
        match (live.body, live.etag) {
            (Some(body), _) => {
                let put = self.put(Upload {
                    key: &to,
                    size: body.len() as u64,
                    body: ByteStream::from(body),
                    sha256,
                    content_type,
                    cache_control: cache_control(FileKind::Mutable),
                    content_encoding: live.content_encoding.as_deref(),
                    existing: Existing::Refuse,
                });
                match put.await {
                    Err(failure) if failure.kind == FailureKind::Conflict => {
                        self.is_kept(&to, path).await
                    }
                    other => other,
                }
            }
            (None, Some(etag)) => {
                let copy = self.copy(Copy {
                    from: &from,
                    etag: &etag,
                    to: &to,
                    sha256,
                    content_type,
                    cache_control: cache_control(FileKind::Mutable),
                    content_encoding: live.content_encoding.as_deref(),
                });
                match copy.await {
                    // The live file changed: that matters only where nobody else has kept it.
                    Err(failure)
                        if failure.kind == FailureKind::Conflict
                            && self.head(&to).await?.is_some() =>
                    {
                        Ok(())
                    }
                    other => other,
                }
            }
            (None, None) => Err(refusal(KEEP, FailureKind::Unavailable, "no ETag")),
        }
    }

    /// After a write that was refused since somebody else's was first: a copy of this name has these bytes, once it is there.
    pub(super) async fn is_kept(&self, copy: &str, path: &str) -> Result<(), PortFailure> {
        match self.head(copy).await? {
            Some(_) => Ok(()),
            None => {
                let text = format!("the copy of {path} is being written by somebody else");
                Err(refusal(KEEP, FailureKind::Unavailable, text))
            }
        }
    }
}

fn changed(path: &str) -> PortFailure {
    let changed = format!("{path} changed after the deployment was planned");
    refusal(KEEP, FailureKind::Conflict, changed)
}
