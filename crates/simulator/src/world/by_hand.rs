//! What people and CI do to the account without the API under test, and what they look at: images, buckets, logs, counters.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{BucketBlueprint, DistributionBlueprint, RepositoryBlueprint, World};

/// An S3 object as someone with a console sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its bytes.
    pub body: Bytes,
    /// MD5 in hex, without quotes.
    pub etag: String,
    /// Content-Type.
    pub content_type: Option<String>,
    /// Cache-Control.
    pub cache_control: Option<String>,
    /// `x-amz-meta-*`.
    pub metadata: BTreeMap<String, String>,
}

impl World {
    /// Creates a repository (of ECR, or of a foreign registry) with its images.
    pub fn create_repository(&mut self, blueprint: &RepositoryBlueprint) {
        self.ecr.add_repository(blueprint, self.now_ms);
    }

    /// Creates a bucket with its objects.
    pub fn create_bucket(&mut self, blueprint: &BucketBlueprint) {
        self.s3.add_bucket(blueprint, self.now_ms);
    }

    /// Creates a distribution over a bucket.
    pub fn create_distribution(&mut self, blueprint: &DistributionBlueprint) {
        self.cloudfront.add_distribution(blueprint, self.now_ms);
    }

    /// Creates a log group.
    pub fn create_log_group(&mut self, name: &str) {
        self.logs.add_group(name, self.now_ms);
    }

    /// Writes a line to a log stream, as a container does; it becomes readable after the ingestion delay.
    pub fn write_log(&mut self, group: &str, stream: &str, message: &str) {
        self.logs.put(group, stream, self.now_ms, message);
    }

    /// An object in a bucket.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        let object = self.s3.object(bucket, key)?.clone();
        Some(StoredObject {
            body: object.body,
            etag: object.etag,
            content_type: object.headers.content_type,
            cache_control: object.headers.cache_control,
            metadata: object.headers.metadata,
        })
    }

    /// The keys of a bucket, in order.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.s3.keys(bucket).cloned().collect()
    }

    /// Calls refused for their rate so far, by `service.Operation`; each is also in [`World::calls`].
    #[must_use]
    pub fn throttled(&self) -> &BTreeMap<String, u64> {
        &self.throttle.throttled
    }

    /// The calls since the last time this was asked, by `service.Operation`.
    pub fn take_calls(&mut self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.calls)
    }
}
