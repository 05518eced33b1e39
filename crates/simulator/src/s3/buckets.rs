//! CreateBucket, DeleteBucket, HeadBucket, GetBucketLocation and ListBuckets.

use s3s::dto::{
    Bucket as Listed, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    GetBucketLocationOutput, HeadBucketOutput, ListBucketsInput, ListBucketsOutput, Owner,
};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::door::bucket;
use super::read::timestamp;
use super::store::{Bucket, S3};
use crate::Millis;

/// us-east-1 is told as no location at all [DOC].
const NO_LOCATION: &str = "us-east-1";

/// What is known of a bucket besides its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    at_ms: Millis,
    /// Its LocationConstraint; the world's Region where there was none.
    region: Option<String>,
}

impl Made {
    pub(super) fn at(at_ms: Millis) -> Self {
        Self {
            at_ms,
            region: None,
        }
    }
}

/// A bucket is made once: BucketAlreadyOwnedByYou, in every Region but us-east-1 [DOC], is said here in all.
pub(super) fn create_bucket(
    store: &mut S3,
    input: CreateBucketInput,
    now_ms: Millis,
) -> S3Result<CreateBucketOutput> {
    if store.buckets.contains_key(&input.bucket) {
        return Err(s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ));
    }
    let constraint = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint);
    let made = Made {
        at_ms: now_ms,
        region: constraint.map(|region| region.as_str().to_owned()),
    };
    store.buckets.insert(input.bucket.clone(), Bucket::new());
    store.made.insert(input.bucket.clone(), made);
    Ok(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    })
}

/// Only an empty bucket can be deleted [DOC].
pub(super) fn delete_bucket(store: &mut S3, input: &DeleteBucketInput) -> S3Result<()> {
    if !bucket(store, &input.bucket)?.is_empty() {
        return Err(s3_error!(
            BucketNotEmpty,
            "The bucket you tried to delete is not empty"
        ));
    }
    store.buckets.remove(&input.bucket);
    store.made.remove(&input.bucket);
    Ok(())
}

pub(super) fn head_bucket(store: &mut S3, name: &str, region: &str) -> S3Result<HeadBucketOutput> {
    bucket(store, name)?;
    Ok(HeadBucketOutput {
        bucket_region: Some(region_of(store, name, region)),
        ..HeadBucketOutput::default()
    })
}

pub(super) fn location(
    store: &mut S3,
    name: &str,
    region: &str,
) -> S3Result<GetBucketLocationOutput> {
    bucket(store, name)?;
    let region = region_of(store, name, region);
    Ok(GetBucketLocationOutput {
        location_constraint: (region != NO_LOCATION).then(|| region.into()),
    })
}

/// All at once: S3 pages from 10,000 on [DOC].
pub(super) fn list_buckets(
    store: &S3,
    input: &ListBucketsInput,
    account: &str,
    region: &str,
) -> S3Result<ListBucketsOutput> {
    if input.continuation_token.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "the simulator lists all buckets on one page"
        ));
    }
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let named = store.buckets.keys().filter(|name| name.starts_with(prefix));
    let buckets = named.map(|name| Listed {
        bucket_region: Some(region_of(store, name, region)),
        creation_date: store.made.get(name).map(|made| timestamp(made.at_ms)),
        name: Some(name.clone()),
    });
    Ok(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        owner: Some(Owner {
            id: Some(account.to_owned()),
            ..Owner::default()
        }),
        prefix: input.prefix.clone(),
        ..ListBucketsOutput::default()
    })
}

fn region_of(store: &S3, name: &str, region: &str) -> String {
    let own = store.made.get(name).and_then(|made| made.region.as_deref());
    own.unwrap_or(region).to_owned()
}
