//! HTTP checks over a small transport, so that a simulated data plane answers them as well as the real one.
#![expect(
    async_fn_in_trait,
    reason = "used generically by one task, like the domain's ports"
)]

use std::time::Duration;

use backstay_domain::Version;
use backstay_domain::app::Check;
use backstay_domain::definition::{sha256_hex, substitute};
use backstay_domain::observation::CheckResult;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use bytes::Bytes;
use serde_json::Value;

use crate::outside::Secret;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Names and values, which may be secret.
    pub headers: Vec<(String, Secret)>,
    /// How long it may take, body included.
    pub timeout: Duration,
    /// Most bytes of body that are read.
    pub limit_bytes: usize,
}

/// How something is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// All of it.
    Get,
    /// What is said of it.
    Head,
    /// In exchange for these parameters, sent as a form.
    Form(Vec<(String, Secret)>),
}

impl Request {
    /// A GET without headers.
    #[must_use]
    pub fn get(url: impl Into<String>, timeout: Duration, limit_bytes: usize) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            timeout,
            limit_bytes,
        }
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The address is not one.
    #[error("`{0}` is not an address that can be asked")]
    Address(String),
    /// Nobody answers there.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The answer broke off.
    #[error("the answer broke off: {0}")]
    Broken(String),
    /// The body is larger than it may be.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// An answer whose body came by and was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digested {
    /// Status code.
    pub status: u16,
    /// The media type, as the answer says it.
    pub content_type: Option<String>,
    /// SHA-256 of the body, hexadecimal.
    pub sha256: String,
}

/// Sends requests. MUST NOT follow redirects, MUST keep to the request's timeout and limit.
pub trait Transport {
    /// Sends one request once.
    async fn send(&self, request: &Request) -> Result<Response, TransportError>;

    /// Sends one request once, and hashes the body as it comes: over a network, implementations MUST NOT hold it.
    async fn digest(&self, request: &Request) -> Result<Digested, TransportError> {
        let response = self.send(request).await?;
        Ok(Digested {
            status: response.status,
            content_type: response.header("content-type").map(str::to_owned),
            sha256: sha256_hex(&response.body),
        })
    }
}

/// Most bytes of a check's answer that are read.
const CHECK_LIMIT_BYTES: usize = 1 << 20;

/// Sends a check once. No answer is a failed attempt: that is what a check is there to find.
pub(crate) async fn check<T: Transport>(
    transport: &T,
    check: &Check,
    version: &Version,
) -> Result<CheckResult, PortFailure> {
    let request = Request::get(check.url.as_str(), check.timeout, CHECK_LIMIT_BYTES);
    match transport.send(&request).await {
        Ok(response) => Ok(judge(check, version, &response)),
        Err(error @ TransportError::Address(_)) => Err(PortFailure {
            kind: FailureKind::Rejected,
            effect: Effect::None,
            operation: format!("http.GET {}", check.name),
            message: error.to_string(),
        }),
        Err(error @ TransportError::TooLarge(_)) => Ok(CheckResult::Failed(error.to_string())),
        Err(
            error @ (TransportError::NoConnection(_)
            | TransportError::TimedOut(_)
            | TransportError::Broken(_)),
        ) => Ok(CheckResult::Unreached(error.to_string())),
    }
}

fn judge(check: &Check, version: &Version, response: &Response) -> CheckResult {
    if response.status != check.status {
        return CheckResult::Failed(format!(
            "status {} instead of {}",
            response.status, check.status
        ));
    }
    let Some((pointer, expected)) = &check.json else {
        return CheckResult::Passed(format!("status {}", response.status));
    };
    let expected = substitute(expected, &|name| {
        (name == "version").then(|| version.to_string())
    });
    let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
        return CheckResult::Failed(format!(
            "status {}, but the body is not JSON",
            response.status
        ));
    };
    let found = match body.pointer(pointer) {
        None => return CheckResult::Failed(format!("the body has no {pointer}")),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if found == expected {
        CheckResult::Passed(format!("status {}, {pointer} is {found}", response.status))
    } else {
        let found: String = found.chars().take(100).collect();
        CheckResult::Failed(format!("{pointer} is {found} instead of {expected}"))
    }
}
