//! CopyObject: headers and tags come along unless they are replaced.

use http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETagCondition,
    MetadataDirective, TaggingDirective,
};
use s3s::{S3Result, s3_error};

use super::checksum::{Checksums, with_checksums};
use super::conditions::{Conditions, etag, lost, may_write};
use super::door::At;
use super::lock::asked;
use super::read::{timestamp, version_of};
use super::state::{Object, S3, hex};
use super::{find, headers, storage_class, tagging};

/// Copies keep their headers unless `x-amz-metadata-directive: REPLACE` brings new ones.
pub(super) fn copy_object(
    store: &mut S3,
    mut input: CopyObjectInput,
    headers: &HeaderMap,
    at: &At,
) -> S3Result<CopyObjectOutput> {
    let from = Source::of(&input.copy_source)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.as_ref(),
        if_none_match: input.copy_source_if_none_match.as_ref(),
        if_modified_since: input.copy_source_if_modified_since.as_ref(),
        if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        now_ms: at.now_ms,
    };
    let source = source(store, from, conditions)?;
    let source_version = version_of(store, from.bucket, source);
    let mut copy = source.clone();
    let replaced = input
        .metadata_directive
        .as_ref()
        .is_some_and(|it| it.as_str() == MetadataDirective::REPLACE);
    let same_place = *from.bucket == *input.bucket && *from.key == *input.key;
    let changes = replaced
        || from.version.is_some()
        || input.storage_class.is_some()
        || input.server_side_encryption.is_some()
        || input.website_redirect_location.is_some();
    if same_place && !changes {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
             metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    change(&mut copy, &mut input, replaced)?;
    copy.modified_ms = at.now_ms;
    copy.version = None;
    // A copy has no lock of its source [DOC].
    copy.lock = store.lock_of_new(&input.bucket, asked!(input), at)?;
    // On what is there already (LocalStack's `test_copy_object_if_none_match`, `..._if_match`, recorded on AWS [OBS]).
    let (if_match, if_none_match) = (
        condition(headers, &IF_MATCH)?,
        condition(headers, &IF_NONE_MATCH)?,
    );
    may_write(
        store.bucket(&input.bucket)?,
        &input.key,
        if_match.as_ref(),
        if_none_match.as_ref(),
    )?;
    let result = with_checksums!(
        copy.checksums.clone(),
        CopyObjectResult {
            checksum_type: Some(copy.checksums.kind()),
            e_tag: Some(etag(&copy)),
            last_modified: Some(timestamp(at.now_ms)),
        }
    );
    Ok(CopyObjectOutput {
        server_side_encryption: copy.headers.encrypted(),
        copy_object_result: Some(result),
        // Unless it is `null` (LocalStack's `test_s3_copy_object_in_place_versioned`, recorded on AWS [OBS]).
        copy_source_version_id: source_version.filter(|it| it != "null"),
        version_id: store.put(&input.bucket, input.key, copy)?,
        ..CopyObjectOutput::default()
    })
}

fn condition(headers: &HeaderMap, name: &HeaderName) -> S3Result<Option<ETagCondition>> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let unreadable = |_| s3_error!(InvalidArgument, "a condition must be an ETag or *");
    let read = ETagCondition::parse_http_header(value.as_bytes());
    read.map(Some).map_err(unreadable)
}

/// Makes of the source what is stored: one part, the headers and tags that were asked for.
fn change(copy: &mut Object, input: &mut CopyObjectInput, replaced: bool) -> S3Result<()> {
    use s3s::crypto::{Checksum, Md5};
    let asked = headers::of_copy(input);
    if replaced {
        copy.headers = asked;
    } else {
        // Not copied: they are those of the request or of the bucket [DOC].
        copy.headers.storage_class = asked.storage_class;
        copy.headers.website_redirect = asked.website_redirect;
        copy.headers.encryption = asked.encryption;
        copy.headers.kms_key = asked.kms_key;
    }
    if !copy.parts.is_empty() {
        copy.parts.clear();
        copy.etag = hex(&Md5::checksum(&copy.body));
    }
    let algorithm = input.checksum_algorithm.clone();
    if let Some(algorithm) = algorithm.or_else(|| copy.checksums.algorithm()) {
        copy.checksums = Checksums::by(algorithm.as_str(), &copy.body);
    }
    let tags = input.tagging_directive.as_ref();
    if tags.is_some_and(|it| it.as_str() == TaggingDirective::REPLACE) {
        let header = input.tagging.take().unwrap_or_default();
        copy.tags = tagging::from_header(&header)?;
    }
    Ok(())
}

/// What is copied, of CopyObject as of UploadPartCopy: it is there, it is as was asked for, and it is not archived [DOC].
pub(super) fn source<'a>(
    store: &'a S3,
    from: Source<'_>,
    conditions: Conditions<'_>,
) -> S3Result<&'a Object> {
    let source = find::source(store, from)?;
    // A copy knows no 304 [DOC].
    conditions.hold(source).map_err(|_| lost())?;
    storage_class::copyable(source)?;
    Ok(source)
}

/// Where a copy comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) version: Option<&'a str>,
}

impl<'a> Source<'a> {
    pub(super) fn of(source: &'a CopySource) -> S3Result<Self> {
        match source {
            CopySource::Bucket {
                bucket,
                key,
                version_id,
            } => Ok(Self {
                bucket,
                key,
                version: version_id.as_deref(),
            }),
            CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => Err(s3_error!(
                NotImplemented,
                "the simulator copies from buckets only"
            )),
        }
    }
}
