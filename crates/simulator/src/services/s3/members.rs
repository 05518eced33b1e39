//! What S3's errors tell besides their code and their words: the bucket, the key, the condition that did not hold.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::S3Error;

use super::expiry;
use super::naming::{path_style, place};
use super::presigned;
use super::state::S3;
use crate::Millis;
use crate::wire::iso8601;

/// Carries members from where an error is made to where it is written; it never leaves this room.
const CARRIED: HeaderName = HeaderName::from_static("x-backstay-error-members");

/// The request that is answered.
pub(crate) struct Asked(Request<Bytes>, Millis);

impl Asked {
    /// What of a request its errors and notices may tell.
    pub(crate) fn of(request: &Request<Bytes>, now_ms: Millis) -> Self {
        let mut asked = Request::new(request.body().clone());
        *asked.method_mut() = request.method().clone();
        *asked.uri_mut() = request.uri().clone();
        *asked.headers_mut() = request.headers().clone();
        Self(asked, now_ms)
    }

    /// The request itself.
    pub(crate) fn request(&self) -> &Request<Bytes> {
        &self.0
    }

    pub(super) fn bucket_and_key(&self) -> (String, String) {
        let path = path_style(&self.0);
        let (bucket, key) = place(&path);
        let key = percent_decode_str(key).decode_utf8_lossy();
        (bucket.to_owned(), key.into_owned())
    }

    pub(super) fn parameter(&self, name: &str) -> String {
        let query = self.0.uri().query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(found, _)| found == name);
        found.map_or_else(String::new, |(_, value)| value.into_owned())
    }

    pub(super) fn header(&self, name: &str) -> String {
        let value = self.0.headers().get(name);
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
            .find(|name| self.0.headers().contains_key(name.to_ascii_lowercase()))
    }

    /// The members that errors of this code have: bucket, key, condition and upload as LocalStack and moto recorded them on AWS [OBS],
    /// the others [MEM].
    fn members(&self, code: &str, store: &S3) -> Vec<(&'static str, String)> {
        let (bucket, key) = self.bucket_and_key();
        let condition = self.condition().map(|it| ("Condition", it.to_owned()));
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
            | "ReplicationConfigurationNotFoundError"
            | "ServerSideEncryptionConfigurationNotFoundError" => vec![("BucketName", bucket)],
            "NoSuchKey" => vec![("Key", key)],
            "NoSuchVersion" => vec![("Key", key), ("VersionId", self.parameter("versionId"))],
            "NoSuchUpload" | "InvalidPartOrder" => vec![("UploadId", self.parameter("uploadId"))],
            "PreconditionFailed" => condition.into_iter().collect(),
            "ConditionalRequestConflict" => condition.into_iter().chain([("Key", key)]).collect(),
            "AccessForbidden" => {
                let asked = self.header("access-control-request-method");
                let kind = if key.is_empty() { "BUCKET" } else { "OBJECT" };
                vec![("Method", asked), ("ResourceType", kind.to_owned())]
            }
            presigned::EXPIRED => {
                let mut told = presigned::members(&self.0);
                told.push(("ServerTime", iso8601(self.1)));
                told
            }
            "InvalidRange" => {
                let size = store.object(&bucket, &key);
                let size = size.map_or(0, |object| object.body.len());
                vec![
                    ("ActualObjectSize", size.to_string()),
                    ("RangeRequested", self.header("range")),
                ]
            }
            "InvalidDigest" => vec![("Content-MD5", self.header("content-md5"))],
            "InvalidStorageClass" => {
                vec![("StorageClassRequested", self.header("x-amz-storage-class"))]
            }
            "InvalidBucketName" => vec![("BucketName", bucket)],
            "MethodNotAllowed" => vec![
                ("Method", self.0.method().to_string()),
                ("ResourceType", "DeleteMarker".to_owned()),
            ],
            _ => Vec::new(),
        }
    }
}

/// What errors say that a library of others makes without words (LocalStack's `test_s3_uppercase_bucket_name`,
/// `test_put_object_legal_hold_exc`, recorded on AWS [OBS]).
const WORDS: [(&str, &str); 2] = [
    ("InvalidBucketName", "The specified bucket is not valid."),
    (
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    ),
];

/// Which argument a refusal is about, by its words, and where its value stands (LocalStack's recordings of 2024, each on AWS [OBS]).
const ARGUMENTS: [(&str, &str, Place); 7] = [
    ("Invalid version id specified", "versionId", Place::Query),
    (
        "A version-id marker cannot be",
        "version-id-marker",
        Place::Query,
    ),
    ("Invalid uploadId marker", "upload-id-marker", Place::Query),
    (
        "The continuation token provided",
        "continuation-token",
        Place::Untold,
    ),
    (
        "x-amz-bypass-governance-retention is only",
        "x-amz-bypass-governance-retention",
        Place::Untold,
    ),
    (
        "The header 'x-amz-tagging' shall",
        "x-amz-tagging",
        Place::Header,
    ),
    (
        "The x-amz-copy-source-range value must",
        "x-amz-copy-source-range",
        Place::Header,
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Query,
    Header,
    /// Only the name is told.
    Untold,
}

/// What an InvalidArgument tells.
fn argument(asked: &Asked, body: &str) -> Vec<(&'static str, String)> {
    let Some((_, name, place)) = ARGUMENTS.iter().find(|(words, _, _)| {
        let words = format!("<Message>{}", words.replace('\'', "&apos;"));
        body.contains(&words) || body.contains(&words.replace("&apos;", "'"))
    }) else {
        return Vec::new();
    };
    let mut told = vec![("ArgumentName", (*name).to_owned())];
    match place {
        Place::Query => told.push(("ArgumentValue", asked.parameter(name))),
        Place::Header => told.push(("ArgumentValue", asked.header(name))),
        Place::Untold => {}
    }
    told
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

/// The error with its members and the number of its request; any other reply with what is known of its object.
pub(crate) fn tell_more(
    mut response: Response<Bytes>,
    asked: &Asked,
    store: &S3,
    request_id: &str,
) -> Response<Bytes> {
    if response.status().is_success() {
        expiry::tell(store, asked, response.headers_mut());
        return response;
    }
    let carried = response.headers_mut().remove(CARRIED);
    let body = std::str::from_utf8(response.body()).unwrap_or_default();
    let Some(end) = body.rfind("</Error>") else {
        return response;
    };
    let Some(code) = between(body, "<Code>", "</Code>") else {
        return response;
    };
    let mut told = String::new();
    let carried = carried.as_ref().and_then(|it| it.to_str().ok());
    for pair in carried.into_iter().flat_map(|it| it.split('&')) {
        if let Some((name, value)) = pair.split_once('=') {
            let value = percent_decode_str(value).decode_utf8_lossy();
            element(&mut told, name, &value);
        }
    }
    let code = match body.contains(presigned::EXPIRED) {
        true => presigned::EXPIRED,
        false => code,
    };
    let arguments = match code {
        "InvalidArgument" => argument(asked, body),
        _ => Vec::new(),
    };
    for (name, value) in asked.members(code, store).into_iter().chain(arguments) {
        // What the place knows better.
        if told.contains(&format!("<{name}>")) {
            continue;
        }
        element(&mut told, name, &value);
    }
    let words = WORDS.iter().find(|(known, _)| *known == code);
    if let Some((_, words)) = words.filter(|_| !body.contains("<Message>")) {
        element(&mut told, "Message", words);
    }
    if !body.contains("<RequestId>") {
        element(&mut told, "RequestId", request_id);
    }
    element(&mut told, "HostId", &host_id(request_id));
    let is_marker = code == "MethodNotAllowed";
    let whole = Bytes::from(format!("{}{told}{}", &body[..end], &body[end..]));
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

/// Which of S3's machines has answered, as it writes it: 76 characters that mean nothing to others.
pub(crate) fn host_id(request_id: &str) -> String {
    use base64::Engine;
    let mut bytes = request_id.as_bytes().to_vec();
    bytes.resize(56, 0);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    Some(rest.split_once(to)?.0)
}

pub(super) fn element(told: &mut String, name: &str, value: &str) {
    let value = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = write!(told, "<{name}>{value}</{name}>");
}
