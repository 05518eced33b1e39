//! When a lifecycle rule expires an object: the header `x-amz-expiration` of its answers (GetObject, HeadObject, PutObject [DOC]). Nothing
//! expires here.

use http::{HeaderMap, HeaderValue};
use s3s::dto::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, Tag, Timestamp, TimestampFormat,
};

use super::members::Asked;
use super::naming;
use super::read::timestamp;
use super::settings::{Setting, parsed};
use super::state::{Object, S3};
use crate::Millis;

const DAY_MS: Millis = 24 * 60 * 60 * 1_000;

/// Adds the header where a rule is about the object that was asked for.
pub(super) fn tell(store: &S3, asked: &Asked, headers: &mut HeaderMap) {
    let operation = naming::operation(asked.request());
    let is_about_one = [
        "GetObject",
        "HeadObject",
        "PutObject",
        "CopyObject",
        "CompleteMultipartUpload",
    ]
    .contains(&operation.as_str());
    if !is_about_one {
        return;
    }
    if !asked.parameter("versionId").is_empty() {
        // Of no version that was named (LocalStack's `test_bucket_lifecycle_configuration_object_expiry_versioned`, recorded on AWS [OBS]).
        return;
    }
    let (bucket, key) = asked.bucket_and_key();
    let object = store.object(&bucket, &key);
    let told = object.and_then(|object| expiration(store, &bucket, &key, object));
    if let Some(value) = told.and_then(|it| HeaderValue::try_from(it).ok()) {
        headers.insert("x-amz-expiration", value);
    }
}

/// The rule that expires it first, and when.
fn expiration(store: &S3, bucket: &str, key: &str, object: &Object) -> Option<String> {
    let text = store.made.get(bucket)?.settings.get(&Setting::Lifecycle)?;
    let lifecycle: BucketLifecycleConfiguration = parsed(text.as_bytes()).ok()?;
    let rules = lifecycle.rules.iter();
    let rules = rules.filter(|it| it.status.as_str() == ExpirationStatus::ENABLED);
    let rules = rules.filter(|it| is_about(it, key, object));
    let dates = rules.filter_map(|it| Some((expires(it, object)?, it.id.as_deref()?)));
    let (at, id) = dates.min_by(|(one, _), (other, _)| one.cmp(other))?;
    let mut date = Vec::new();
    at.format(TimestampFormat::HttpDate, &mut date).ok()?;
    let date = String::from_utf8(date).ok()?;
    Some(format!("expiry-date=\"{date}\", rule-id=\"{id}\""))
}

/// Days are counted from when it was made, to the next midnight ([DOC] lifecycle rules based on an object's age).
fn expires(rule: &LifecycleRule, object: &Object) -> Option<Timestamp> {
    let expiration = rule.expiration.as_ref()?;
    if let Some(date) = &expiration.date {
        return Some(date.clone());
    }
    let days = Millis::try_from(expiration.days?).ok()?;
    let aged_ms = object
        .modified_ms
        .saturating_add(days.saturating_mul(DAY_MS));
    Some(timestamp(aged_ms.div_ceil(DAY_MS).saturating_mul(DAY_MS)))
}

fn is_about(rule: &LifecycleRule, key: &str, object: &Object) -> bool {
    let begins = |prefix: &Option<String>| prefix.as_deref().is_none_or(|it| key.starts_with(it));
    let size = i64::try_from(object.body.len()).unwrap_or(i64::MAX);
    let is_greater = |than: Option<i64>| than.is_none_or(|it| size > it);
    let is_less = |than: Option<i64>| than.is_none_or(|it| size < it);
    let has = |tag: &Tag| {
        let (key, value) = (tag.key.as_deref(), tag.value.as_deref());
        let mut tags = object.tags.iter();
        tags.any(|(its, that)| Some(its.as_str()) == key && Some(that.as_str()) == value)
    };
    let Some(filter) = &rule.filter else {
        return begins(&rule.prefix);
    };
    let all = filter.and.as_ref().is_none_or(|and| {
        begins(&and.prefix)
            && is_greater(and.object_size_greater_than)
            && is_less(and.object_size_less_than)
            && and.tags.iter().flatten().all(has)
    });
    all && begins(&rule.prefix)
        && begins(&filter.prefix)
        && is_greater(filter.object_size_greater_than)
        && is_less(filter.object_size_less_than)
        && filter.tag.as_ref().is_none_or(has)
}
