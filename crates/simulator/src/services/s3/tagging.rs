//! Tags of objects.

use std::collections::BTreeSet;

use http::StatusCode;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::custom::custom;
use super::door::At;
use super::find;
use super::members;
use super::read::version_of;
use super::state::S3;

/// An object takes no more [DOC].
const MOST_TAGS: usize = 10;

/// From `x-amz-tagging: a=b&c=d`.
pub(super) fn from_header(header: &str) -> S3Result<Vec<(String, String)>> {
    let tags = url::form_urlencoded::parse(header.as_bytes());
    let tags: Vec<(String, String)> = tags.into_owned().collect();
    let keys: BTreeSet<&String> = tags.iter().map(|(key, _)| key).collect();
    // LocalStack's `test_object_tagging_exc`, recorded on AWS [OBS].
    if keys.len() < tags.len() || tags.iter().any(|(_, value)| !is_text(value)) {
        return Err(s3_error!(
            InvalidArgument,
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
        ));
    }
    allowed(tags)
}

/// "Letters, spaces, and numbers representable in UTF-8, and + - = . _ : / @" [DOC].
fn is_text(text: &str) -> bool {
    let is_allowed = |it: char| it.is_alphanumeric() || it == ' ' || "+-=._:/@".contains(it);
    text.chars().all(is_allowed)
}

/// Words of LocalStack's `test_tagging_validation`, recorded on AWS [OBS].
pub(super) fn invalid(words: &'static str, key: &str, value: Option<&str>) -> S3Error {
    let mut told = vec![("TagKey", key.to_owned())];
    told.extend(value.map(|value| ("TagValue", value.to_owned())));
    members::with(S3Error::with_message(S3ErrorCode::InvalidTag, words), &told)
}

/// Keys once each, and texts that tags can have.
pub(super) fn well_formed(tags: &[(String, String)]) -> S3Result<()> {
    for (at, (key, value)) in tags.iter().enumerate() {
        if tags.iter().take(at).any(|(other, _)| other == key) {
            return Err(invalid(
                "Cannot provide multiple Tags with the same key",
                key,
                None,
            ));
        }
        if key.is_empty() || key.chars().count() > 128 || !is_text(key) {
            return Err(invalid(
                "The TagKey you have provided is invalid",
                key,
                None,
            ));
        }
        if value.chars().count() > 256 || !is_text(value) {
            let words = "The TagValue you have provided is invalid";
            return Err(invalid(words, key, Some(value)));
        }
    }
    Ok(())
}

pub(super) fn put_object_tagging(
    store: &mut S3,
    input: PutObjectTaggingInput,
    _: &At,
) -> S3Result<PutObjectTaggingOutput> {
    let given = input.tagging.tag_set.into_iter();
    let tags = given.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    let tags = allowed(tags.collect())?;
    let version = input.version_id.as_deref();
    no_marker(store, &input.bucket, &input.key, version)?;
    find::object_mut(store, &input.bucket, &input.key, version)?.tags = tags;
    let found = find::object(store, &input.bucket, &input.key, version)?;
    Ok(PutObjectTaggingOutput {
        version_id: version_of(store, &input.bucket, found),
    })
}

pub(super) fn get_object_tagging(
    store: &mut S3,
    input: GetObjectTaggingInput,
    _: &At,
) -> S3Result<GetObjectTaggingOutput> {
    let version = input.version_id.as_deref();
    no_marker(store, &input.bucket, &input.key, version)?;
    let found = find::object(store, &input.bucket, &input.key, version)?;
    let tag = |(key, value): &(String, String)| Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    };
    Ok(GetObjectTaggingOutput {
        tag_set: found.tags.iter().map(tag).collect(),
        version_id: version_of(store, &input.bucket, found),
    })
}

pub(super) fn delete_object_tagging(
    store: &mut S3,
    input: DeleteObjectTaggingInput,
    _: &At,
) -> S3Result<DeleteObjectTaggingOutput> {
    let version = input.version_id.as_deref();
    no_marker(store, &input.bucket, &input.key, version)?;
    find::object_mut(store, &input.bucket, &input.key, version)?.tags = Vec::new();
    let found = find::object(store, &input.bucket, &input.key, version)?;
    Ok(DeleteObjectTaggingOutput {
        version_id: version_of(store, &input.bucket, found),
    })
}

fn no_marker(store: &S3, bucket: &str, key: &str, version: Option<&str>) -> S3Result<()> {
    match version {
        None => find::not_a_marker(store, bucket, key),
        Some(_) => Ok(()),
    }
}

fn allowed(tags: Vec<(String, String)>) -> S3Result<Vec<(String, String)>> {
    if tags.len() > MOST_TAGS {
        return Err(custom(
            "BadRequest",
            StatusCode::BAD_REQUEST,
            "Object tags cannot be greater than 10",
        ));
    }
    // Said here so, of a bucket's in other words (moto's `test_put_object_with_tagging`, aws_verified [OBS]).
    if let Some((key, _)) = tags.iter().find(|(key, _)| key.starts_with("aws:")) {
        return Err(invalid(
            "Your TagKey cannot be prefixed with aws:",
            key,
            None,
        ));
    }
    well_formed(&tags)?;
    Ok(tags)
}
