//! Requests that nobody has signed: they are let in where the bucket's policy lets everybody.

use bytes::Bytes;
use http::{Method, Request};

use super::naming::{has, operation, path_style, place};
use super::policy::Reader;
use super::post_form;
use super::state::S3;
use crate::ApiError;

/// In a request's extensions: nobody has signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anonymous;

/// Whether a request that says nothing of its service names a bucket of ours.
pub(crate) fn named_bucket(request: &Request<Bytes>) -> Option<String> {
    let path = path_style(request);
    let (bucket, _) = place(&path);
    (!bucket.is_empty()).then(|| bucket.to_owned())
}

/// 403, unless the policy of the bucket lets everybody do it ([DOC] anonymous requests). Browsers do not sign what they ask before a
/// cross-origin request.
pub(crate) fn refusal(own: &S3, request: &Request<Bytes>) -> Option<ApiError> {
    if request.method() == Method::OPTIONS {
        return None;
    }
    if post_form::is_signed(request) {
        return None;
    }
    let path = path_style(request);
    let (bucket, key) = place(&path);
    let query = request.uri().query().unwrap_or_default();
    let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
    let key = match post_form::is_upload(request) {
        true => post_form::key_of(request).unwrap_or_default().into(),
        false => key,
    };
    let (action, key) = match operation(request).as_str() {
        "GetObject" | "HeadObject" if has(query, "versionId") => ("s3:GetObjectVersion", &*key),
        "GetObject" | "HeadObject" => ("s3:GetObject", &*key),
        "PutObject" => ("s3:PutObject", &*key),
        "DeleteObject" if has(query, "versionId") => ("s3:DeleteObjectVersion", &*key),
        "DeleteObject" => ("s3:DeleteObject", &*key),
        "ListObjects" | "ListObjectsV2" | "HeadBucket" => ("s3:ListBucket", ""),
        _ => ("", ""),
    };
    let anybody = Reader {
        signs: false,
        source: "",
        account: "",
    };
    let allows = |action: &str| own.allows(bucket, action, key, &anybody);
    let lets = !action.is_empty()
        && allows(action)
        && (!bypasses(request) || allows("s3:BypassGovernanceRetention"));
    (!lets).then(|| ApiError {
        code: "AccessDenied",
        message: "Access Denied".to_owned(),
        status: 403,
    })
}

/// "users must have the s3:BypassGovernanceRetention permission and must explicitly include the header" [DOC].
fn bypasses(request: &Request<Bytes>) -> bool {
    let header = request.headers().get("x-amz-bypass-governance-retention");
    header.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}
