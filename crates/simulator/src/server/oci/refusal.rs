//! Refusals in the form of the protocol: `{"errors": [{"code", "message"}]}`. The words are ECR's.

use std::io;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::ApiError;
use crate::server::request::Unanswered;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            headers: Vec::new(),
        }
    }

    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn missing(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", message)
    }

    pub(super) fn reply(self) -> Response<Bytes> {
        let error = json!({ "code": self.code, "message": self.message });
        let body = json!({ "errors": [error] }).to_string();
        let mut reply = Response::new(Bytes::from(body));
        *reply.status_mut() = self.status;
        let headers = reply.headers_mut();
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, kind);
        headers.extend(self.headers);
        reply
    }
}

/// What the API's errors are in the protocol. docker prints `name unknown` and `tag invalid` before ECR's words ([OBS],
/// plexsystems/sinker 55, aws/containers-roadmap 862); a wrong parameter is UNSUPPORTED ([OBS], google/go-containerregistry 681);
/// statuses as in distribution/distribution [CODE].
impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let message = error.message;
        match error.code {
            "RepositoryNotFoundException" => Self::missing("NAME_UNKNOWN", message),
            "ImageNotFoundException" => Self::missing("MANIFEST_UNKNOWN", message),
            "LayersNotFoundException" | "ReferencedImagesNotFoundException" => {
                Self::bad("MANIFEST_BLOB_UNKNOWN", message)
            }
            "ImageTagAlreadyExistsException" => Self::bad("TAG_INVALID", message),
            "ImageDigestDoesNotMatchException" => Self::bad("DIGEST_INVALID", message),
            "ManifestInvalid" => Self::bad("MANIFEST_INVALID", message),
            "InvalidParameterException" => Self::unsupported(message),
            "ThrottlingException" => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS", message)
            }
            "AccessDeniedException" | "ExpiredTokenException" => {
                Self::new(StatusCode::FORBIDDEN, "DENIED", message)
            }
            _ => Self::internal(format!("{}: {message}", error.code)),
        }
    }
}

/// The disk is full, for example. Nothing of it is visible then.
impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::internal(format!(
            "the registry cannot keep or read this layer: {error}"
        ))
    }
}

/// A body that did not come whole, a panic.
impl From<Unanswered> for Refusal {
    fn from(unanswered: Unanswered) -> Self {
        Self::new(unanswered.status, "UNKNOWN", unanswered.text)
    }
}
