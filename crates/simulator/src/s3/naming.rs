//! Which operation a request is, for call counters and faults, and where its bucket and key are. What S3 really does with the
//! request is decided by `s3s`.

use bytes::Bytes;
use http::{Method, Request};

use crate::wire::host;

/// The path in path style: `/bucket/key`, whatever style the request has.
pub(super) fn path_style(request: &Request<Bytes>) -> String {
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

/// The operation's name, as AWS's SDKs have it.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    let path = path_style(request);
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let bucket = parts.next().is_some_and(|bucket| !bucket.is_empty());
    let key = parts.next().is_some_and(|key| !key.is_empty());
    let query = request.uri().query().unwrap_or_default();
    let has = |name: &str| {
        query
            .split('&')
            .any(|part| part.split('=').next() == Some(name))
    };
    // `uploadId` alone is a multipart call, on every method.
    let name = match (request.method(), bucket, key) {
        (_, _, true) if has("uploadId") || has("uploads") => "Multipart",
        (&Method::GET, false, _) => "ListBuckets",
        (&Method::GET, true, false) if query.contains("list-type=2") => "ListObjectsV2",
        (&Method::GET, true, false) if has("location") => "GetBucketLocation",
        (&Method::GET, true, false) => "ListObjects",
        (&Method::GET, true, true) => "GetObject",
        (&Method::HEAD, true, false) => "HeadBucket",
        (&Method::HEAD, true, true) => "HeadObject",
        (&Method::PUT, true, false) => "CreateBucket",
        (&Method::PUT, true, true) if request.headers().contains_key("x-amz-copy-source") => {
            "CopyObject"
        }
        (&Method::PUT, true, true) => "PutObject",
        (&Method::DELETE, true, true) => "DeleteObject",
        (&Method::DELETE, true, false) => "DeleteBucket",
        (&Method::POST, true, false) if has("delete") => "DeleteObjects",
        _ => "Other",
    };
    name.to_owned()
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
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .body(Bytes::new())
                .unwrap();
            assert_eq!(operation(&request), expected, "{method} {uri}");
        }
    }
}
