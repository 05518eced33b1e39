//! Single S3 calls: list, look, get, put, delete. An object that is not there is an answer, not a failure.

use std::collections::BTreeSet;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::{FailureKind, PortFailure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};

/// Our metadata entry: the hash of an object's bytes, hexadecimal.
const HASH: &str = "sha256";

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) body: Bytes,
    pub(super) content_type: Option<String>,
}

impl Object {
    pub(super) fn sha256(&self) -> String {
        sha256_hex(&self.body)
    }
}

/// An object to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upload<'u> {
    pub(super) bucket: &'u str,
    pub(super) key: String,
    pub(super) body: Bytes,
    pub(super) content_type: &'u str,
    pub(super) cache_control: &'static str,
    pub(super) existing: Existing,
}

/// What happens to an object that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// The write fails with a conflict.
    Refuse,
    /// It is overwritten.
    Replace,
}

impl<T> AwsCloud<T> {
    /// All keys below a prefix.
    pub(super) async fn keys_below(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> Result<BTreeSet<String>, PortFailure> {
        let mut keys = BTreeSet::new();
        let mut page = None;
        loop {
            let reply = self
                .s3
                .list_objects_v2()
                .bucket(bucket)
                .prefix(prefix)
                .set_continuation_token(page)
                .send()
                .await
                .map_err(|error| failure("s3.ListObjectsV2", Call::Read, &error))?;
            keys.extend(
                reply
                    .contents()
                    .iter()
                    .filter_map(|object| object.key())
                    .map(str::to_owned),
            );
            page = reply.next_continuation_token().map(str::to_owned);
            if page.is_none() {
                return Ok(keys);
            }
        }
    }

    /// The hash of an object: what its metadata says, else that of its bytes.
    pub(super) async fn object_hash(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<String>, PortFailure> {
        let looked = self.s3.head_object().bucket(bucket).key(key).send().await;
        match looked.map_err(|error| failure("s3.HeadObject", Call::Read, &error)) {
            Ok(reply) => match reply.metadata().and_then(|metadata| metadata.get(HASH)) {
                Some(hash) => Ok(Some(hash.clone())),
                None => Ok(self
                    .object(bucket, key)
                    .await?
                    .map(|object| object.sha256())),
            },
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A whole object.
    pub(super) async fn object(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Object>, PortFailure> {
        const GET: &str = "s3.GetObject";
        let reply = match self.s3.get_object().bucket(bucket).key(key).send().await {
            Ok(reply) => reply,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failure(GET, Call::Read, &error)),
        };
        let content_type = reply.content_type().map(str::to_owned);
        let body = reply.body.collect().await;
        let broken = |_| refusal(GET, FailureKind::Unavailable, "the object broke off");
        Ok(Some(Object {
            body: body.map_err(broken)?.into_bytes(),
            content_type,
        }))
    }

    /// Writes an object with its hash; S3 checks the bytes against it.
    pub(super) async fn put_object(&self, upload: Upload<'_>) -> Result<(), PortFailure> {
        let checksum = STANDARD.encode(Sha256::digest(&upload.body));
        let condition = match upload.existing {
            Existing::Refuse => Some("*".to_owned()),
            Existing::Replace => None,
        };
        let sent = self
            .s3
            .put_object()
            .bucket(upload.bucket)
            .key(upload.key)
            .metadata(HASH, sha256_hex(&upload.body))
            .content_type(upload.content_type)
            .cache_control(upload.cache_control)
            .checksum_sha256(checksum)
            .set_if_none_match(condition)
            .body(ByteStream::from(upload.body))
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| failure("s3.PutObject", Call::Repeated, &error))
    }

    /// Removes an object. One that is not there is removed.
    pub(super) async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), PortFailure> {
        let sent = self.s3.delete_object().bucket(bucket).key(key).send().await;
        sent.map(|_| ())
            .map_err(|error| failure("s3.DeleteObject", Call::Repeated, &error))
    }
}
