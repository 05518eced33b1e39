//! The headers of CloudFront's answers and requests: ETag, If-Match, Location, and the members of a query.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode};

use crate::ApiError;
use crate::wire::Xml;

/// Of its XML documents ([MODEL]).
const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

/// An XML document.
pub(super) fn document(status: u16, root: &str, body: &Xml) -> Response<Bytes> {
    let mut response = empty(status);
    *response.body_mut() = body.document(root, NAMESPACE).into();
    let kind = HeaderValue::from_static("text/xml");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// With the version it shows.
pub(super) fn tagged(response: Response<Bytes>, etag: &str) -> Response<Bytes> {
    with(response, ETAG, etag)
}

/// With where to look for what was made.
pub(super) fn located(response: Response<Bytes>, path: &str) -> Response<Bytes> {
    let location = format!("https://cloudfront.amazonaws.com/2020-05-31/{path}");
    with(response, LOCATION, &location)
}

fn with(mut response: Response<Bytes>, name: HeaderName, value: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

pub(super) fn empty(status: u16) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::NO_CONTENT);
    response
}

/// A change needs the version it changes: 400 without one, 412 when it is no longer the last ([MODEL]).
pub(super) fn if_match(request: &Request<Bytes>, current: &str) -> Result<(), ApiError> {
    let given = request.headers().get(IF_MATCH);
    let given = given
        .and_then(|given| given.to_str().ok())
        .unwrap_or_default();
    let given = given.trim_matches('"');
    if given == current {
        return Ok(());
    }
    if given.len() == current.len() && given.starts_with('E') {
        let message = "The request failed because it didn't meet the preconditions in one or more request-header fields.";
        return Err(ApiError {
            code: "PreconditionFailed",
            message: message.to_owned(),
            status: 412,
        });
    }
    let message = "The If-Match version is missing or not valid for the resource.";
    Err(ApiError::client("InvalidIfMatchVersion", message))
}

/// A member of the query.
pub(super) fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut members = url::form_urlencoded::parse(query.as_bytes());
    members
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
