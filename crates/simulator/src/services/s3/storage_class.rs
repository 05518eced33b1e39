//! Storage classes: which there are, and which have to be restored before they are read.

use bytes::Bytes;
use http::{Request, StatusCode};
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::custom::custom;
use super::members;
use super::state::Object;
use crate::ApiError;

/// Those of PutObject, CopyObject and CreateMultipartUpload [MODEL] without OUTPOSTS, which a bucket in a Region refuses (LocalStack's
/// `test_put_object_storage_class_outposts`, recorded on AWS [OBS]).
const CLASSES: [&str; 12] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
    "FSX_ONTAP",
];

/// What is archived has to be restored first; GLACIER_IR does not [DOC].
const ARCHIVED: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// A class that S3 does not have is refused before anything else (List of error codes, InvalidStorageClass [DOC]).
pub(super) fn fits(request: &Request<Bytes>) -> Result<(), ApiError> {
    let asked = request.headers().get("x-amz-storage-class");
    let known = |class: &str| CLASSES.contains(&class);
    match asked.map(|class| class.to_str().is_ok_and(known)) {
        Some(false) => Err(ApiError::client(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        )),
        _ => Ok(()),
    }
}

/// GetObject of an archived object is refused until it is restored, which nobody can ask for here (GetObject, Errors [DOC]).
pub(super) fn readable(object: &Object) -> S3Result<()> {
    let class = object.headers.class();
    if !ARCHIVED.contains(&class) {
        return Ok(());
    }
    let mut error = S3Error::with_message(
        S3ErrorCode::InvalidObjectState,
        "The operation is not valid for the object's storage class",
    );
    error.set_status_code(StatusCode::FORBIDDEN);
    Err(members::with(error, &[("StorageClass", class.to_owned())]))
}

/// As its copy is (CopyObject, Errors [DOC]).
pub(super) fn copyable(object: &Object) -> S3Result<()> {
    if !ARCHIVED.contains(&object.headers.class()) {
        return Ok(());
    }
    Err(custom(
        "ObjectNotInActiveTierError",
        StatusCode::FORBIDDEN,
        "The source object of the COPY action is not in the active tier",
    ))
}
