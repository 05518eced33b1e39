//! CompleteMultipartUpload: the parts become an object.

use bytes::BytesMut;
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart};
use s3s::{S3Result, s3_error};

use super::checksum::{Checksums, claimed, with_checksums};
use super::conditions::{etag, may_write};
use super::door::At;
use super::multipart::{Upload, UploadedPart};
use super::state::{Object, S3, StoredPart, hex};

/// Only the last part may be smaller [DOC].
const SMALLEST_PART: usize = 5 * 1024 * 1024;

pub(super) fn complete(
    store: &mut S3,
    mut input: CompleteMultipartUploadInput,
    at: &At,
) -> S3Result<CompleteMultipartUploadOutput> {
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let listed = input.multipart_upload.take().and_then(|it| it.parts);
    let parts = chosen(upload, &listed.unwrap_or_default())?;
    let conditional = input.if_match.is_some() || input.if_none_match.is_some();
    may_write(
        store.bucket(&input.bucket)?,
        &input.key,
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
    )?;
    if conditional && upload.raced {
        return Err(s3_error!(
            ConditionalRequestConflict,
            "The conditional request cannot succeed due to a conflicting operation against this resource."
        ));
    }
    let object = assembled(upload, &parts, claimed!(input), at)?;
    let mut output = with_checksums!(
        object.checksums.clone(),
        CompleteMultipartUploadOutput {
            checksum_type: Some(object.checksums.kind()),
            e_tag: Some(etag(&object)),
            location: Some(format!(
                "https://{}.s3.{}.amazonaws.com/{}",
                input.bucket, at.region, input.key
            )),
            server_side_encryption: object.headers.encrypted(),
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            ..CompleteMultipartUploadOutput::default()
        }
    );
    output.version_id = store.put(&input.bucket, input.key, object)?;
    store.uploads.remove(&input.upload_id);
    Ok(output)
}

/// The parts that were listed: in order, as they were uploaded, large enough.
fn chosen<'a>(
    upload: &'a Upload,
    listed: &[CompletedPart],
) -> S3Result<Vec<(i32, &'a UploadedPart)>> {
    if listed.is_empty() {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    let numbers = listed.iter().map(|part| part.part_number);
    if !numbers.is_sorted_by(|one, next| one < next) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let found = listed.iter().map(|part| {
        let number = part.part_number.unwrap_or_default();
        let uploaded = upload.parts.get(&number);
        let same = |found: &&UploadedPart| {
            let etag = part.e_tag.as_ref();
            etag.is_none_or(|etag| etag.value() == found.etag)
        };
        let found = uploaded.filter(same).ok_or_else(|| {
            s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
            )
        })?;
        Ok((number, found))
    });
    let found: Vec<(i32, &UploadedPart)> = found.collect::<S3Result<_>>()?;
    let before_last = found.iter().rev().skip(1);
    if before_last
        .into_iter()
        .any(|(_, part)| part.body.len() < SMALLEST_PART)
    {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ));
    }
    Ok(found)
}

/// One object of many parts: its ETag is the MD5 of their MD5s and their number (ecs-semantics H [MODEL]).
fn assembled(
    upload: &Upload,
    parts: &[(i32, &UploadedPart)],
    claimed: Checksums,
    at: &At,
) -> S3Result<Object> {
    let mut body = BytesMut::new();
    let mut digests = Vec::new();
    for (_, part) in parts {
        body.extend_from_slice(&part.body);
        digests.extend(Md5::checksum(&part.body));
    }
    let body = body.freeze();
    let algorithm = upload.algorithm.as_deref().unwrap_or_default();
    let checksums = if upload.composite {
        let of_parts: Vec<Checksums> = parts
            .iter()
            .map(|(_, part)| part.checksums.clone())
            .collect();
        Checksums::composite(algorithm, &of_parts)
    } else {
        Checksums::by(algorithm, &body)
    };
    if claimed != Checksums::default() && claimed != checksums {
        return Err(s3_error!(
            BadDigest,
            "The checksum you specified did not match the calculated checksum."
        ));
    }
    let stored = parts.iter().map(|(number, part)| StoredPart {
        number: *number,
        size: part.body.len(),
        checksums: part.checksums.clone(),
    });
    Ok(Object {
        etag: format!("{}-{}", hex(&Md5::checksum(&digests)), parts.len()),
        body,
        modified_ms: at.now_ms,
        headers: upload.headers.clone(),
        checksums,
        version: None,
        parts: stored.collect(),
        tags: upload.tags.clone(),
    })
}
