//! Buckets and objects.

use std::collections::BTreeMap;

use bytes::Bytes;
use s3s::crypto::{Checksum, Md5};
use serde::{Deserialize, Serialize};

use super::buckets::Made;
use super::checksum::Checksums;
use super::headers::StoredHeaders;
use super::lock::Lock;
use super::multipart::Upload;
use super::versions::Version;
use crate::base::base64_text;
use crate::{BucketBlueprint, Millis};

/// Every bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct S3 {
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// When and where each was made; worlds that were saved before this was known have none.
    #[serde(default)]
    pub(super) made: BTreeMap<String, Made>,
    /// By bucket and key, oldest first: the versions that are not in `buckets`, and the delete markers.
    #[serde(default)]
    pub(super) older: BTreeMap<String, BTreeMap<String, Vec<Version>>>,
    /// Multipart uploads in progress, by id.
    #[serde(default)]
    pub(super) uploads: BTreeMap<String, Upload>,
    /// Uploads that were completed, and the parts that were listed then, by id.
    #[serde(default)]
    pub(super) completed: BTreeMap<String, Vec<(i32, String)>>,
    /// How many ids of versions and uploads were given out.
    #[serde(default)]
    pub(super) ids: u64,
}

/// The objects that are there now, by key, in the order S3 lists them (UTF-8 binary).
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
    /// Its version; none is the version `null`.
    #[serde(default)]
    pub(super) version: Option<String>,
    /// What each part of a multipart upload became.
    #[serde(default)]
    pub(super) parts: Vec<StoredPart>,
    /// In the order they were given.
    #[serde(default)]
    pub(super) tags: Vec<(String, String)>,
    /// What keeps it from being deleted.
    #[serde(default)]
    pub(super) lock: Lock,
}

/// A part of an object: its number and size and the checksums it was uploaded with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredPart {
    pub(super) number: i32,
    pub(super) size: usize,
    pub(super) checksums: Checksums,
}

impl Object {
    pub(super) fn new(
        body: Bytes,
        headers: StoredHeaders,
        checksums: Checksums,
        modified_ms: Millis,
    ) -> Self {
        Self {
            etag: hex(&Md5::checksum(&body)),
            body,
            modified_ms,
            headers,
            checksums,
            version: None,
            parts: Vec::new(),
            tags: Vec::new(),
            lock: Lock::default(),
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .map(|digit| char::from(*digit))
    };
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .flatten()
        .collect()
}

impl S3 {
    /// Creates a bucket with its objects.
    pub(crate) fn add_bucket(&mut self, blueprint: &BucketBlueprint, now_ms: Millis) {
        self.made
            .entry(blueprint.name.clone())
            .or_insert_with(|| Made::in_region(now_ms, blueprint.region.clone()));
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

    /// Whether there is such a bucket.
    pub(crate) fn has(&self, bucket: &str) -> bool {
        self.buckets.contains_key(bucket)
    }

    /// Every key of a bucket, in order.
    pub(crate) fn keys(&self, bucket: &str) -> impl Iterator<Item = &String> {
        self.buckets.get(bucket).into_iter().flat_map(Bucket::keys)
    }
}
