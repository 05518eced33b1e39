//! Which Region a bucket lies in, and a client for it: a bucket answers in its own Region only, and says which that is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;

/// What S3 says in every answer about a bucket, refusals included.
const REGION: &str = "x-amz-bucket-region";

/// The clients of buckets whose Region is known.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<String, Client>>);

impl Clients {
    /// A client for a bucket: in the Region that is said, else in the one that S3 names, asked once.
    pub(super) async fn of(&self, client: &Client, bucket: &str, said: Option<&str>) -> Client {
        if let Some(known) = self.known(bucket) {
            return known;
        }
        let found = match said {
            Some(region) => Some(with_region(client, region)),
            None => in_its_region(client, bucket).await,
        };
        let Some(found) = found else {
            // Nobody knows: the next call says why.
            return client.clone();
        };
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.insert(bucket.to_owned(), found.clone());
        found
    }

    fn known(&self, bucket: &str) -> Option<Client> {
        let clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.get(bucket).cloned()
    }
}

/// A client for the Region that a bucket lies in; nothing when S3 did not say. Costs one HeadBucket.
pub(super) async fn in_its_region(client: &Client, bucket: &str) -> Option<Client> {
    let region = match client.head_bucket().bucket(bucket).send().await {
        // S3 and everything that speaks like it: who does not name a Region has one only.
        Ok(reply) => match reply.bucket_region() {
            Some(region) => region.to_owned(),
            None => return Some(client.clone()),
        },
        // 301, 400 and 403 name it as well.
        Err(error) => error
            .raw_response()
            .and_then(|raw| raw.headers().get(REGION))?
            .to_owned(),
    };
    Some(with_region(client, &region))
}

fn with_region(client: &Client, region: &str) -> Client {
    let config = client.config();
    if config.region().is_some_and(|own| own.as_ref() == region) {
        return client.clone();
    }
    let moved = config.to_builder().region(Region::new(region.to_owned()));
    Client::from_conf(moved.build())
}
