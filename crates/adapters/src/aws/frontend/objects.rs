//! Single S3 calls: look, get, hash, put, delete. An object that is not there is an answer, not a failure.

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::{FailureKind, PortFailure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::HELD_BYTES;
use super::bucket::Bucket;
use crate::aws::error::{Call, failure, refusal};
use crate::hashing::Sha256Sum;

/// Our metadata entry: the hash of an object's bytes, hexadecimal.
pub(super) const HASH: &str = "sha256";

pub(super) const GET: &str = "s3.GetObject";

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) sha256: String,
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) etag: Option<String>,
    /// Its bytes, unless it is too large to be held.
    pub(super) body: Option<Bytes>,
}

/// An object to write.
#[derive(Debug)]
pub(super) struct Upload<'u> {
    pub(super) key: &'u str,
    pub(super) body: ByteStream,
    pub(super) size: u64,
    pub(super) sha256: &'u str,
    pub(super) content_type: &'u str,
    pub(super) cache_control: &'static str,
    pub(super) content_encoding: Option<&'u str>,
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

impl Bucket {
    /// An object's headers.
    pub(super) async fn head(&self, key: &str) -> Result<Option<HeadObjectOutput>, PortFailure> {
        let looked = self.client.head_object().bucket(&self.name).key(key);
        match looked.send().await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) => {
                let failure = failure("s3.HeadObject", Call::Read, &error);
                match failure.kind {
                    FailureKind::NotFound => Ok(None),
                    _ => Err(failure),
                }
            }
        }
    }

    /// An object's hash and headers, and its bytes unless there are many: those come by and are gone.
    pub(super) async fn object(&self, key: &str) -> Result<Option<Object>, PortFailure> {
        let Some(mut reply) = self.get(key).await? else {
            return Ok(None);
        };
        let content_type = reply.content_type().map(str::to_owned);
        let content_encoding = reply.content_encoding().map(str::to_owned);
        let etag = reply.e_tag().map(str::to_owned);
        let broken = || refusal(GET, FailureKind::Unavailable, "the object broke off");
        let size = reply
            .content_length()
            .and_then(|size| u64::try_from(size).ok());
        if size.is_some_and(|size| size <= HELD_BYTES) {
            let body = reply
                .body
                .collect()
                .await
                .map_err(|_| broken())?
                .into_bytes();
            return Ok(Some(Object {
                sha256: sha256_hex(&body),
                content_type,
                content_encoding,
                etag,
                body: Some(body),
            }));
        }
        let mut sum = Sha256Sum::default();
        while let Some(part) = reply.body.next().await {
            sum.add(&part.map_err(|_| broken())?);
        }
        Ok(Some(Object {
            sha256: sum.hex(),
            content_type,
            content_encoding,
            etag,
            body: None,
        }))
    }

    async fn get(&self, key: &str) -> Result<Option<GetObjectOutput>, PortFailure> {
        let asked = self.client.get_object().bucket(&self.name).key(key);
        match asked.send().await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(failure(GET, Call::Read, &error)),
        }
    }

    /// Writes an object with its hash; S3 checks the bytes against it.
    pub(super) async fn put(&self, upload: Upload<'_>) -> Result<(), PortFailure> {
        let condition = match upload.existing {
            Existing::Refuse => Some("*".to_owned()),
            Existing::Replace => None,
        };
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(upload.key)
            .metadata(HASH, upload.sha256)
            .content_type(upload.content_type)
            .cache_control(upload.cache_control)
            .set_content_encoding(upload.content_encoding.map(str::to_owned))
            .checksum_sha256(base64_of_hex(upload.sha256))
            .set_if_none_match(condition)
            .body(upload.body);
        let sent = match upload.size > HELD_BYTES {
            true => {
                let limit = super::place::patience(upload.size);
                let timeouts = TimeoutConfig::builder().operation_attempt_timeout(limit);
                let limits = aws_sdk_s3::config::Config::builder();
                let limits = limits.timeout_config(timeouts.build());
                put.customize().config_override(limits).send().await
            }
            false => put.send().await,
        };
        sent.map(|_| ())
            .map_err(|error| failure("s3.PutObject", Call::Repeated, &error))
    }

    /// Removes an object. One that is not there is removed.
    pub(super) async fn delete(&self, key: &str) -> Result<(), PortFailure> {
        let asked = self.client.delete_object().bucket(&self.name).key(key);
        let sent = asked.send().await;
        sent.map(|_| ())
            .map_err(|error| failure("s3.DeleteObject", Call::Repeated, &error))
    }
}

/// The hash that an object's metadata names.
pub(super) fn named_hash(head: &HeadObjectOutput) -> Option<&str> {
    let metadata = head.metadata()?;
    metadata.get(HASH).map(String::as_str)
}

/// A checksum as S3's headers have it.
fn base64_of_hex(hex: &str) -> String {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .filter_map(|at| hex.get(at * 2..at * 2 + 2))
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect();
    STANDARD.encode(bytes)
}
