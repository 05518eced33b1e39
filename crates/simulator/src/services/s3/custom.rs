//! Error codes of S3 that `s3s` has no name for.

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};

pub(super) fn custom(code: &'static str, status: StatusCode, message: &'static str) -> S3Error {
    custom_of(code, status, message.to_owned())
}

/// The same with a message that is made.
pub(super) fn custom_of(code: &'static str, status: StatusCode, message: String) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}
