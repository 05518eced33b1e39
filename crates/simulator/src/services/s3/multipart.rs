//! Multipart uploads in progress: CreateMultipartUpload, UploadPart, UploadPartCopy, AbortMultipartUpload.

use std::collections::BTreeMap;

use bytes::Bytes;
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CopyPartResult, CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, Range,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::checksum::{Checksums, claimed, with_checksums};
use super::conditions::Conditions;
use super::copy::{Source, source};
use super::door::At;
use super::headers::{self, StoredHeaders};
use super::lock::{Lock, asked};
use super::read::{satisfied, timestamp, version_of};
use super::state::{S3, hex};
use super::write::same_md5;
use super::{members, tagging};
use crate::Millis;
use crate::base::base64_text;

/// A part's number is from 1 to this [DOC].
const LAST_PART: i32 = 10_000;

/// A multipart upload in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) initiated_ms: Millis,
    pub(super) headers: StoredHeaders,
    pub(super) tags: Vec<(String, String)>,
    #[serde(default)]
    pub(super) lock: Lock,
    /// As it was asked for; CRC64NVME where it was not [DOC].
    pub(super) algorithm: Option<String>,
    pub(super) composite: bool,
    pub(super) parts: BTreeMap<i32, UploadedPart>,
    /// Its key was written or deleted meanwhile.
    pub(super) raced: bool,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UploadedPart {
    #[serde(with = "base64_text")]
    pub(super) body: Bytes,
    pub(super) etag: String,
    pub(super) checksums: Checksums,
    pub(super) modified_ms: Millis,
}

impl Upload {
    /// What its object's checksum will be one of.
    pub(super) fn checksum_type(&self) -> Option<ChecksumType> {
        self.algorithm.as_ref()?;
        let kind = match self.composite {
            true => ChecksumType::COMPOSITE,
            false => ChecksumType::FULL_OBJECT,
        };
        Some(ChecksumType::from_static(kind))
    }
}

impl S3 {
    /// The upload that a call names, of this key.
    pub(super) fn upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<&Upload> {
        self.bucket(bucket)?;
        let found = self.uploads.get(id);
        found
            .filter(|upload| upload.bucket == bucket && upload.key == key)
            .ok_or_else(|| {
                s3_error!(
                    NoSuchUpload,
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
                )
            })
    }

    /// A write or a delete that overtakes a conditional write makes it a conflict (ecs-semantics H [MODEL]; LocalStack's
    /// `test_multipart_if_match_with_put`, recorded on AWS [OBS]).
    pub(super) fn raced(&mut self, bucket: &str, key: &str) {
        for upload in self.uploads.values_mut() {
            upload.raced |= upload.bucket == bucket && upload.key == key;
        }
    }
}

pub(super) fn create(
    store: &mut S3,
    mut input: CreateMultipartUploadInput,
    at: &At,
) -> S3Result<CreateMultipartUploadOutput> {
    store.bucket(&input.bucket)?;
    let algorithm = input.checksum_algorithm.take();
    let name = algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let full_only = matches!(name, None | Some(ChecksumAlgorithm::CRC64NVME));
    let composite = match input.checksum_type.as_ref().map(ChecksumType::as_str) {
        Some(ChecksumType::COMPOSITE) if full_only => {
            return Err(s3_error!(
                InvalidRequest,
                "The COMPOSITE checksum type cannot be used with the CRC64NVME checksum algorithm."
            ));
        }
        Some(kind) => kind == ChecksumType::COMPOSITE,
        None => !full_only,
    };
    let lock = store.lock_of_new(&input.bucket, asked!(input), at)?;
    let upload = Upload {
        lock,
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        initiated_ms: at.now_ms,
        headers: headers::of_upload(&mut input),
        tags: tagging::from_header(input.tagging.as_deref().unwrap_or_default())?,
        algorithm: name.map(str::to_owned),
        composite,
        parts: BTreeMap::new(),
        raced: false,
    };
    let encryption = upload.headers.encrypted();
    let id = format!("{}{}", store.next_id(), store.next_id());
    store.uploads.insert(id.clone(), upload);
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_type: algorithm.is_some().then(|| {
            ChecksumType::from_static(if composite {
                ChecksumType::COMPOSITE
            } else {
                ChecksumType::FULL_OBJECT
            })
        }),
        checksum_algorithm: algorithm,
        server_side_encryption: encryption,
        upload_id: Some(id),
        ..CreateMultipartUploadOutput::default()
    })
}

pub(super) fn upload_part(
    store: &mut S3,
    mut input: UploadPartInput,
    body: Bytes,
    at: &At,
) -> S3Result<UploadPartOutput> {
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    same_md5(input.content_md5.as_deref(), &body)?;
    let claimed = claimed!(input);
    let checksums = match &upload.algorithm {
        Some(algorithm) if claimed == Checksums::default() => Checksums::by(algorithm, &body),
        _ => Checksums::verified(claimed, &body)?,
    };
    let encryption = upload.headers.encrypted();
    let part = UploadedPart::new(body, checksums.clone(), at.now_ms);
    let etag = ETag::Strong(part.etag.clone());
    store.keep_part(&input.upload_id, input.part_number, part)?;
    Ok(with_checksums!(
        checksums,
        UploadPartOutput {
            e_tag: Some(etag),
            server_side_encryption: encryption,
            ..UploadPartOutput::default()
        }
    ))
}

pub(super) fn upload_part_copy(
    store: &mut S3,
    input: UploadPartCopyInput,
    at: &At,
) -> S3Result<UploadPartCopyOutput> {
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let from = Source::of(&input.copy_source)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.as_ref(),
        if_none_match: input.copy_source_if_none_match.as_ref(),
        if_modified_since: input.copy_source_if_modified_since.as_ref(),
        if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        now_ms: at.now_ms,
    };
    let source = source(store, from, conditions)?;
    let body = match input.copy_source_range.as_deref() {
        None => source.body.clone(),
        Some(range) => {
            let unreadable = |_| {
                s3_error!(
                    InvalidArgument,
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
                )
            };
            let range = Range::parse(range).map_err(unreadable)?;
            source.body.slice(satisfied(range, source.body.len())?)
        }
    };
    let checksums = match &upload.algorithm {
        Some(algorithm) => Checksums::by(algorithm, &body),
        None => Checksums::default_of(&body),
    };
    let source_version = version_of(store, from.bucket, source);
    let encryption = upload.headers.encrypted();
    let part = UploadedPart::new(body, checksums.clone(), at.now_ms);
    let etag = ETag::Strong(part.etag.clone());
    store.keep_part(&input.upload_id, input.part_number, part)?;
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(with_checksums!(
            checksums,
            CopyPartResult {
                e_tag: Some(etag),
                last_modified: Some(timestamp(at.now_ms)),
            }
        )),
        copy_source_version_id: source_version,
        server_side_encryption: encryption,
        ..UploadPartCopyOutput::default()
    })
}

pub(super) fn abort(
    store: &mut S3,
    input: AbortMultipartUploadInput,
    _: &At,
) -> S3Result<AbortMultipartUploadOutput> {
    store.upload(&input.bucket, &input.key, &input.upload_id)?;
    store.uploads.remove(&input.upload_id);
    Ok(AbortMultipartUploadOutput::default())
}

impl S3 {
    fn keep_part(&mut self, id: &str, number: i32, part: UploadedPart) -> S3Result<()> {
        if !(1..=LAST_PART).contains(&number) {
            let error = s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            );
            let told = [
                ("ArgumentName", "partNumber".to_owned()),
                ("ArgumentValue", number.to_string()),
            ];
            return Err(members::with(error, &told));
        }
        if let Some(upload) = self.uploads.get_mut(id) {
            upload.parts.insert(number, part);
        }
        Ok(())
    }
}

impl UploadedPart {
    fn new(body: Bytes, checksums: Checksums, modified_ms: Millis) -> Self {
        Self {
            etag: hex(&Md5::checksum(&body)),
            body,
            checksums,
            modified_ms,
        }
    }
}
