//! Hands a request to `s3s` with our store behind it, and waits for nothing: all is in memory, so its futures are always ready.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use s3s::Body;
use s3s::service::S3ServiceBuilder;

use super::door::{At, Door};
use super::naming::{self, is_unserved};
use super::plain::plain;
use super::post_form;
use super::region::elsewhere;
use super::settings_call;
use super::state::S3;
use super::storage_class;
use super::{complete, cors};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::Scope;

/// Headers of an object whose key the customer keeps.
const CUSTOMER_KEY: &str = "server-side-encryption-customer-";

/// Serves one S3 request. The store is lent to `s3s`, which wants to own it, for the length of the call.
pub(crate) fn serve(
    here: &mut Here<'_, S3>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    if request.method() == Method::OPTIONS {
        return cors::preflight(here.own, &request);
    }
    if post_form::is_upload(&request) {
        let (put, afterwards) = post_form::as_put(&request, here.now_ms)?;
        return serve(here, put).map(|stored| afterwards.of(stored));
    }
    if let Some(redirect) = elsewhere(here, &request) {
        return Ok(redirect);
    }
    let endpoint = endpoint(&request).unwrap_or_else(|| here.region.to_owned());
    let request = plain(request)?;
    is_expected_owner(here, &request)?;
    let names = request.headers().keys();
    if names
        .map(http::HeaderName::as_str)
        .any(|it| it.contains(CUSTOMER_KEY))
    {
        return Err(not_implemented(
            "s3 objects with keys of the customer (SSE-C)",
        ));
    }
    if is_unserved(&request) {
        let query = request.uri().query().unwrap_or_default();
        return Err(not_implemented(&format!(
            "s3 {} ?{query}",
            request.method()
        )));
    }
    complete::has_parts(here.own, &request)?;
    storage_class::fits(&request)?;
    if let Some(answered) = settings_call::serve(here, &request) {
        return answered;
    }
    let store = Arc::new(Mutex::new(std::mem::take(here.own)));
    let door = Door {
        store: Arc::clone(&store),
        at: At {
            now_ms: here.now_ms,
            account: here.account.to_owned(),
            region: here.region.to_owned(),
            endpoint,
        },
    };
    let is_attributes = naming::has(request.uri().query().unwrap_or_default(), "attributes");
    // The store comes back whatever happens inside a crate that is not ours.
    let answered = catch_unwind(AssertUnwindSafe(|| at_once(answer(door, request))));
    *here.own = std::mem::take(&mut *store.lock().unwrap_or_else(PoisonError::into_inner));
    let answered = answered
        .map_err(|_| internal("s3s panicked"))?
        .ok_or_else(|| internal("the answer had to wait"))?;
    match is_attributes {
        true => answered.map(without_quotes),
        false => answered,
    }
}

/// Whose bucket the caller expects to find (LocalStack's `test_get_bucket_policy_invalid_account_id`,
/// `test_put_bucket_policy_expected_bucket_owner`, recorded on AWS [OBS]).
fn is_expected_owner(here: &Here<'_, S3>, request: &Request<Bytes>) -> Result<(), ApiError> {
    let (bucket, _) = naming::place(request.uri().path());
    for header in [
        "x-amz-expected-bucket-owner",
        "x-amz-source-expected-bucket-owner",
    ] {
        let expected = request.headers().get(header);
        let Some(expected) = expected.and_then(|it| it.to_str().ok()) else {
            continue;
        };
        if expected.len() != 12 || !expected.bytes().all(|it| it.is_ascii_digit()) {
            return Err(ApiError::client(
                "InvalidBucketOwnerAWSAccountID",
                format!(
                    "The value of the expected bucket owner parameter must be an AWS Account ID... [{expected}]"
                ),
            ));
        }
        if expected != here.account && here.own.made.contains_key(bucket) {
            return Err(ApiError {
                code: "AccessDenied",
                message: "Access Denied".to_owned(),
                status: 403,
            });
        }
    }
    Ok(())
}

/// GetObjectAttributes alone tells an ETag without quotes (LocalStack's tests, recorded on AWS [OBS]; API reference, example [DOC]).
fn without_quotes(response: Response<Bytes>) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let text = String::from_utf8_lossy(&body);
    let text = match text.split_once("<ETag>").and_then(|(before, rest)| {
        let (etag, after) = rest.split_once("</ETag>")?;
        let etag = etag.replace("&quot;", "").replace('"', "");
        Some(format!("{before}<ETag>{etag}</ETag>{after}"))
    }) {
        Some(text) => Bytes::from(text),
        None => body,
    };
    if parts.headers.contains_key(CONTENT_LENGTH) {
        parts
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    }
    Response::from_parts(parts, text)
}

/// Signatures of the first version name no Region.
fn endpoint(request: &Request<Bytes>) -> Option<String> {
    let scope = Scope::of(request)?;
    let region = scope.region().filter(|region| *region != "-")?;
    Some(region.to_owned())
}

async fn answer(door: Door, request: Request<Bytes>) -> Result<Response<Bytes>, ApiError> {
    let is_head = request.method() == Method::HEAD;
    let request = without_wrong_range(request);
    let service = S3ServiceBuilder::new(door).build();
    let broken = |_| internal("s3s gave no answer");
    let response = service
        .call(request.map(Body::from))
        .await
        .map_err(broken)?;
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|error| internal(&error.to_string()))?
        .to_bytes();
    let mut parts = parts;
    if is_head && parts.headers.contains_key(CONTENT_RANGE) && parts.status == StatusCode::OK {
        // A part of it is a part of it without its bytes, too (moto's aws_verified [OBS]).
        parts.status = StatusCode::PARTIAL_CONTENT;
    }
    if is_head && parts.headers.contains_key("x-amz-bucket-region") {
        // HeadBucket tells the type of what it has not (moto's `test_header_content_type`, aws_verified [OBS]).
        let xml = HeaderValue::from_static("application/xml");
        parts.headers.insert(CONTENT_TYPE, xml);
    }
    // The answer to HEAD has no body, an error's neither.
    Ok(Response::from_parts(
        parts,
        if is_head { Bytes::new() } else { body },
    ))
}

/// A range that says nothing is ignored: `bytes=1-0`, or what is no range at all (RFC 9110 [DOC]; LocalStack's tests, recorded on AWS
/// [OBS]).
fn without_wrong_range(mut request: Request<Bytes>) -> Request<Bytes> {
    let says_something = |value: &HeaderValue| {
        let text = value.to_str().ok()?;
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| text.parse::<u64>().ok();
        Some(match (first, last) {
            ("", last) => number(last).is_some(),
            (first, "") => number(first).is_some(),
            (first, last) => number(first)? <= number(last)?,
        })
    };
    let range = request.headers().get(RANGE);
    if range.is_some_and(|value| says_something(value) != Some(true)) {
        request.headers_mut().remove(RANGE);
    }
    request
}

fn internal(message: &str) -> ApiError {
    ApiError {
        code: "InternalError",
        message: message.to_owned(),
        status: 500,
    }
}

/// Runs a future that waits for nothing; `None` if it waits after all.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
