//! The failures of a registry, each by its name: what it said, to whom, and when it may be asked again.

use backstay_domain::ports::{Effect, FailureKind, PortFailure};
use serde_json::Value;

use crate::web::{Response, TransportError};

/// What of a registry's own words is shown.
const MOST_WORDS: usize = 200;

/// Why a registry did not answer as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// Nobody here reaches it; that is not to say that nobody does.
    Unreached(PortFailure),
    /// It said so, or broke off.
    Said(PortFailure),
}

impl Unheard {
    /// As everybody else knows it.
    pub(crate) fn into_failure(self) -> PortFailure {
        match self {
            Self::Unreached(failure) | Self::Said(failure) => failure,
        }
    }
}

impl From<PortFailure> for Unheard {
    fn from(failure: PortFailure) -> Self {
        Self::Said(failure)
    }
}

/// What was asked of which host, and about what: it is in every failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'q> {
    /// What was done, in the protocol's words.
    pub(super) call: &'static str,
    /// Who was asked.
    pub(super) host: &'q str,
    /// About what.
    pub(super) about: &'q str,
}

impl Question<'_> {
    pub(super) fn failed(self, kind: FailureKind, why: &str) -> PortFailure {
        let Self { call, host, about } = self;
        PortFailure {
            kind,
            effect: Effect::None,
            operation: format!("registry.{call} {host}"),
            message: format!("{about}: {why}"),
        }
    }

    /// Nobody answered, or broke off.
    pub(super) fn unanswered(self, error: &TransportError) -> Unheard {
        let failed = |kind| self.failed(kind, &error.to_string());
        match error {
            TransportError::NoConnection(_) | TransportError::TimedOut(_) => {
                Unheard::Unreached(failed(FailureKind::Unavailable))
            }
            TransportError::Broken(_) => Unheard::Said(failed(FailureKind::Unavailable)),
            TransportError::Address(_) | TransportError::TooLarge(_) => {
                Unheard::Said(failed(FailureKind::Rejected))
            }
        }
    }

    /// An answer that is neither what was asked for nor that it is not there. `asked_as` says who asked, as far as that is shown.
    pub(super) fn refused(self, reply: &Response, asked_as: &str) -> PortFailure {
        let mut said = words(reply);
        if !asked_as.is_empty() && matches!(reply.status, 401 | 403 | 429) {
            said = format!("{said} ({asked_as})");
        }
        match reply.status {
            401 | 403 => self.failed(FailureKind::Denied, &said),
            429 => {
                let again = match retry_after(reply) {
                    Some(After::Seconds(seconds)) => {
                        format!("; it may be asked again in {seconds} s")
                    }
                    Some(After::Moment(moment)) => format!("; it may be asked again at {moment}"),
                    None => String::new(),
                };
                self.failed(FailureKind::Throttled, &format!("{said}{again}"))
            }
            500.. => self.failed(FailureKind::Unavailable, &said),
            _ => self.failed(FailureKind::Rejected, &said),
        }
    }
}

/// When a registry may be asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum After {
    Seconds(u64),
    /// As it says it.
    Moment(String),
}

/// `Retry-After`.
pub(super) fn retry_after(reply: &Response) -> Option<After> {
    let text = reply.header("retry-after")?.trim();
    if text.is_empty() {
        return None;
    }
    Some(match text.parse() {
        Ok(seconds) => After::Seconds(seconds),
        Err(_) => After::Moment(text.chars().take(MOST_WORDS).collect()),
    })
}

/// The code of a registry's first error.
pub(super) fn code(reply: &Response) -> Option<String> {
    let said: Value = serde_json::from_slice(&reply.body).ok()?;
    said.pointer("/errors/0/code")?.as_str().map(str::to_owned)
}

/// What a registry said: its first error, or its status. What is no JSON is a page for people, and is not shown.
fn words(reply: &Response) -> String {
    let status = format!("HTTP {}", reply.status);
    let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |pointer: &str| {
        let text = said.pointer(pointer)?.as_str()?.trim();
        let shown: String = text.chars().filter(|letter| !letter.is_control()).collect();
        (!shown.is_empty()).then(|| shown.chars().take(MOST_WORDS).collect::<String>())
    };
    let code = text("/errors/0/code").or_else(|| text("/error"));
    let others = [
        "/errors/0/message",
        "/error_description",
        "/details",
        "/message",
    ];
    let message = others.iter().find_map(|pointer| text(pointer));
    [Some(status), code, message]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn reply(status: u16, header: Option<&str>, body: &str) -> Response {
        let header = header.map(|value| ("retry-after".to_owned(), value.to_owned()));
        Response {
            status,
            headers: header.into_iter().collect(),
            body: body.to_owned().into(),
        }
    }

    const HUB: &str = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}"#;

    #[rstest]
    #[case(
        401,
        None,
        r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
        FailureKind::Denied,
        "HTTP 401: UNAUTHORIZED: authentication required (without a login)"
    )]
    #[case(
        403,
        None,
        r#"{"errors":[{"code":"DENIED"}]}"#,
        FailureKind::Denied,
        "HTTP 403: DENIED (without a login)"
    )]
    #[case(
        403,
        None,
        "<html>go away</html>",
        FailureKind::Denied,
        "HTTP 403 (without a login)"
    )]
    #[case(
        429,
        Some("37"),
        HUB,
        FailureKind::Throttled,
        "HTTP 429: TOOMANYREQUESTS: You have reached your pull rate limit. (without a login); it may be asked again in 37 s"
    )]
    #[case(
        429,
        Some("Sat, 28 Nov 2026 05:00:00 GMT"),
        "",
        FailureKind::Throttled,
        "HTTP 429 (without a login); it may be asked again at Sat, 28 Nov 2026 05:00:00 GMT"
    )]
    #[case(429, None, "", FailureKind::Throttled, "HTTP 429 (without a login)")]
    #[case(502, None, "", FailureKind::Unavailable, "HTTP 502")]
    #[case(
        400,
        None,
        r#"{"details":"incorrect\nscope"}"#,
        FailureKind::Rejected,
        "HTTP 400: incorrectscope"
    )]
    fn what_it_said(
        #[case] status: u16,
        #[case] header: Option<&str>,
        #[case] body: &str,
        #[case] kind: FailureKind,
        #[case] words: &str,
    ) {
        let question = Question {
            call: "GetManifest",
            host: "ghcr.io",
            about: "ghcr.io/acme/api:v1",
        };
        let failure = question.refused(&reply(status, header, body), "without a login");
        assert_eq!(failure.kind, kind);
        assert_eq!(failure.operation, "registry.GetManifest ghcr.io");
        assert_eq!(failure.message, format!("ghcr.io/acme/api:v1: {words}"));
    }
}
