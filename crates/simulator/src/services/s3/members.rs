//! What S3's errors tell besides their code and their words: the bucket, the key, the condition that did not hold.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::S3Error;

use super::naming::{path_style, place};
use super::state::S3;

/// Carries members from where an error is made to where it is written; it never leaves this room.
const CARRIED: HeaderName = HeaderName::from_static("x-backstay-error-members");

/// The request that an error answers.
pub(crate) struct Asked {
    bucket: String,
    key: String,
    method: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Asked {
    /// What of a request its errors may tell.
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        let path = path_style(request);
        let (bucket, key) = place(&path);
        let query = request.uri().query().unwrap_or_default();
        Self {
            bucket: bucket.to_owned(),
            key: percent_decode_str(key).decode_utf8_lossy().into_owned(),
            method: request.method().to_string(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: request.headers().clone(),
        }
    }

    fn parameter(&self, name: &str) -> String {
        let found = self.query.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn header(&self, name: &str) -> String {
        let value = self.headers.get(name);
        let value = value.and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    /// The condition of the request, in S3's spelling. Where it has several, the one that S3 looks at first.
    fn condition(&self) -> Option<&'static str> {
        const CONDITIONS: [&str; 8] = [
            "x-amz-copy-source-If-Match",
            "x-amz-copy-source-If-Unmodified-Since",
            "x-amz-copy-source-If-None-Match",
            "x-amz-copy-source-If-Modified-Since",
            "If-Match",
            "If-Unmodified-Since",
            "If-None-Match",
            "If-Modified-Since",
        ];
        CONDITIONS
            .into_iter()
            .find(|name| self.headers.contains_key(name.to_ascii_lowercase()))
    }

    /// The members that errors of this code have [OBS]: answers recorded from S3 by LocalStack and moto.
    fn members(&self, code: &str, store: &S3) -> Vec<(&'static str, String)> {
        let bucket = || vec![("BucketName", self.bucket.clone())];
        match code {
            "NoSuchBucket"
            | "BucketAlreadyOwnedByYou"
            | "BucketAlreadyExists"
            | "BucketNotEmpty"
            | "NoSuchBucketPolicy"
            | "NoSuchLifecycleConfiguration"
            | "NoSuchCORSConfiguration"
            | "NoSuchWebsiteConfiguration"
            | "NoSuchTagSet"
            | "OwnershipControlsNotFoundError"
            | "NoSuchPublicAccessBlockConfiguration"
            | "ObjectLockConfigurationNotFoundError"
            | "ServerSideEncryptionConfigurationNotFoundError" => bucket(),
            "NoSuchKey" => vec![("Key", self.key.clone())],
            "NoSuchVersion" => vec![
                ("Key", self.key.clone()),
                ("VersionId", self.parameter("versionId")),
            ],
            "NoSuchUpload" => vec![("UploadId", self.parameter("uploadId"))],
            "PreconditionFailed" => {
                let condition = self.condition().map(str::to_owned);
                condition.map(|it| ("Condition", it)).into_iter().collect()
            }
            "ConditionalRequestConflict" => {
                let condition = self.condition().map(str::to_owned);
                let condition = condition.map(|it| ("Condition", it));
                condition
                    .into_iter()
                    .chain([("Key", self.key.clone())])
                    .collect()
            }
            "InvalidRange" => {
                let size = store.object(&self.bucket, &self.key);
                let size = size.map_or(0, |object| object.body.len());
                vec![
                    ("ActualObjectSize", size.to_string()),
                    ("RangeRequested", self.header("range")),
                ]
            }
            "MethodNotAllowed" => vec![
                ("Method", self.method.clone()),
                ("ResourceType", "DeleteMarker".to_owned()),
            ],
            _ => Vec::new(),
        }
    }
}

/// The same error with members that only the place where it is made knows.
pub(super) fn with(mut error: S3Error, members: &[(&'static str, String)]) -> S3Error {
    let mut text = String::new();
    for (name, value) in members {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        let _ = write!(text, "{name}={value}&");
    }
    let mut headers = error.headers().cloned().unwrap_or_default();
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(CARRIED, value);
        error.set_headers(headers);
    }
    error
}

/// The error with its members and the number of its request; any other reply as it is.
pub(crate) fn tell_more(
    mut response: Response<Bytes>,
    asked: &Asked,
    store: &S3,
    request_id: &str,
) -> Response<Bytes> {
    let carried = response.headers_mut().remove(CARRIED);
    let body = std::str::from_utf8(response.body()).unwrap_or_default();
    let Some(code) = between(body, "<Code>", "</Code>") else {
        return response;
    };
    if response.status().is_success() || !body.contains("<Error") {
        return response;
    }
    let mut told = String::new();
    let carried = carried.as_ref().and_then(|it| it.to_str().ok());
    for pair in carried.into_iter().flat_map(|it| it.split('&')) {
        if let Some((name, value)) = pair.split_once('=') {
            let value = percent_decode_str(value).decode_utf8_lossy();
            element(&mut told, name, &value);
        }
    }
    for (name, value) in asked.members(code, store) {
        element(&mut told, name, &value);
    }
    if !body.contains("<RequestId>") {
        element(&mut told, "RequestId", request_id);
    }
    let is_marker = code == "MethodNotAllowed";
    let whole = match body.rfind("</Error>") {
        Some(end) => format!("{}{told}{}", &body[..end], &body[end..]),
        None => body.to_owned(),
    };
    let whole = Bytes::from(whole);
    response
        .headers_mut()
        .insert(http::header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    if is_marker {
        // What a delete marker can be asked for [OBS].
        let allow = HeaderValue::from_static("DELETE");
        response.headers_mut().insert(http::header::ALLOW, allow);
    }
    *response.body_mut() = whole;
    response
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    Some(rest.split_once(to)?.0)
}

fn element(told: &mut String, name: &str, value: &str) {
    let value = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = write!(told, "<{name}>{value}</{name}>");
}
