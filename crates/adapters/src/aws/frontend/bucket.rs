//! The bucket of a frontend, asked in its own Region.

use aws_sdk_s3::Client;
use backstay_domain::app::Frontend;

use crate::aws::AwsCloud;

/// A bucket and a client for it.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
}

impl<T> AwsCloud<T> {
    pub(super) async fn bucket_of(&self, frontend: &Frontend) -> Bucket {
        let (name, said) = (frontend.bucket.clone(), frontend.region.as_deref());
        let client = self.buckets.of(&self.s3, &name, said).await;
        Bucket { client, name }
    }
}
