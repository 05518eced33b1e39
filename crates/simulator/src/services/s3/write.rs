//! PutObject and DeleteObject(s), with conditional writes (ecs-semantics H [MODEL]).

use bytes::Bytes;
use http_body_util::BodyExt;
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ETagCondition, Error, PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{Body, S3Result, s3_error};

use super::checksum::{Checksums, claimed, with_checksums};
use super::conditions::{etag, may_write};
use super::door::At;
use super::find;
use super::headers;
use super::lock::asked;
use super::state::{Object, S3};
use super::tagging;

/// DeleteObjects takes no more [DOC].
const MOST_DELETED: usize = 1000;

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
    mut input: PutObjectInput,
    body: Bytes,
    at: &At,
) -> S3Result<PutObjectOutput> {
    let bucket = store.bucket(&input.bucket)?;
    may_write(
        bucket,
        &input.key,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    same_md5(input.content_md5.as_deref(), &body)?;
    if input.write_offset_bytes.is_some() {
        return Err(s3_error!(NotImplemented, "the simulator does not append"));
    }
    let checksums = Checksums::verified(claimed!(input), &body)?;
    let lock = store.lock_of_new(&input.bucket, asked!(input), at)?;
    let headers = headers::of_put(&mut input);
    let mut object = Object::new(body, headers, checksums.clone(), at.now_ms);
    object.lock = lock;
    if let Some(tags) = input.tagging {
        object.tags = tagging::from_header(&tags)?;
    }
    let mut output = with_checksums!(
        checksums,
        PutObjectOutput {
            checksum_type: Some(object.checksums.kind()),
            e_tag: Some(etag(&object)),
            server_side_encryption: object.headers.encrypted(),
            ssekms_key_id: object.headers.kms_key.clone(),
            ..PutObjectOutput::default()
        }
    );
    // The version `null` is not told (LocalStack's `test_s3_put_object_versioned`, recorded on AWS [OBS]).
    let version = store.put(&input.bucket, input.key, object)?;
    output.version_id = version.filter(|it| it != "null");
    Ok(output)
}

pub(super) fn same_md5(claimed: Option<&str>, body: &[u8]) -> S3Result<()> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let md5 = || STANDARD.encode(Md5::checksum(body));
    let Some(claimed) = claimed.filter(|claimed| *claimed != md5()) else {
        return Ok(());
    };
    if STANDARD.decode(claimed).map_or(0, |bytes| bytes.len()) != 16 {
        // LocalStack's `test_s3_invalid_content_md5`, recorded on AWS [OBS].
        return Err(s3_error!(
            InvalidDigest,
            "The Content-MD5 you specified was invalid."
        ));
    }
    Err(s3_error!(
        BadDigest,
        "The Content-MD5 you specified did not match what we received."
    ))
}

/// Deleting what is not there succeeds; with `If-Match` it must be there and the same.
pub(super) fn delete_object(
    store: &mut S3,
    input: DeleteObjectInput,
    at: &At,
) -> S3Result<DeleteObjectOutput> {
    let bucket = store.bucket(&input.bucket)?;
    may_write(bucket, &input.key, input.if_match.as_ref(), None)?;
    store.may_bypass(&input.bucket, input.bypass_governance_retention)?;
    if let Some(id) = &input.version_id {
        find::is_version(store, &input.bucket, id)?;
        let bypass = input.bypass_governance_retention;
        store.may_delete(&input.bucket, &input.key, id, bypass, at)?;
    }
    Ok(match &input.version_id {
        Some(id) => store.delete_version(&input.bucket, &input.key, id),
        None => store.delete(&input.bucket, &input.key, at.now_ms),
    })
}

/// Each by itself: those that could not be deleted are listed with their errors [DOC].
pub(super) fn delete_objects(
    store: &mut S3,
    input: DeleteObjectsInput,
    at: &At,
) -> S3Result<DeleteObjectsOutput> {
    store.bucket(&input.bucket)?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MOST_DELETED {
        return Err(find::malformed());
    }
    store.may_bypass(&input.bucket, input.bypass_governance_retention)?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        let one = DeleteObjectInput {
            bucket: input.bucket.clone(),
            key: object.key.clone(),
            version_id: object.version_id.clone(),
            if_match: object.e_tag.map(ETagCondition::ETag),
            bypass_governance_retention: input.bypass_governance_retention,
            ..DeleteObjectInput::default()
        };
        // Whoever deletes many is told of versions that are not there (LocalStack's `test_delete_objects`, recorded on AWS [OBS]).
        let is_there = |id: &String| {
            let versions = store.versions(&input.bucket, &object.key);
            id == "null" || versions.iter().any(|it| it.id() == id)
        };
        if !object.version_id.as_ref().is_none_or(is_there) {
            errors.push(Error {
                code: Some("NoSuchVersion".to_owned()),
                message: Some("The specified version does not exist.".to_owned()),
                key: Some(object.key),
                version_id: object.version_id,
            });
            continue;
        }
        match delete_object(store, one, at) {
            Ok(output) => {
                let marker = output.delete_marker.and(output.version_id);
                deleted.push(DeletedObject {
                    delete_marker: output.delete_marker,
                    delete_marker_version_id: marker,
                    key: Some(object.key),
                    version_id: object.version_id,
                });
            }
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                key: Some(object.key),
                version_id: object.version_id,
            }),
        }
    }
    let listed = (input.delete.quiet != Some(true)).then_some(deleted);
    Ok(DeleteObjectsOutput {
        deleted: listed,
        errors: (!errors.is_empty()).then_some(errors),
        ..DeleteObjectsOutput::default()
    })
}
