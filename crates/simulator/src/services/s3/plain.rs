//! Makes of a signed, chunked request in any addressing style the plain one that `s3s` serves without credentials.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use sha2::{Digest, Sha256};

use super::chunked::{Decoded, decode};
use super::naming::path_style;
use super::state::hex;
use crate::ApiError;

/// Any credentials are accepted, but a body that is not the signed one is refused as S3 does.
pub(super) fn plain(request: Request<Bytes>) -> Result<Request<Bytes>, ApiError> {
    let path = path_style(&request);
    let (mut parts, body) = request.into_parts();
    let query = unsigned(parts.uri.query().unwrap_or_default());
    let unreadable = |_| ApiError::client("InvalidURI", "Couldn't parse the specified URI.");
    parts.uri = format!("{path}{query}")
        .parse::<Uri>()
        .map_err(unreadable)?;
    let headers = &mut parts.headers;
    let claimed = headers.remove("x-amz-content-sha256");
    for signed in [AUTHORIZATION, HOST] {
        headers.remove(signed);
    }
    for signed in ["x-amz-date", "x-amz-security-token"] {
        headers.remove(signed);
    }
    for name in ETAGS {
        if let Some(value) = headers.get_mut(name) {
            quoted(value);
        }
    }
    let body = match claimed.as_ref().and_then(|claimed| claimed.to_str().ok()) {
        Some(claimed) if claimed.starts_with("STREAMING-") => unchunk(headers, &body)?,
        Some(claimed) if claimed != "UNSIGNED-PAYLOAD" => same_sha256(claimed, body)?,
        _ => body,
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Ok(Request::from_parts(parts, body))
}

/// What may be an ETag without its quotes.
const ETAGS: [&str; 4] = [
    "if-match",
    "if-none-match",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
];

/// S3 takes an ETag with both quotes, one or none (moto's `test_put_object_if_match`, `test_copy_source_if_none_match`, aws_verified [OBS]).
fn quoted(value: &mut HeaderValue) {
    let Ok(text) = value.to_str() else { return };
    if text == "*" || text.starts_with("W/") || text.contains(',') {
        return;
    }
    if let Ok(whole) = HeaderValue::try_from(format!("\"{}\"", text.trim_matches('"'))) {
        *value = whole;
    }
}

/// The query with its `?`, without the parts by which a presigned URL is signed.
fn unsigned(query: &str) -> String {
    const SIGNED: [&str; 10] = [
        "AWSAccessKeyId",
        "Expires",
        "Signature",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    let is_signed = |part: &str| SIGNED.contains(&part.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && !is_signed(part))
        .collect();
    match kept.is_empty() {
        true => String::new(),
        false => format!("?{}", kept.join("&")),
    }
}

/// Decodes the body and puts its trailers, which are checksums, where they would be without chunks.
fn unchunk(headers: &mut HeaderMap, encoded: &Bytes) -> Result<Bytes, ApiError> {
    let incomplete = |message: &str| ApiError::client("IncompleteBody", message);
    let Decoded { body, trailers } =
        decode(encoded).ok_or_else(|| incomplete("The request body is not aws-chunked."))?;
    let length = headers.remove("x-amz-decoded-content-length");
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length != body.len()) {
        return Err(incomplete(
            "The body is not as long as x-amz-decoded-content-length.",
        ));
    }
    headers.remove("x-amz-trailer");
    for (name, value) in trailers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            continue;
        };
        headers.insert(name, value);
    }
    let encoding = headers.remove(CONTENT_ENCODING);
    let others = encoding
        .as_ref()
        .and_then(|encoding| encoding.to_str().ok())
        .map(without_chunked);
    if let Some(Ok(others)) = others
        .filter(|others| !others.is_empty())
        .map(HeaderValue::try_from)
    {
        headers.insert(CONTENT_ENCODING, others);
    }
    Ok(body)
}

/// S3 stores the encoding without `aws-chunked`.
fn without_chunked(encoding: &str) -> String {
    let others: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|part| *part != "aws-chunked")
        .collect();
    others.join(",")
}

fn same_sha256(claimed: &str, body: Bytes) -> Result<Bytes, ApiError> {
    if hex(&Sha256::digest(&body)) == claimed {
        return Ok(body);
    }
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    Err(ApiError::client("XAmzContentSHA256Mismatch", message))
}
