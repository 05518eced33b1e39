//! CreateBucket, DeleteBucket, HeadBucket, GetBucketLocation, ListBuckets and versioning.

use std::collections::BTreeMap;

use backstay_aws_model::regions::bucket_locations;
use http::StatusCode;
use s3s::dto::{
    Bucket as Listed, BucketVersioningStatus, CreateBucketInput, CreateBucketOutput,
    DeleteBucketInput, DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput,
    GetBucketVersioningInput, GetBucketVersioningOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput, Owner, PutBucketVersioningInput,
    PutBucketVersioningOutput,
};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::acl::canned_bucket;
use super::custom::custom_of;
use super::door::At;
use super::find::malformed;
use super::members;
use super::read::timestamp;
use super::settings::Setting;
use super::state::{Bucket, S3};
use crate::Millis;
use crate::base::arn::dns_suffix;

/// us-east-1 is told as no location at all [DOC].
const NO_LOCATION: &str = "us-east-1";

/// What is known of a bucket besides its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    at_ms: Millis,
    /// Its LocationConstraint; the world's Region where there was none.
    region: Option<String>,
    #[serde(default)]
    pub(super) versioning: Versioning,
    /// As they are given back: XML, the policy JSON.
    #[serde(default)]
    pub(super) settings: BTreeMap<Setting, String>,
    /// Settings that a new bucket has, and that were deleted.
    #[serde(default)]
    pub(super) removed: Vec<Setting>,
}

/// Whether a bucket keeps old versions. It can never go back to `Never` [DOC].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    #[default]
    Never,
    Enabled,
    Suspended,
}

impl Made {
    pub(super) fn at(at_ms: Millis) -> Self {
        Self {
            at_ms,
            ..Self::default()
        }
    }

    /// In a Region of its own.
    pub(super) fn in_region(at_ms: Millis, region: Option<String>) -> Self {
        Self {
            region,
            ..Self::at(at_ms)
        }
    }
}

/// A bucket is made once: BucketAlreadyOwnedByYou, in every Region but us-east-1, where it is made again and nothing changes ([DOC]; moto's
/// `test_put_object_legal_hold`, aws_verified [OBS]).
pub(super) fn create_bucket(
    store: &mut S3,
    input: CreateBucketInput,
    at: &At,
) -> S3Result<CreateBucketOutput> {
    if store.buckets.contains_key(&input.bucket) {
        if at.endpoint == NO_LOCATION && region_of(store, &input.bucket, &at.region) == NO_LOCATION
        {
            return Ok(CreateBucketOutput {
                location: Some(format!("/{}", input.bucket)),
            });
        }
        return Err(s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ));
    }
    let constraint = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint);
    let region = constraint.as_ref().map(|region| region.as_str());
    may_lie_in(region, &at.endpoint)?;
    let mut made = Made {
        region: Some(
            match region {
                // Its old name.
                Some("EU") => "eu-west-1",
                Some(region) => region,
                None => &at.endpoint,
            }
            .to_owned(),
        ),
        ..Made::at(at.now_ms)
    };
    if let Some(ownership) = input.object_ownership {
        let xml = Setting::ownership(ownership.as_str());
        made.settings.insert(Setting::OwnershipControls, xml);
    }
    if input.object_lock_enabled_for_bucket == Some(true) {
        // Object Lock brings versioning [DOC].
        made.versioning = Versioning::Enabled;
        let xml = Setting::OBJECT_LOCK_ENABLED.to_owned();
        made.settings.insert(Setting::ObjectLock, xml);
    }
    if let Some(canned) = input.acl.as_ref() {
        canned_bucket(&mut made, canned.as_str(), &at.account)?;
    }
    store.buckets.insert(input.bucket.clone(), Bucket::new());
    store.made.insert(input.bucket.clone(), made);
    // Who says where it lies is told the host (LocalStack's `test_create_bucket_head_bucket`, recorded on AWS [OBS]).
    let location = match constraint {
        Some(_) => format!("http://{}.s3.{}/", input.bucket, dns_suffix(&at.region)),
        None => format!("/{}", input.bucket),
    };
    Ok(CreateBucketOutput {
        location: Some(location),
    })
}

/// Where a bucket may be made: us-east-1's endpoint takes no name of its own (apache/arrow#28914 [OBS]) and any other Region's [MEM];
/// those of other Regions take their own name only, and want it said ("The unspecified location constraint is incompatible ...",
/// TaskCat's FAQ [OBS]).
fn may_lie_in(constraint: Option<&str>, here: &str) -> S3Result<()> {
    let known = |name: &str| bucket_locations().any(|known| known == name);
    let named = constraint.unwrap_or("unspecified");
    let is_right = match constraint {
        Some(name) if here == NO_LOCATION => known(name),
        // Another Region's, of another partition too (moto's `test_create_bucket_with_wrong_location_constraint`, aws_verified [OBS]).
        Some(name) if !known(name) && !is_like_a_region(name) => false,
        Some(name) if name == here || (name == "EU" && here == "eu-west-1") => return Ok(()),
        None if here == NO_LOCATION => return Ok(()),
        _ => {
            let error = custom_of(
                "IllegalLocationConstraintException",
                StatusCode::BAD_REQUEST,
                format!(
                    "The {named} location constraint is incompatible for the region specific endpoint this request was sent to."
                ),
            );
            return Err(error);
        }
    };
    if is_right {
        return Ok(());
    }
    let error = s3_error!(
        InvalidLocationConstraint,
        "The specified location-constraint is not valid"
    );
    Err(members::with(
        error,
        &[("LocationConstraint", named.to_owned())],
    ))
}

/// `us-gov-east-2` is, `nowhere` is not.
fn is_like_a_region(name: &str) -> bool {
    let mut words = name.rsplit('-');
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
    words.next().is_some_and(is_number)
        && words.clone().count() >= 2
        && words.all(|word| !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase()))
}

/// Only an empty bucket can be deleted, old versions and delete markers counted [DOC].
pub(super) fn delete_bucket(
    store: &mut S3,
    input: DeleteBucketInput,
    _: &At,
) -> S3Result<DeleteBucketOutput> {
    if !store.bucket(&input.bucket)?.is_empty() {
        return Err(s3_error!(
            BucketNotEmpty,
            "The bucket you tried to delete is not empty"
        ));
    }
    let older = store.older.get(&input.bucket);
    if older.is_some_and(|older| !older.is_empty()) {
        return Err(s3_error!(
            BucketNotEmpty,
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
        ));
    }
    store.buckets.remove(&input.bucket);
    store.made.remove(&input.bucket);
    store.older.remove(&input.bucket);
    store
        .uploads
        .retain(|_, upload| *upload.bucket != *input.bucket);
    Ok(DeleteBucketOutput::default())
}

pub(super) fn head_bucket(
    store: &mut S3,
    input: HeadBucketInput,
    at: &At,
) -> S3Result<HeadBucketOutput> {
    store.bucket(&input.bucket)?;
    Ok(HeadBucketOutput {
        access_point_alias: Some(false),
        bucket_region: Some(region_of(store, &input.bucket, &at.region)),
        ..HeadBucketOutput::default()
    })
}

pub(super) fn location(
    store: &mut S3,
    input: GetBucketLocationInput,
    at: &At,
) -> S3Result<GetBucketLocationOutput> {
    store.bucket(&input.bucket)?;
    let region = region_of(store, &input.bucket, &at.region);
    Ok(GetBucketLocationOutput {
        location_constraint: (region != NO_LOCATION).then(|| region.into()),
    })
}

/// All at once: S3 pages from 10,000 on [DOC].
pub(super) fn list_buckets(
    store: &mut S3,
    input: ListBucketsInput,
    at: &At,
) -> S3Result<ListBucketsOutput> {
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let after = input.continuation_token.as_deref().unwrap_or_default();
    let most = input
        .max_buckets
        .and_then(|most| usize::try_from(most).ok());
    let is_there = |name: &&String| match &input.bucket_region {
        Some(region) => region_of(store, name, &at.region) == *region,
        None => true,
    };
    let mut named = store
        .buckets
        .keys()
        .filter(|name| name.starts_with(prefix) && name.as_str() > after)
        .filter(is_there);
    // A page is as long as is asked for (MaxBuckets [DOC]).
    let page: Vec<&String> = named.by_ref().take(most.unwrap_or(usize::MAX)).collect();
    let next = named
        .next()
        .and_then(|_| page.last())
        .map(|last| (*last).clone());
    let buckets = page.into_iter().map(|name| Listed {
        bucket_region: Some(region_of(store, name, &at.region)),
        creation_date: store.made.get(name).map(|made| timestamp(made.at_ms)),
        name: Some(name.clone()),
    });
    Ok(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        owner: Some(Owner {
            id: Some(at.account.clone()),
            ..Owner::default()
        }),
        prefix: input.prefix.clone(),
        continuation_token: next,
    })
}

pub(super) fn put_versioning(
    store: &mut S3,
    input: PutBucketVersioningInput,
    _: &At,
) -> S3Result<PutBucketVersioningOutput> {
    store.bucket(&input.bucket)?;
    let wanted = input.versioning_configuration.status;
    let versioning = match wanted.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        // (LocalStack's `test_bucket_versioning_crud`, recorded on AWS [OBS].)
        Some(_) => return Err(malformed()),
        None => {
            return Err(s3_error!(
                IllegalVersioningConfigurationException,
                "The Versioning element must be specified"
            ));
        }
    };
    let made = store.made.entry(input.bucket).or_default();
    if versioning == Versioning::Suspended && made.settings.contains_key(&Setting::ObjectLock) {
        return Err(custom_of(
            "InvalidBucketState",
            StatusCode::CONFLICT,
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
                .to_owned(),
        ));
    }
    made.versioning = versioning;
    Ok(PutBucketVersioningOutput::default())
}

pub(super) fn versioning(
    store: &mut S3,
    input: GetBucketVersioningInput,
    _: &At,
) -> S3Result<GetBucketVersioningOutput> {
    store.bucket(&input.bucket)?;
    let status = match store.versioning(&input.bucket) {
        Versioning::Never => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    Ok(GetBucketVersioningOutput {
        status: status.map(BucketVersioningStatus::from_static),
        ..GetBucketVersioningOutput::default()
    })
}

pub(super) fn region_of(store: &S3, name: &str, region: &str) -> String {
    let own = store.made.get(name).and_then(|made| made.region.as_deref());
    own.unwrap_or(region).to_owned()
}
