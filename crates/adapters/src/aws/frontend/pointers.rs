//! The mutable files that point at a release: which are live, and making others live from their kept copies.

use std::collections::BTreeMap;

use backstay_domain::app::Frontend;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};

use super::objects::{Existing, Object, Upload};
use super::place::{copy_key, key};
use crate::aws::AwsCloud;
use crate::aws::error::refusal;
use crate::media::media_type;

const NO_CACHE: &str = "no-cache";

impl<T> AwsCloud<T> {
    /// The hashes of the live files.
    pub(in crate::aws) async fn live_pointers(
        &self,
        frontend: &Frontend,
        paths: &[String],
    ) -> Result<BTreeMap<String, String>, PortFailure> {
        let mut hashes = BTreeMap::new();
        for path in paths {
            let Some(live) = self.object(&frontend.bucket, &key(frontend, path)).await? else {
                continue;
            };
            hashes.insert(path.clone(), live.sha256());
        }
        Ok(hashes)
    }

    /// Keeps a copy of each live file under its hash.
    pub(in crate::aws) async fn keep_pointers(
        &self,
        frontend: &Frontend,
        keep: &BTreeMap<String, String>,
    ) -> Result<(), PortFailure> {
        const KEEP: &str = "frontend.keep";
        for (path, sha256) in keep {
            let live = self.object(&frontend.bucket, &key(frontend, path)).await?;
            let live = live.filter(|live| live.sha256() == *sha256);
            let live = live.ok_or_else(|| {
                let changed = format!("{path} changed after the deployment was planned");
                refusal(KEEP, FailureKind::Conflict, changed)
            })?;
            self.keep_copy(frontend, path, live, sha256).await?;
        }
        Ok(())
    }

    /// The bytes that were hashed are the bytes that are kept: the live file may change meanwhile.
    async fn keep_copy(
        &self,
        frontend: &Frontend,
        path: &str,
        live: Object,
        sha256: &str,
    ) -> Result<(), PortFailure> {
        let upload = Upload {
            bucket: &frontend.bucket,
            key: copy_key(frontend, sha256),
            body: live.body,
            content_type: live
                .content_type
                .as_deref()
                .unwrap_or_else(|| media_type(path)),
            cache_control: NO_CACHE,
            existing: Existing::Refuse,
        };
        match self.put_object(upload).await {
            Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
            other => other,
        }
    }

    /// Makes these files live, the entry page last.
    pub(in crate::aws) async fn set_pointers(
        &self,
        frontend: &Frontend,
        pointers: &BTreeMap<String, Option<String>>,
    ) -> Result<(), PortFailure> {
        let mut ordered: Vec<(&String, &Option<String>)> = pointers.iter().collect();
        ordered.sort_by_key(|(path, _)| path.rsplit('/').next() == Some("index.html"));
        let mut changed = 0;
        for (path, sha256) in ordered {
            let done = match sha256 {
                Some(sha256) => self.point_at(frontend, path, sha256).await,
                None => {
                    let key = key(frontend, path);
                    self.delete_object(&frontend.bucket, &key).await
                }
            };
            match done {
                Ok(()) => changed += 1,
                // Some of the files are live already: nobody may take this for nothing.
                Err(failure) if changed > 0 => {
                    let effect = Effect::Applied;
                    return Err(PortFailure { effect, ..failure });
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Reads the copy and checks it before it goes live, rather than trusting a server-side copy.
    async fn point_at(
        &self,
        frontend: &Frontend,
        path: &str,
        sha256: &str,
    ) -> Result<(), PortFailure> {
        const POINT: &str = "frontend.point";
        let live = self.object(&frontend.bucket, &key(frontend, path)).await?;
        if live.is_some_and(|live| live.sha256() == sha256) {
            return Ok(());
        }
        let copy = self
            .object(&frontend.bucket, &copy_key(frontend, sha256))
            .await?;
        let short = sha256.get(..12).unwrap_or(sha256);
        let copy = copy.ok_or_else(|| {
            refusal(
                POINT,
                FailureKind::NotFound,
                format!("no copy of {path} with hash {short} is kept"),
            )
        })?;
        if copy.sha256() != sha256 {
            return Err(refusal(
                POINT,
                FailureKind::Conflict,
                format!("the kept copy of {path} with hash {short} is damaged"),
            ));
        }
        self.put_object(Upload {
            bucket: &frontend.bucket,
            key: key(frontend, path),
            body: copy.body,
            content_type: copy
                .content_type
                .as_deref()
                .unwrap_or_else(|| media_type(path)),
            cache_control: NO_CACHE,
            existing: Existing::Replace,
        })
        .await
    }
}
