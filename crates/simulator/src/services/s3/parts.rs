//! ListParts, ListMultipartUploads and GetObjectAttributes.

use s3s::dto::{
    Checksum, ETag, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput,
    MultipartUpload, ObjectPart, Part, StorageClass,
};
use s3s::{S3Result, s3_error};

use super::acl::{initiator, owner};
use super::checksum::Checksums;
use super::checksum::with_checksums;
use super::door::At;
use super::find;
use super::read::{timestamp, version_of};
use super::state::S3;

/// A page has no more, whatever is asked for [DOC].
const LARGEST_PAGE: usize = 1000;

pub(super) fn list_parts(
    store: &mut S3,
    input: ListPartsInput,
    at: &At,
) -> S3Result<ListPartsOutput> {
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let limit = limit(input.max_parts);
    let after = input.part_number_marker.unwrap_or_default();
    let mut later = upload.parts.iter().filter(|(number, _)| **number > after);
    let page: Vec<Part> = later
        .by_ref()
        .take(limit)
        .map(|(number, part)| {
            with_checksums!(
                part.checksums.clone(),
                Part {
                    e_tag: Some(ETag::Strong(part.etag.clone())),
                    last_modified: Some(timestamp(part.modified_ms)),
                    part_number: Some(*number),
                    size: i64::try_from(part.body.len()).ok(),
                }
            )
        })
        .collect();
    Ok(ListPartsOutput {
        is_truncated: Some(later.next().is_some()),
        next_part_number_marker: page.last().map_or(Some(0), |part| part.part_number),
        parts: Some(page),
        initiator: Some(initiator(at)),
        owner: Some(owner(&at.account)),
        max_parts: i32::try_from(limit).ok(),
        part_number_marker: Some(after),
        storage_class: Some(StorageClass::from(upload.headers.class().to_owned())),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        ..ListPartsOutput::default()
    })
}

/// By key, and those of one key by id.
pub(super) fn list_uploads(
    store: &mut S3,
    input: ListMultipartUploadsInput,
    at: &At,
) -> S3Result<ListMultipartUploadsOutput> {
    store.bucket(&input.bucket)?;
    if input.delimiter.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "the simulator lists uploads without a delimiter"
        ));
    }
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let limit = limit(input.max_uploads);
    let after = (
        input.key_marker.as_deref().unwrap_or_default(),
        input.upload_id_marker.as_deref(),
    );
    let is_later = |key: &str, id: &str| match after {
        (marker, None) => key > marker,
        (marker, Some(id_marker)) => (key, id) > (marker, id_marker),
    };
    let mut uploads: Vec<_> = store
        .uploads
        .iter()
        .filter(|(_, upload)| upload.bucket == *input.bucket && upload.key.starts_with(prefix))
        .filter(|(id, upload)| is_later(&upload.key, id))
        .collect();
    uploads.sort_by(|(one_id, one), (other_id, other)| {
        (&one.key, one_id).cmp(&(&other.key, other_id))
    });
    let truncated = uploads.len() > limit;
    uploads.truncate(limit);
    let next = uploads.last().filter(|_| truncated);
    let next = next.map(|(id, upload)| (upload.key.clone(), (*id).clone()));
    let (next_key, next_id) = next.unzip();
    let listed = uploads.into_iter().map(|(id, upload)| MultipartUpload {
        initiated: Some(timestamp(upload.initiated_ms)),
        initiator: Some(initiator(at)),
        owner: Some(owner(&at.account)),
        key: Some(upload.key.clone()),
        storage_class: Some(StorageClass::from(upload.headers.class().to_owned())),
        upload_id: Some(id.clone()),
        checksum_algorithm: upload.algorithm.clone().map(Into::into),
        checksum_type: upload.checksum_type(),
    });
    Ok(ListMultipartUploadsOutput {
        uploads: Some(listed.collect()),
        is_truncated: Some(truncated),
        max_uploads: i32::try_from(limit).ok(),
        key_marker: Some(input.key_marker.clone().unwrap_or_default()),
        upload_id_marker: Some(input.upload_id_marker.clone().unwrap_or_default()),
        next_key_marker: next_key,
        next_upload_id_marker: next_id,
        prefix: input.prefix.clone(),
        bucket: Some(input.bucket.clone()),
        ..ListMultipartUploadsOutput::default()
    })
}

pub(super) fn attributes(
    store: &mut S3,
    input: GetObjectAttributesInput,
    _: &At,
) -> S3Result<GetObjectAttributesOutput> {
    let found = find::object(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    // `s3s` gives a header with commas as one.
    let listed: Vec<&str> = input
        .object_attributes
        .iter()
        .flat_map(|it| it.as_str().split(',').map(str::trim))
        .collect();
    let asked = |name: &str| listed.contains(&name);
    let checksum = with_checksums!(
        without_number(found.checksums.clone()),
        Checksum {
            checksum_type: Some(found.checksums.kind()),
        }
    );
    let after = input.part_number_marker.unwrap_or_default();
    let limit = limit(input.max_parts);
    let mut later = found.parts.iter().filter(|part| part.number > after);
    let page: Vec<ObjectPart> = later
        .by_ref()
        .take(limit)
        .map(|part| {
            with_checksums!(
                part.checksums.clone(),
                ObjectPart {
                    part_number: Some(part.number),
                    size: i64::try_from(part.size).ok(),
                }
            )
        })
        .collect();
    let parts = GetObjectAttributesParts {
        is_truncated: Some(later.next().is_some()),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: page.last().and_then(|part| part.part_number),
        part_number_marker: Some(after),
        parts: Some(page),
        total_parts_count: i32::try_from(found.parts.len()).ok(),
    };
    let is_multipart = !found.parts.is_empty();
    Ok(GetObjectAttributesOutput {
        checksum: asked("Checksum").then_some(checksum),
        e_tag: asked("ETag").then(|| ETag::Strong(found.etag.clone())),
        object_parts: (asked("ObjectParts") && is_multipart).then_some(parts),
        object_size: asked("ObjectSize")
            .then(|| i64::try_from(found.body.len()).ok())
            .flatten(),
        storage_class: asked("StorageClass")
            .then(|| StorageClass::from(found.headers.class().to_owned())),
        last_modified: Some(timestamp(found.modified_ms)),
        version_id: version_of(store, &input.bucket, found),
        ..GetObjectAttributesOutput::default()
    })
}

/// Here a checksum of checksums is told without the number of parts (moto's `test_copy_key_with_args__using_multipart`, aws_verified [OBS]).
fn without_number(mut checksums: Checksums) -> Checksums {
    for text in [
        &mut checksums.crc32,
        &mut checksums.crc32c,
        &mut checksums.crc64nvme,
        &mut checksums.sha1,
        &mut checksums.sha256,
    ] {
        // Base64 has no `-`.
        *text = text.take().map(|text| match text.split_once('-') {
            Some((digest, _)) => digest.to_owned(),
            None => text,
        });
    }
    checksums
}

fn limit(asked: Option<i32>) -> usize {
    asked
        .and_then(|asked| usize::try_from(asked).ok())
        .unwrap_or(LARGEST_PAGE)
        .min(LARGEST_PAGE)
}
