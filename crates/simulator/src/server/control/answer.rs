//! Bodies of the control API: JSON in, JSON out, refusals with what is wrong.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Why a request to the control API is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: String,
    /// What could have been asked for instead.
    pub(super) exists: &'static [&'static str],
}

impl Refusal {
    /// The client's mistake: 400.
    pub(super) fn wrong(error: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: error.to_string(),
            exists: &[],
        }
    }
}

pub(super) fn given(value: &Value) -> Response<Bytes> {
    text(StatusCode::OK, value.to_string())
}

pub(super) fn refused(refusal: &Refusal) -> Response<Bytes> {
    let mut body = json!({ "error": refusal.error });
    if !refusal.exists.is_empty() {
        body["exists"] = json!(refusal.exists);
    }
    text(refusal.status, body.to_string())
}

/// A JSON text.
pub(super) fn text(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The request's body.
pub(super) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(Refusal::wrong)
}
