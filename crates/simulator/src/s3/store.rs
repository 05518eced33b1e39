//! Buckets and objects.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use s3s::crypto::{Checksum, Md5};
use serde::{Deserialize, Serialize};

use super::base64_text;
use super::buckets::Made;
use super::checksum::Checksums;
use crate::{BucketBlueprint, Millis};

/// Every bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct S3 {
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// When and where each was made; worlds that were saved before this was known have none.
    #[serde(default)]
    pub(super) made: BTreeMap<String, Made>,
}

/// Objects by key, in the order S3 lists them (UTF-8 binary).
pub(super) type Bucket = BTreeMap<String, Object>;

/// One object with what it is served with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Object {
    /// Its bytes.
    #[serde(with = "base64_text")]
    pub(crate) body: Bytes,
    /// MD5 in hex, without quotes; right for single-part objects (ecs-semantics H [MODEL]).
    pub(crate) etag: String,
    /// Last-Modified.
    pub(crate) modified_ms: Millis,
    /// The headers it was stored with.
    pub(crate) headers: StoredHeaders,
    pub(super) checksums: Checksums,
}

/// Headers that S3 keeps and gives back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredHeaders {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_language: Option<String>,
    /// `x-amz-meta-*`.
    pub(crate) metadata: BTreeMap<String, String>,
}

/// In lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
    }
    text
}

impl Object {
    pub(super) fn new(
        body: Bytes,
        headers: StoredHeaders,
        checksums: Checksums,
        modified_ms: Millis,
    ) -> Self {
        let etag = hex(&Md5::checksum(&body));
        Self {
            body,
            etag,
            modified_ms,
            headers,
            checksums,
        }
    }
}

impl StoredHeaders {
    pub(super) fn metadata_of(
        metadata: Option<HashMap<String, String>>,
    ) -> BTreeMap<String, String> {
        metadata.unwrap_or_default().into_iter().collect()
    }
}

impl S3 {
    /// Creates a bucket with its objects.
    pub(crate) fn add_bucket(&mut self, blueprint: &BucketBlueprint, now_ms: Millis) {
        self.made
            .entry(blueprint.name.clone())
            .or_insert_with(|| Made::at(now_ms));
        let bucket = self.buckets.entry(blueprint.name.clone()).or_default();
        for object in &blueprint.objects {
            let headers = StoredHeaders {
                content_type: Some(object.content_type.clone()),
                cache_control: object.cache_control.clone(),
                ..StoredHeaders::default()
            };
            let body = Bytes::from(object.body.clone());
            let checksums = Checksums::default_of(&body);
            bucket.insert(
                object.key.clone(),
                Object::new(body, headers, checksums, now_ms),
            );
        }
    }

    /// An object, for readers inside the simulator.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<&Object> {
        self.buckets.get(bucket)?.get(key)
    }

    /// Every key of a bucket, in order.
    pub(crate) fn keys(&self, bucket: &str) -> impl Iterator<Item = &String> {
        self.buckets.get(bucket).into_iter().flat_map(Bucket::keys)
    }
}
