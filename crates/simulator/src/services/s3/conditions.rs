//! Conditions of reads and writes: If-Match and its kin (ecs-semantics H [MODEL]).

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

use super::read::timestamp;
use super::state::{Bucket, Object};
use crate::Millis;

/// The conditions of a read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Conditions<'a> {
    pub(super) if_match: Option<&'a ETagCondition>,
    pub(super) if_none_match: Option<&'a ETagCondition>,
    pub(super) if_modified_since: Option<&'a Timestamp>,
    pub(super) if_unmodified_since: Option<&'a Timestamp>,
    pub(super) now_ms: Millis,
}

impl Conditions<'_> {
    /// 412 or 304. An ETag that was asked for wins over a date [DOC].
    pub(super) fn hold(self, object: &Object) -> S3Result<()> {
        let modified = timestamp(object.modified_ms);
        match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) if !agrees(condition, object) => return Err(lost()),
            (None, Some(since)) if modified > *since => return Err(lost()),
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) if agrees(condition, object) => Err(not_modified(object)),
            // A time that is still to come says nothing (LocalStack's `test_s3_get_object_preconditions`, recorded on AWS [OBS]).
            (None, Some(since)) if modified <= *since && *since <= timestamp(self.now_ms) => {
                Err(not_modified(object))
            }
            _ => Ok(()),
        }
    }
}

/// `If-None-Match: *` creates only; `If-Match` replaces exactly that version. 412 means lost.
pub(super) fn may_write(
    bucket: &Bucket,
    key: &str,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    if if_match.is_none() && if_none_match.is_none() {
        return Ok(());
    }
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

/// 304, which tells the ETag (RFC 9110, 15.4.5 [DOC]).
fn not_modified(object: &Object) -> S3Error {
    let mut error = s3_error!(NotModified);
    let mut headers = error.headers().cloned().unwrap_or_default();
    if let Ok(etag) = http::HeaderValue::try_from(format!("\"{}\"", object.etag)) {
        headers.insert(http::header::ETAG, etag);
    }
    error.set_headers(headers);
    error
}

/// Another write came first.
pub(super) fn lost() -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold"
    )
}

/// Whether a condition names this object.
fn agrees(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

pub(super) fn etag(object: &Object) -> ETag {
    ETag::Strong(object.etag.clone())
}
