//! PutObject, CopyObject, DeleteObject and DeleteObjects, with conditional writes (ecs-semantics H [MODEL]).

use bytes::Bytes;
use http_body_util::BodyExt;
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{
    ChecksumType, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ETagCondition, MetadataDirective, PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{Body, S3Error, S3Result, s3_error};

use super::checksum::Checksums;
use super::door::{bucket, object};
use super::read::{agrees, etag, timestamp};
use super::store::{Bucket, Object, S3, StoredHeaders};
use crate::Millis;

pub(super) async fn whole_body(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(body) = body else {
        return Ok(Bytes::new());
    };
    let unreadable = |_| s3_error!(IncompleteBody);
    Ok(Body::from(body)
        .collect()
        .await
        .map_err(unreadable)?
        .to_bytes())
}

pub(super) fn put_object(
    store: &mut S3,
    input: PutObjectInput,
    body: Bytes,
    now_ms: Millis,
) -> S3Result<PutObjectOutput> {
    let bucket = bucket(store, &input.bucket)?;
    may_write(
        bucket,
        &input.key,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    if input
        .content_md5
        .as_deref()
        .is_some_and(|claimed| claimed != md5_base64(&body))
    {
        return Err(s3_error!(
            BadDigest,
            "The Content-MD5 you specified did not match what we received."
        ));
    }
    let claimed = Checksums {
        crc32: input.checksum_crc32,
        crc32c: input.checksum_crc32c,
        crc64nvme: input.checksum_crc64nvme,
        sha1: input.checksum_sha1,
        sha256: input.checksum_sha256,
    };
    let checksums = Checksums::verified(claimed, &body)?;
    let headers = StoredHeaders {
        content_type: input
            .content_type
            .or_else(|| Some("binary/octet-stream".to_owned())),
        cache_control: input.cache_control,
        content_encoding: input.content_encoding,
        content_disposition: input.content_disposition,
        content_language: input.content_language,
        metadata: StoredHeaders::metadata_of(input.metadata),
    };
    let object = Object::new(body, headers, checksums.clone(), now_ms);
    let output = PutObjectOutput {
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        e_tag: Some(etag(&object)),
        ..PutObjectOutput::default()
    };
    bucket.insert(input.key, object);
    Ok(output)
}

/// `If-None-Match: *` creates only; `If-Match` replaces exactly that version. 412 means lost.
fn may_write(
    bucket: &Bucket,
    key: &str,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let present = bucket.get(key);
    match (if_none_match, present) {
        (Some(ETagCondition::Any), Some(_)) => return Err(lost()),
        (Some(ETagCondition::ETag(_)), _) => {
            return Err(s3_error!(
                NotImplemented,
                "S3 writes know If-None-Match with * only"
            ));
        }
        (Some(ETagCondition::Any), None) | (None, _) => {}
    }
    match (if_match, present) {
        (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
        (Some(condition), Some(object)) if !agrees(condition, object) => Err(lost()),
        _ => Ok(()),
    }
}

fn lost() -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold"
    )
}

fn md5_base64(body: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(Md5::checksum(body))
}

/// Copies keep their headers unless `x-amz-metadata-directive: REPLACE` brings new ones.
pub(super) fn copy_object(
    store: &mut S3,
    input: CopyObjectInput,
    now_ms: Millis,
) -> S3Result<CopyObjectOutput> {
    let CopySource::Bucket {
        bucket: from,
        key,
        version_id: None,
    } = &input.copy_source
    else {
        return Err(s3_error!(
            NotImplemented,
            "the simulator copies from a bucket's present objects only"
        ));
    };
    let source = object(store, from, key)?.clone();
    if input
        .copy_source_if_match
        .as_ref()
        .is_some_and(|condition| !agrees(condition, &source))
    {
        return Err(lost());
    }
    let replaced = input
        .metadata_directive
        .as_ref()
        .is_some_and(|it| it.as_str() == MetadataDirective::REPLACE);
    let same_place = **from == *input.bucket && **key == *input.key;
    if same_place && !replaced {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
             metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    let headers = if replaced {
        StoredHeaders {
            content_type: input
                .content_type
                .or_else(|| Some("binary/octet-stream".to_owned())),
            cache_control: input.cache_control,
            content_encoding: input.content_encoding,
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            metadata: StoredHeaders::metadata_of(input.metadata),
        }
    } else {
        source.headers
    };
    let copy = Object {
        headers,
        modified_ms: now_ms,
        ..source
    };
    let result = CopyObjectResult {
        e_tag: Some(etag(&copy)),
        last_modified: Some(timestamp(now_ms)),
        ..CopyObjectResult::default()
    };
    bucket(store, &input.bucket)?.insert(input.key, copy);
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        ..CopyObjectOutput::default()
    })
}

/// Deleting what is not there succeeds; with `If-Match` it must be there and the same.
pub(super) fn delete_object(
    store: &mut S3,
    input: &DeleteObjectInput,
) -> S3Result<DeleteObjectOutput> {
    let bucket = bucket(store, &input.bucket)?;
    may_write(bucket, &input.key, input.if_match.as_ref(), None)?;
    bucket.remove(&input.key);
    Ok(DeleteObjectOutput::default())
}

pub(super) fn delete_objects(
    store: &mut S3,
    input: DeleteObjectsInput,
) -> S3Result<DeleteObjectsOutput> {
    let bucket = bucket(store, &input.bucket)?;
    let mut deleted = Vec::new();
    for object in input.delete.objects {
        bucket.remove(&object.key);
        deleted.push(DeletedObject {
            key: Some(object.key),
            ..DeletedObject::default()
        });
    }
    let listed = (input.delete.quiet != Some(true)).then_some(deleted);
    Ok(DeleteObjectsOutput {
        deleted: listed,
        ..DeleteObjectsOutput::default()
    })
}
