//! Which operation a request is, for call counters and faults, and where its bucket and key are. What S3 really does with the
//! request is decided by `s3s`.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Method, Request};

use super::post_form;
use super::settings::ROWS;
use crate::wire::host;

/// The path in path style: `/bucket/key`, whatever style the request has.
pub(crate) fn path_style(request: &Request<Bytes>) -> String {
    let path = request.uri().path();
    match virtual_bucket(host(request)) {
        Some(bucket) => format!("/{bucket}{path}"),
        None => path.to_owned(),
    }
}

/// `BUCKET` of `BUCKET.s3.REGION.amazonaws.com`, `BUCKET.s3.amazonaws.com`, `BUCKET.s3.localhost` or `BUCKET.localhost`.
fn virtual_bucket(host: &str) -> Option<&str> {
    if host.starts_with("s3.") {
        return None;
    }
    match host.find(".s3.") {
        Some(end) => host.get(..end),
        None => host.strip_suffix(".localhost"),
    }
}

/// Bucket and key of a path in path style; empty where there is none.
pub(super) fn place(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.split_once('/').unwrap_or((path, ""))
}

/// Whether a query has a member.
pub(super) fn has(query: &str, name: &str) -> bool {
    query
        .split('&')
        .any(|part| part.split('=').next() == Some(name))
}

/// What no operation of ours has in its query; answered with 501 under a name that says so.
const UNKNOWN: &str = "Other";

/// The operation's name, as AWS's SDKs have it.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    let path = path_style(request);
    let (bucket, key) = place(&path);
    let query = request.uri().query().unwrap_or_default();
    let method = request.method();
    let name = match (bucket.is_empty(), key.is_empty()) {
        (true, _) if method == Method::GET => Cow::Borrowed("ListBuckets"),
        (true, _) => Cow::Borrowed(UNKNOWN),
        (false, true) if post_form::is_upload(request) => Cow::Borrowed("PutObject"),
        (false, true) => bucket_operation(method, query),
        (false, false) => Cow::Borrowed(object_operation(request, method, query)),
    };
    name.into_owned()
}

fn bucket_operation(method: &Method, query: &str) -> Cow<'static, str> {
    let row = ROWS.iter().find(|row| has(query, row.query));
    if let Some(row) = row.filter(|_| !query.is_empty()) {
        return match *method {
            Method::GET => Cow::Owned(format!("Get{}", row.name)),
            Method::PUT => Cow::Owned(format!("Put{}", row.name)),
            Method::DELETE => match row.deletable {
                Some("") => Cow::Owned(format!("Delete{}", row.name)),
                Some(name) => Cow::Borrowed(name),
                None => Cow::Borrowed(UNKNOWN),
            },
            _ => Cow::Borrowed(UNKNOWN),
        };
    }
    Cow::Borrowed(match *method {
        _ if UNSERVED.iter().any(|name| has(query, name)) => UNKNOWN,
        // Any other version is the first.
        Method::GET if query.split('&').any(|part| part == "list-type=2") => "ListObjectsV2",
        Method::GET if has(query, "location") => "GetBucketLocation",
        Method::GET if has(query, "versions") => "ListObjectVersions",
        Method::GET if has(query, "uploads") => "ListMultipartUploads",
        Method::GET if has(query, "versioning") => "GetBucketVersioning",
        Method::GET if has(query, "acl") => "GetBucketAcl",
        Method::GET if has(query, "policyStatus") => "GetBucketPolicyStatus",
        Method::GET => "ListObjects",
        Method::HEAD => "HeadBucket",
        Method::PUT if has(query, "versioning") => "PutBucketVersioning",
        Method::PUT if has(query, "acl") => "PutBucketAcl",
        Method::PUT => "CreateBucket",
        Method::DELETE => "DeleteBucket",
        Method::POST if has(query, "delete") => "DeleteObjects",
        _ => UNKNOWN,
    })
}

/// Settings of buckets and calls on objects that are not simulated: they must not be taken for CreateBucket or GetObject.
const UNSERVED: [&str; 11] = [
    "abac",
    "analytics",
    "intelligent-tiering",
    "inventory",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "restore",
    "select",
    "session",
    "torrent",
];

fn object_operation(request: &Request<Bytes>, method: &Method, query: &str) -> &'static str {
    let copies = || request.headers().contains_key("x-amz-copy-source");
    // Without a number it is no part, and `s3s` takes it for a whole object.
    let is_part = || has(query, "uploadId") && has(query, "partNumber");
    if !query.is_empty() {
        let special = match *method {
            _ if UNSERVED.iter().any(|name| has(query, name)) => Some(UNKNOWN),
            Method::POST if has(query, "uploads") => Some("CreateMultipartUpload"),
            Method::POST if has(query, "uploadId") => Some("CompleteMultipartUpload"),
            Method::PUT if is_part() && copies() => Some("UploadPartCopy"),
            Method::PUT if is_part() => Some("UploadPart"),
            Method::GET if has(query, "uploadId") => Some("ListParts"),
            Method::DELETE if has(query, "uploadId") => Some("AbortMultipartUpload"),
            Method::GET if has(query, "tagging") => Some("GetObjectTagging"),
            Method::PUT if has(query, "tagging") => Some("PutObjectTagging"),
            Method::DELETE if has(query, "tagging") => Some("DeleteObjectTagging"),
            Method::GET if has(query, "acl") => Some("GetObjectAcl"),
            Method::PUT if has(query, "acl") => Some("PutObjectAcl"),
            Method::GET if has(query, "retention") => Some("GetObjectRetention"),
            Method::PUT if has(query, "retention") => Some("PutObjectRetention"),
            Method::GET if has(query, "legal-hold") => Some("GetObjectLegalHold"),
            Method::PUT if has(query, "legal-hold") => Some("PutObjectLegalHold"),
            Method::GET if has(query, "attributes") => Some("GetObjectAttributes"),
            _ => None,
        };
        if let Some(special) = special {
            return special;
        }
    }
    match *method {
        Method::GET => "GetObject",
        Method::HEAD => "HeadObject",
        Method::PUT if copies() => "CopyObject",
        Method::PUT => "PutObject",
        Method::DELETE => "DeleteObject",
        _ => UNKNOWN,
    }
}

/// Whether a request must not reach `s3s`, which would take it for another one.
pub(super) fn is_unserved(request: &Request<Bytes>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    !query.is_empty() && UNSERVED.iter().any(|name| has(query, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_of_address() {
        for (method, uri, expected) in [
            (
                "GET",
                "https://s3.sa-east-1.amazonaws.com/assets/app.js",
                "GetObject",
            ),
            (
                "GET",
                "https://assets.s3.sa-east-1.amazonaws.com/app.js",
                "GetObject",
            ),
            (
                "GET",
                "https://assets.s3.sa-east-1.amazonaws.com/?list-type=2",
                "ListObjectsV2",
            ),
            ("HEAD", "https://assets.s3.amazonaws.com/", "HeadBucket"),
            ("GET", "http://assets.localhost:4577/app.js", "GetObject"),
            ("GET", "http://s3.localhost:4577/", "ListBuckets"),
            ("GET", "http://127.0.0.1:4577/", "ListBuckets"),
            ("GET", "http://[::1]:4577/", "ListBuckets"),
            (
                "POST",
                "https://assets.s3.amazonaws.com/?delete",
                "DeleteObjects",
            ),
            (
                "PUT",
                "https://assets.s3.amazonaws.com/a?x-id=PutObject",
                "PutObject",
            ),
        ] {
            assert_eq!(named(method, uri), expected, "{method} {uri}");
        }
    }

    #[test]
    fn what_is_behind_the_question_mark_decides() {
        for (method, rest, expected) in [
            ("GET", "b?policy", "GetBucketPolicy"),
            ("PUT", "b?lifecycle", "PutBucketLifecycleConfiguration"),
            ("DELETE", "b?lifecycle", "DeleteBucketLifecycle"),
            ("DELETE", "b?publicAccessBlock", "DeletePublicAccessBlock"),
            ("DELETE", "b?logging", "Other"),
            ("PUT", "b?inventory&id=x", "Other"),
            ("PUT", "b?versioning", "PutBucketVersioning"),
            ("GET", "b?versions", "ListObjectVersions"),
            ("POST", "b/k?uploads", "CreateMultipartUpload"),
            ("PUT", "b/k?partNumber=1&uploadId=x", "UploadPart"),
            ("DELETE", "b/k?uploadId=x", "AbortMultipartUpload"),
            ("GET", "b/k?tagging", "GetObjectTagging"),
            ("GET", "b/k?retention", "GetObjectRetention"),
            ("PUT", "b/k?legal-hold", "PutObjectLegalHold"),
            ("GET", "b/k?torrent", "Other"),
        ] {
            let uri = format!("http://127.0.0.1:4577/{rest}");
            assert_eq!(named(method, &uri), expected, "{method} {rest}");
        }
    }

    fn named(method: &str, uri: &str) -> String {
        let request = Request::builder().method(method).uri(uri);
        operation(&request.body(Bytes::new()).unwrap())
    }
}
