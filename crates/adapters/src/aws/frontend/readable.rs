//! Whether what publishing reads may be read: the headers of a file, one byte of it, and the grants of one that is copied onto itself.

use backstay_domain::app::Frontend;
use backstay_domain::ports::PortFailure;

use super::bucket::Bucket;
use super::objects::GET;
use super::place::key;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, heard};

impl<T> AwsCloud<T> {
    pub(in crate::aws) async fn readable_files(
        &self,
        frontend: &Frontend,
        path: &str,
        corrected: Option<&str>,
    ) -> Result<(), PortFailure> {
        let bucket = self.bucket_of(frontend).await;
        let file = key(frontend, path);
        // A comparison that believed has looked at files and read one a moment ago.
        if !self.looked.heard(frontend) {
            heard(bucket.head(&file).await.map(|_| ()))?;
            heard(bucket.readable(&file).await)?;
        }
        match corrected {
            Some(path) => heard(bucket.grants(&key(frontend, path)).await.map(|_| ())),
            None => Ok(()),
        }
    }
}

impl Bucket {
    async fn readable(&self, key: &str) -> Result<(), PortFailure> {
        let asked = self.client.get_object().bucket(&self.name).key(key);
        let sent = asked.range("bytes=0-0").send().await;
        sent.map(|_| ())
            .map_err(|error| failure(GET, Call::Read, &error))
    }
}
