//! GetObject and HeadObject.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use s3s::dto::{
    ChecksumType, ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::{Body, S3Result, s3_error};

use super::checksum::Checksums;
use super::door::object;
use super::store::{Object, S3};
use crate::Millis;

pub(super) fn get_object(store: &mut S3, input: &GetObjectInput) -> S3Result<GetObjectOutput> {
    let object = object(store, &input.bucket, &input.key)?;
    holds(
        object,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    let (body, content_range) = part(object, input.range)?;
    // A checksum is of the whole object.
    let asked = input.checksum_mode.is_some() && content_range.is_none();
    let checksums = if asked {
        object.checksums.clone()
    } else {
        Checksums::default()
    };
    let headers = object.headers.clone();
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: headers.cache_control,
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        checksum_type: asked.then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        content_disposition: headers.content_disposition,
        content_encoding: headers.content_encoding,
        content_language: headers.content_language,
        content_length: i64::try_from(body.len()).ok(),
        content_range,
        content_type: headers.content_type,
        e_tag: Some(etag(object)),
        last_modified: Some(timestamp(object.modified_ms)),
        metadata: Some(headers.metadata.into_iter().collect()),
        body: Some(StreamingBlob::from(Body::from(body))),
        ..GetObjectOutput::default()
    })
}

pub(super) fn head_object(store: &mut S3, input: &HeadObjectInput) -> S3Result<HeadObjectOutput> {
    let object = object(store, &input.bucket, &input.key)?;
    holds(
        object,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    let asked = input.checksum_mode.is_some();
    let checksums = if asked {
        object.checksums.clone()
    } else {
        Checksums::default()
    };
    let headers = object.headers.clone();
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: headers.cache_control,
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        checksum_type: asked.then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        content_disposition: headers.content_disposition,
        content_encoding: headers.content_encoding,
        content_language: headers.content_language,
        content_length: i64::try_from(object.body.len()).ok(),
        content_type: headers.content_type,
        e_tag: Some(etag(object)),
        last_modified: Some(timestamp(object.modified_ms)),
        metadata: Some(headers.metadata.into_iter().collect()),
        ..HeadObjectOutput::default()
    })
}

/// The bytes asked for, and Content-Range when they are a part.
fn part(object: &Object, range: Option<Range>) -> S3Result<(Bytes, Option<String>)> {
    let Some(range) = range else {
        return Ok((object.body.clone(), None));
    };
    let full = object.body.len();
    let unsatisfiable = |_| s3_error!(InvalidRange, "The requested range is not satisfiable");
    let wanted = range.check(full as u64).map_err(unsatisfiable)?;
    let (start, end) = (
        usize::try_from(wanted.start).unwrap_or(full),
        usize::try_from(wanted.end).unwrap_or(full),
    );
    let content_range = format!("bytes {start}-{}/{full}", end - 1);
    Ok((object.body.slice(start..end), Some(content_range)))
}

/// The conditions of a read: 412 or 304.
fn holds(
    object: &Object,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    if if_match.is_some_and(|condition| !agrees(condition, object)) {
        return Err(s3_error!(
            PreconditionFailed,
            "At least one of the pre-conditions you specified did not hold"
        ));
    }
    if if_none_match.is_some_and(|condition| agrees(condition, object)) {
        return Err(s3_error!(NotModified));
    }
    Ok(())
}

/// Whether a condition names this object.
pub(super) fn agrees(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

pub(super) fn etag(object: &Object) -> ETag {
    ETag::Strong(object.etag.clone())
}

/// HTTP dates have whole seconds.
pub(super) fn timestamp(at_ms: Millis) -> Timestamp {
    Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_secs(at_ms / 1000))
}
