//! Tags of objects.

use http::StatusCode;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Result, s3_error};

use super::custom::custom;
use super::door::At;
use super::find;
use super::read::version_of;
use super::state::S3;

/// An object takes no more [DOC].
const MOST_TAGS: usize = 10;

/// From `x-amz-tagging: a=b&c=d`.
pub(super) fn from_header(header: &str) -> S3Result<Vec<(String, String)>> {
    let tags = url::form_urlencoded::parse(header.as_bytes());
    allowed(tags.into_owned().collect())
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
    let found = find::object(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
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
    find::object_mut(store, &input.bucket, &input.key, version)?.tags = Vec::new();
    let found = find::object(store, &input.bucket, &input.key, version)?;
    Ok(DeleteObjectTaggingOutput {
        version_id: version_of(store, &input.bucket, found),
    })
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
    if tags.iter().any(|(key, _)| key.starts_with("aws:")) {
        return Err(s3_error!(
            InvalidTag,
            "Your TagKey cannot be prefixed with aws:"
        ));
    }
    let twice = |at: usize, key: &String| tags.iter().take(at).any(|(other, _)| other == key);
    if tags.iter().enumerate().any(|(at, (key, _))| twice(at, key)) {
        return Err(s3_error!(
            InvalidTag,
            "Cannot provide multiple Tags with the same key"
        ));
    }
    Ok(tags)
}
