//! The mutable files that point at a release: making others live from their kept copies, the entry pages last.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::primitives::ByteStream;
use backstay_domain::app::Frontend;
use backstay_domain::ports::{Effect, FailureKind, Pointer, PortFailure};
use backstay_domain::release::FileKind;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::AT_ONCE;
use super::bucket::Bucket;
use super::correct::Copy;
use super::looked::Looked;
use super::objects::{Existing, Upload, named_hash};
use super::place::{copy_key, key};
use crate::aws::AwsCloud;
use crate::aws::error::refusal;
use crate::media::{cache_control, same_media_type, usual};

const POINT: &str = "frontend.point";

impl<T> AwsCloud<T> {
    /// The hashes of the live files, of their bytes: somebody is told what visitors get.
    pub(in crate::aws) async fn live_pointers(
        &self,
        frontend: &Frontend,
        paths: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        let bucket = self.bucket_of(frontend).await;
        stream::iter(paths)
            .map(async |path| {
                let live = bucket.object(&key(frontend, path)).await?;
                Ok(live.map(|live| (path.clone(), live.sha256)))
            })
            .buffer_unordered(AT_ONCE)
            .try_filter_map(async |live| Ok(live))
            .try_collect()
            .await
    }

    /// Makes these files live: the site's entry page after all others, and other folders' pages before it.
    pub(in crate::aws) async fn set_pointers(
        &self,
        frontend: &Frontend,
        pointers: &BTreeMap<String, Option<Pointer>>,
    ) -> Result<(), PortFailure> {
        self.confirmed.forget();
        let bucket = self.bucket_of(frontend).await;
        let mut groups: [Vec<_>; 3] = Default::default();
        for pointer in pointers {
            let [others, pages, entry] = &mut groups;
            match pointer.0.as_str() {
                "index.html" => entry.push(pointer),
                path if path.ends_with("/index.html") => pages.push(pointer),
                _ => others.push(pointer),
            }
        }
        let mut changed = 0;
        for group in groups {
            let stop = AtomicBool::new(false);
            let mut ends = stream::iter(group)
                .map(async |(path, to)| {
                    // One failure is enough: thousands of others would fail the same way.
                    if stop.load(Ordering::Relaxed) {
                        return None;
                    }
                    let done = bucket
                        .set_pointer((frontend, &self.looked), path, to.as_ref())
                        .await;
                    stop.fetch_or(done.is_err(), Ordering::Relaxed);
                    Some(done)
                })
                .buffer_unordered(AT_ONCE);
            let mut failed = None;
            while let Some(end) = ends.next().await {
                match end {
                    Some(Ok(())) => changed += 1,
                    Some(Err(failure)) if failed.is_none() => failed = Some(failure),
                    Some(Err(_)) | None => {}
                }
            }
            match failed {
                None => {}
                // Some of the files are live already: nobody may take this for nothing.
                Some(failure) if changed > 0 => {
                    let effect = Effect::Applied;
                    return Err(PortFailure { effect, ..failure });
                }
                Some(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}

impl Bucket {
    async fn set_pointer(
        &self,
        (frontend, looked): (&Frontend, &Looked),
        path: &str,
        to: Option<&Pointer>,
    ) -> Result<(), PortFailure> {
        match to {
            Some(pointer) => self.point_at((frontend, looked), path, pointer).await,
            None => self.delete(&key(frontend, path)).await,
        }
    }

    /// The copy's bytes are hashed before they go live, rather than trusted.
    async fn point_at(
        &self,
        (frontend, looked): (&Frontend, &Looked),
        path: &str,
        pointer: &Pointer,
    ) -> Result<(), PortFailure> {
        let to = key(frontend, path);
        let sha256 = pointer.sha256.as_str();
        let short = sha256.get(..12).unwrap_or(sha256);
        let from = copy_key(frontend, sha256);
        // S3 has just checked the bytes of this very copy, for this process.
        if let Some((body, kind)) = looked.copy(&from).zip(pointer.content_type.as_deref()) {
            return self
                .put(Upload {
                    key: &to,
                    size: body.len() as u64,
                    body: ByteStream::from(body),
                    sha256,
                    content_type: kind,
                    cache_control: cache_control(FileKind::Mutable),
                    content_encoding: pointer.content_encoding.as_deref(),
                    existing: Existing::Replace,
                })
                .await;
        }
        if self.is_at(&to, pointer).await? {
            return Ok(());
        }
        let copy = self.object(&from).await?;
        let copy = copy.ok_or_else(|| {
            let text = format!("no copy of {path} with hash {short} is kept");
            refusal(POINT, FailureKind::NotFound, text)
        })?;
        if copy.sha256 != sha256 {
            let text = format!("the kept copy of {path} with hash {short} is damaged");
            return Err(refusal(POINT, FailureKind::Conflict, text));
        }
        let said = pointer.content_type.as_deref();
        let content_type = said.or(copy.content_type.as_deref());
        let content_type = content_type.unwrap_or_else(|| usual(path));
        let content_encoding = match said {
            Some(_) => pointer.content_encoding.as_deref(),
            None => copy.content_encoding.as_deref(),
        };
        match (copy.body, copy.etag) {
            (Some(body), _) => {
                self.put(Upload {
                    key: &to,
                    size: body.len() as u64,
                    body: ByteStream::from(body),
                    sha256,
                    content_type,
                    cache_control: cache_control(FileKind::Mutable),
                    content_encoding,
                    existing: Existing::Replace,
                })
                .await
            }
            (None, Some(etag)) => {
                self.copy(Copy {
                    from: &from,
                    etag: &etag,
                    to: &to,
                    sha256,
                    content_type,
                    cache_control: cache_control(FileKind::Mutable),
                    content_encoding,
                })
                .await
            }
            (None, None) => Err(refusal(POINT, FailureKind::Unavailable, "no ETag")),
        }
    }

    /// Whether it is live already, by what the object says of itself, else by its bytes: what need not be written cannot be
    /// denied. Headers count where the release says which.
    async fn is_at(&self, key: &str, pointer: &Pointer) -> Result<bool, PortFailure> {
        let Some(head) = self.head(key).await? else {
            return Ok(false);
        };
        if let Some(kind) = pointer.content_type.as_deref() {
            let found = head.content_type().unwrap_or_default();
            if !same_media_type(kind, found)
                || head.content_encoding() != pointer.content_encoding.as_deref()
                || head.cache_control() != Some(cache_control(FileKind::Mutable))
            {
                return Ok(false);
            }
        }
        if let Some(hash) = named_hash(&head) {
            return Ok(hash == pointer.sha256);
        }
        let live = self.object(key).await?;
        Ok(live.is_some_and(|live| live.sha256 == pointer.sha256))
    }
}
