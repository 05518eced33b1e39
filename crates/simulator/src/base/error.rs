//! An AWS error as the wire layer needs it: code, message, HTTP status.

/// An error of an AWS API call; the wire layer gives it the protocol's shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The exception's name on the wire, for example `ServiceNotFoundException`.
    pub code: &'static str,
    /// The text AWS gives.
    pub message: String,
    /// HTTP status: 400 for a client's mistake, 500 for the server's.
    pub status: u16,
}

impl ApiError {
    /// A client error (HTTP 400).
    pub fn client(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: 400,
        }
    }
}

/// The code of what [`unread`] makes; the front door puts it into AWS's words or ours, and no client sees it.
pub(crate) const UNREAD: &str = "Unread";

/// The code of a member or a value that AWS knows and we do not; told as `NotImplemented`.
pub(crate) const UNSERVED_MEMBER: &str = "NotImplementedMember";

/// An input that a service's types do not take: what they miss is in Rust's words, for the front door to translate.
pub(crate) fn unread(error: &serde_json::Error) -> ApiError {
    ApiError::client(UNREAD, error.to_string())
}

/// A member that AWS knows and we do not.
pub(crate) fn unserved_member(name: &str) -> ApiError {
    ApiError {
        code: UNSERVED_MEMBER,
        ..not_implemented(&format!("member {name}"))
    }
}

/// Loud, with the name of what is missing; 501 is not retried by AWS's SDKs.
pub(crate) fn not_implemented(what: &str) -> ApiError {
    ApiError {
        code: "NotImplemented",
        message: format!("the simulator does not implement {what}"),
        status: 501,
    }
}
