//! What lies in a bucket for releases that may come back, and its end: only what is named goes, a thousand objects a call.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use backstay_domain::app::Frontend;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::prune::{Prune, Stored, StoredFile};

use super::bucket::Bucket;
use super::place::{copies, copy_key, key};
use crate::aws::AwsCloud;
use crate::aws::error::{Call, after, failure, refusal};

const DELETE: &str = "s3.DeleteObjects";

/// So many objects one call takes [S3: DeleteObjects].
const AT_ONCE: usize = 1000;

impl<T> AwsCloud<T> {
    pub(in crate::aws) async fn stored_files(
        &self,
        frontend: &Frontend,
        paths: &BTreeSet<String>,
    ) -> Result<Stored, PortFailure> {
        let bucket = self.bucket_of(frontend).await;
        let keys = paths.iter().map(|path| key(frontend, path)).collect();
        let mut listed = bucket.beside(&frontend.prefix, &keys).await?;
        let files = paths.iter().filter_map(|path| {
            let found = listed.remove(&key(frontend, path))?;
            let (size, etag) = (found.size, found.etag);
            Some((path.clone(), StoredFile { size, etag }))
        });
        let files = files.collect();
        let prefix = copies(frontend);
        let kept = bucket.below(&prefix).await?;
        let kept = kept.keys().filter_map(|key| key.strip_prefix(&prefix));
        let found = bucket.inventory(frontend).await?;
        Ok(Stored {
            owner: found.inventory.map(|inventory| inventory.owner),
            files,
            copies: kept.map(str::to_owned).collect(),
        })
    }

    /// Pages and their copies first: they refer to the files.
    pub(in crate::aws) async fn discard_files(
        &self,
        frontend: &Frontend,
        prune: &Prune,
    ) -> Result<u32, PortFailure> {
        self.confirmed.forget();
        let bucket = self.bucket_of(frontend).await;
        let found = bucket.inventory(frontend).await?;
        bucket
            .forget_all_but(&found, frontend, &prune.whole)
            .await?;
        let copies = prune.copies.iter().map(|hash| copy_key(frontend, hash));
        let files = prune.files.keys().map(|path| key(frontend, path));
        let keys: Vec<String> = copies.chain(files).collect();
        let mut gone = 0;
        for keys in keys.chunks(AT_ONCE) {
            bucket
                .delete_all(keys)
                .await
                .map_err(|failure| after(gone as usize, failure))?;
            gone += u32::try_from(keys.len()).unwrap_or(u32::MAX);
        }
        Ok(gone)
    }
}

impl Bucket {
    async fn delete_all(&self, keys: &[String]) -> Result<(), PortFailure> {
        let unfit = |error: &dyn std::error::Error| {
            refusal(DELETE, FailureKind::Rejected, error.to_string())
        };
        let objects: Result<Vec<_>, _> = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(key).build())
            .collect();
        let objects = objects.map_err(|error| unfit(&error))?;
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true);
        let delete = delete.build().map_err(|error| unfit(&error))?;
        let asked = self.client.delete_objects().bucket(&self.name);
        let reply = asked
            .delete(delete)
            .send()
            .await
            .map_err(|error| failure(DELETE, Call::Repeated, &error))?;
        match reply.errors().first() {
            None => Ok(()),
            Some(error) => {
                let kind = match error.code() {
                    Some("AccessDenied") => FailureKind::Denied,
                    Some("SlowDown") => FailureKind::Throttled,
                    Some(_) | None => FailureKind::Unavailable,
                };
                let key = error.key().unwrap_or_default();
                let why = error.message().or(error.code()).unwrap_or_default();
                let failure = refusal(DELETE, kind, format!("{key}: {why}"));
                // The others are gone.
                Err(after(
                    keys.len().saturating_sub(reply.errors().len()),
                    failure,
                ))
            }
        }
    }
}
