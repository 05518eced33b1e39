//! CompleteMultipartUpload: the parts become an object.

use crate::base::arn::dns_suffix;
use bytes::{Bytes, BytesMut};
use http::{Method, Request};
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart};
use s3s::{S3Result, s3_error};

use super::checksum::{Checksums, claimed, with_checksums};
use super::conditions::{etag, may_write};
use super::door::At;
use super::find;
use super::members;
use super::multipart::{Upload, UploadedPart};
use super::read::version_of;
use super::state::{Object, S3, StoredPart, hex};
use crate::ApiError;

/// Only the last part may be smaller [DOC].
const SMALLEST_PART: usize = 5 * 1024 * 1024;

pub(super) fn complete(
    store: &mut S3,
    mut input: CompleteMultipartUploadInput,
    at: &At,
) -> S3Result<CompleteMultipartUploadOutput> {
    let listed = input.multipart_upload.take().and_then(|it| it.parts);
    let listed = listed.unwrap_or_default();
    if let Some(again) = store.completed(&input, &listed, at) {
        return Ok(again);
    }
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let parts = chosen(upload, &listed, &input.upload_id)?;
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
            location: Some(location(&input, at)),
            server_side_encryption: object.headers.encrypted(),
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            ..CompleteMultipartUploadOutput::default()
        }
    );
    let key = input.key.clone();
    output.version_id = store.put(&input.bucket, key, object)?;
    store.uploads.remove(&input.upload_id);
    let parts = listed.iter().map(named).collect();
    store.remember_completed(input.upload_id, parts);
    Ok(output)
}

/// What completes an upload lists its parts; one that is not there is said first (LocalStack's `test_multipart_no_such_upload`,
/// `test_multipart_complete_multipart_too_small`, recorded on AWS [OBS]). The request has path style.
pub(super) fn has_parts(store: &S3, request: &Request<Bytes>) -> Result<(), ApiError> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let id = pairs.find(|(name, _)| name == "uploadId");
    let (Some((_, id)), &Method::POST) = (id, request.method()) else {
        return Ok(());
    };
    let is_listed = request.body().windows(5).any(|window| window == b"<Part");
    if is_listed {
        return Ok(());
    }
    if !store.uploads.contains_key(&*id) {
        return Err(ApiError {
            code: "NoSuchUpload",
            message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
                      completed."
                .to_owned(),
            status: 404,
        });
    }
    Err(ApiError::client(
        "InvalidRequest",
        "You must specify at least one part",
    ))
}

fn location(input: &CompleteMultipartUploadInput, at: &At) -> String {
    format!(
        "https://{}.s3.{}.{}/{}",
        input.bucket,
        at.region,
        dns_suffix(&at.region),
        input.key
    )
}

/// A part as it is listed: its number and ETag.
fn named(part: &CompletedPart) -> (i32, String) {
    let etag = part.e_tag.as_ref().map(|etag| etag.value().to_owned());
    (
        part.part_number.unwrap_or_default(),
        etag.unwrap_or_default(),
    )
}

/// How many completed uploads are remembered.
const REMEMBERED: usize = 1000;

impl S3 {
    fn remember_completed(&mut self, id: String, parts: Vec<(i32, String)>) {
        if self.completed.len() >= REMEMBERED {
            self.completed.pop_first();
        }
        self.completed.insert(id, parts);
    }

    /// The same answer once more: a client whose reply was lost asks again (moto's `test_idempotent_multipart_upload`, verified on
    /// AWS [OBS]). Only while the object is the one that the upload has made.
    fn completed(
        &self,
        input: &CompleteMultipartUploadInput,
        listed: &[CompletedPart],
        at: &At,
    ) -> Option<CompleteMultipartUploadOutput> {
        let parts = self.completed.get(&input.upload_id)?;
        let same = listed.iter().map(named).eq(parts.iter().cloned());
        let object = self.object(&input.bucket, &input.key)?;
        let digests = parts.iter().map(|(_, etag)| etag.as_str());
        if !same || object.etag != etag_of(digests)? {
            return None;
        }
        Some(with_checksums!(
            object.checksums.clone(),
            CompleteMultipartUploadOutput {
                checksum_type: Some(object.checksums.kind()),
                e_tag: Some(etag(object)),
                location: Some(location(input, at)),
                server_side_encryption: object.headers.encrypted(),
                bucket: Some(input.bucket.clone()),
                key: Some(input.key.clone()),
                version_id: version_of(self, &input.bucket, object),
                ..CompleteMultipartUploadOutput::default()
            }
        ))
    }
}

/// The MD5 of the parts' MD5s and their number (ecs-semantics H [MODEL]).
fn etag_of<'a>(parts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut digests = Vec::new();
    let mut count = 0;
    for part in parts {
        for at in (0..part.len()).step_by(2) {
            digests.push(u8::from_str_radix(part.get(at..at + 2)?, 16).ok()?);
        }
        count += 1;
    }
    Some(format!("{}-{count}", hex(&Md5::checksum(&digests))))
}

/// The parts that were listed: in order, as they were uploaded, large enough.
fn chosen<'a>(
    upload: &'a Upload,
    listed: &[CompletedPart],
    id: &str,
) -> S3Result<Vec<(i32, &'a UploadedPart)>> {
    if listed.is_empty() {
        return Err(find::malformed());
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
            let claimed = Checksums::listed(part);
            etag.is_none_or(|etag| etag.value() == found.etag)
                && (claimed == Checksums::default() || claimed.agree(&found.checksums))
        };
        let found = uploaded.filter(same).ok_or_else(|| {
            let error = s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
            );
            let (number, etag) = named(part);
            let told = [("ETag", etag), ("PartNumber", number.to_string()), ("UploadId", id.to_owned())];
            members::with(error, &told)
        })?;
        // What was asked for when the upload began has to be said of each part [MEM].
        if let Some(algorithm) = upload.algorithm.as_deref()
            && upload.composite
            && Checksums::listed(part) == Checksums::default()
        {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using a {} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request.",
                algorithm.to_ascii_lowercase()
            ));
        }
        Ok((number, found))
    });
    let found: Vec<(i32, &UploadedPart)> = found.collect::<S3Result<_>>()?;
    let before_last = found.iter().take(found.len().saturating_sub(1));
    let small = before_last
        .into_iter()
        .find(|(_, part)| part.body.len() < SMALLEST_PART);
    if let Some((number, part)) = small {
        let error = s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        );
        let told = [
            ("ETag", part.etag.clone()),
            ("MinSizeAllowed", SMALLEST_PART.to_string()),
            ("PartNumber", number.to_string()),
            ("ProposedSize", part.body.len().to_string()),
        ];
        return Err(members::with(error, &told));
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
        lock: upload.lock.clone(),
    })
}
