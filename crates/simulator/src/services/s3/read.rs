//! GetObject and HeadObject.

use std::ops;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use s3s::dto::{
    GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Range, StreamingBlob,
    Timestamp,
};
use s3s::{Body, S3Result, s3_error};

use super::checksum::{Checksums, with_checksums};
use super::conditions::{Conditions, etag};
use super::custom::custom;
use super::door::At;
use super::find;
use super::members;
use super::state::{Object, S3};
use super::storage_class;
use super::versions::shown;
use crate::Millis;
use crate::services::s3::buckets::Versioning;

pub(super) fn get_object(
    store: &mut S3,
    input: GetObjectInput,
    at: &At,
) -> S3Result<GetObjectOutput> {
    let found = find::object(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let conditions = Conditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
        now_ms: at.now_ms,
    };
    conditions.hold(found)?;
    storage_class::readable(found)?;
    let (body, content_range) = part(found, input.range, input.part_number)?;
    // A checksum is of the whole object.
    let asked = input.checksum_mode.is_some() && content_range.is_none();
    let headers = found.headers.clone();
    Ok(with_checksums!(
        checksums(found, asked),
        GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: input
                .response_cache_control
                .or(headers.cache_control.clone()),
            checksum_type: asked.then(|| found.checksums.kind()),
            content_disposition: input
                .response_content_disposition
                .or(headers.content_disposition.clone()),
            content_encoding: input
                .response_content_encoding
                .or(headers.content_encoding.clone()),
            content_language: input
                .response_content_language
                .or(headers.content_language.clone()),
            content_length: i64::try_from(body.len()).ok(),
            content_range,
            content_type: input.response_content_type.or(headers.content_type.clone()),
            e_tag: Some(etag(found)),
            last_modified: Some(timestamp(found.modified_ms)),
            parts_count: input.part_number.and_then(|_| parts_count(found)),
            server_side_encryption: headers.encrypted(),
            storage_class: headers.unusual_class(),
            ssekms_key_id: headers.kms_key,
            tag_count: tag_count(found),
            version_id: version_of(store, &input.bucket, found),
            website_redirect_location: headers.website_redirect,
            object_lock_legal_hold_status: found.lock.hold(),
            object_lock_mode: found.lock.mode(),
            object_lock_retain_until_date: found.lock.until(),
            metadata: Some(headers.metadata.into_iter().collect()),
            body: Some(StreamingBlob::from(Body::from(body))),
            ..GetObjectOutput::default()
        }
    ))
}

pub(super) fn head_object(
    store: &mut S3,
    input: HeadObjectInput,
    at: &At,
) -> S3Result<HeadObjectOutput> {
    let found = find::object(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let conditions = Conditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
        now_ms: at.now_ms,
    };
    conditions.hold(found)?;
    let (body, content_range) = part(found, input.range, input.part_number)?;
    let asked = input.checksum_mode.is_some() && content_range.is_none();
    let headers = found.headers.clone();
    Ok(with_checksums!(
        checksums(found, asked),
        HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            checksum_type: asked.then(|| found.checksums.kind()),
            content_length: i64::try_from(body.len()).ok(),
            content_range,
            e_tag: Some(etag(found)),
            last_modified: Some(timestamp(found.modified_ms)),
            parts_count: input.part_number.and_then(|_| parts_count(found)),
            server_side_encryption: headers.encrypted(),
            storage_class: headers.unusual_class(),
            version_id: version_of(store, &input.bucket, found),
            cache_control: headers.cache_control,
            content_disposition: headers.content_disposition,
            content_encoding: headers.content_encoding,
            content_language: headers.content_language,
            content_type: headers.content_type,
            ssekms_key_id: headers.kms_key,
            website_redirect_location: headers.website_redirect,
            object_lock_legal_hold_status: found.lock.hold(),
            object_lock_mode: found.lock.mode(),
            object_lock_retain_until_date: found.lock.until(),
            metadata: Some(headers.metadata.into_iter().collect()),
            ..HeadObjectOutput::default()
        }
    ))
}

/// Buckets that never had versions say nothing of them [DOC].
pub(super) fn version_of(store: &S3, bucket: &str, object: &Object) -> Option<String> {
    match store.versioning(bucket) {
        Versioning::Never => None,
        Versioning::Enabled | Versioning::Suspended => Some(shown(object.version.as_deref())),
    }
}

fn checksums(object: &Object, asked: bool) -> Checksums {
    if asked {
        object.checksums.clone()
    } else {
        Checksums::default()
    }
}

fn tag_count(object: &Object) -> Option<i32> {
    i32::try_from(object.tags.len())
        .ok()
        .filter(|count| *count > 0)
}

fn parts_count(object: &Object) -> Option<i32> {
    i32::try_from(object.parts.len())
        .ok()
        .filter(|count| *count > 0)
}

/// The bytes asked for, and Content-Range when they are a part.
fn part(
    object: &Object,
    range: Option<Range>,
    number: Option<i32>,
) -> S3Result<(Bytes, Option<String>)> {
    let full = object.body.len();
    let bytes = match (range, number) {
        // LocalStack's `test_get_object_part`, recorded on AWS [OBS].
        (Some(_), Some(_)) => {
            return Err(s3_error!(
                InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter"
            ));
        }
        (None, None) => return Ok((object.body.clone(), None)),
        (Some(range), None) => satisfied(range, full)?,
        (None, Some(number)) => numbered(object, number)?,
    };
    if bytes.is_empty() {
        return Ok((object.body.slice(bytes), None));
    }
    let content_range = format!("bytes {}-{}/{full}", bytes.start, bytes.end - 1);
    Ok((object.body.slice(bytes), Some(content_range)))
}

/// The bytes of a range.
pub(super) fn satisfied(range: Range, full: usize) -> S3Result<ops::Range<usize>> {
    let unsatisfiable = |_| s3_error!(InvalidRange, "The requested range is not satisfiable");
    let wanted = range.check(full as u64).map_err(unsatisfiable)?;
    let bounded = |at: u64| usize::try_from(at).unwrap_or(full).min(full);
    Ok(bounded(wanted.start)..bounded(wanted.end))
}

/// The bytes of a part; an object that was no multipart upload has one part [DOC].
fn numbered(object: &Object, number: i32) -> S3Result<ops::Range<usize>> {
    if object.parts.is_empty() && number == 1 {
        return Ok(0..object.body.len());
    }
    let at = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .filter(|at| *at < object.parts.len())
        .ok_or_else(|| {
            let error = custom(
                "InvalidPartNumber",
                StatusCode::RANGE_NOT_SATISFIABLE,
                "The requested partnumber is not satisfiable",
            );
            let parts = object.parts.len().max(1);
            let told = [
                ("ActualPartCount", parts.to_string()),
                ("PartNumberRequested", number.to_string()),
            ];
            members::with(error, &told)
        })?;
    let start: usize = object.parts.iter().take(at).map(|part| part.size).sum();
    let size = object.parts.get(at).map_or(0, |part| part.size);
    Ok(start..(start + size).min(object.body.len()))
}

/// HTTP dates have whole seconds.
pub(super) fn timestamp(at_ms: Millis) -> Timestamp {
    Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_secs(at_ms / 1000))
}
