//! The one table from AWS errors to failures: by error code and by how far the request came, never by message text, but for
//! what [`PASSING`] names.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::ports::{Effect, FailureKind, PortFailure};

use super::asking::{NoAnswer, Silence};
use super::credentials::NoCredentials;

/// What a failed call may have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Nothing: it only reads.
    Read,
    /// A change that was sent at most once.
    Once,
    /// A change that is the same when repeated, and that the SDK may have repeated.
    Repeated,
}

/// Codes by kind. A code that is not listed goes by its shape (`*NotFound*`), then by the HTTP status.
const CODES: [(FailureKind, &[&str]); 5] = [
    (
        FailureKind::Throttled,
        &[
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyInvalidationsInProgress",
            "TooManyRequestsException",
        ],
    ),
    (
        FailureKind::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AllAccessDisabled",
            "BlockedException",
            "NotAuthorized",
            "OptInRequired",
            "SubscriptionRequiredException",
            "UnauthorizedOperation",
        ],
    ),
    // Also a machine whose clock is wrong: its signatures are nobody's.
    (
        FailureKind::Unauthenticated,
        &[
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "InvalidToken",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "RequestExpired",
            "RequestInTheFuture",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ],
    ),
    (
        FailureKind::Conflict,
        &[
            "ConditionalRequestConflict",
            "ConflictException",
            "DeploymentAlreadyCompletedException",
            "DeploymentIsNotInReadyStateException",
            "DeploymentLimitExceededException",
            "OperationAborted",
            "PreconditionFailed",
            "ResourceInUseException",
            "ServiceNotActiveException",
            "UpdateInProgressException",
        ],
    ),
    (
        FailureKind::Unavailable,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServerException",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServerException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
        ],
    ),
];

/// Refusals that pass although their code says that they stay. The one place where a message is read: ECS gives no code of
/// their own to them, and who does not know them takes a whole release back for a role that was made a second ago.
const PASSING: [(&[&str], &str, FailureKind); 2] = [
    (
        &["ecs.RegisterTaskDefinition"],
        "Too many concurrent attempts to create a new revision",
        FailureKind::Throttled,
    ),
    (
        &[
            "ecs.RegisterTaskDefinition",
            "ecs.RunTask",
            "ecs.UpdateService",
        ],
        "ECS was unable to assume the role",
        FailureKind::Unavailable,
    ),
];

/// Translates the failure of one AWS call.
pub(crate) fn failure<E>(
    operation: &'static str,
    call: Call,
    error: &SdkError<E, HttpResponse>,
) -> PortFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (kind, reached, message) = match error {
        SdkError::ConstructionFailure(_) => (
            FailureKind::Rejected,
            Reached::No,
            "the request cannot be built".to_owned(),
        ),
        SdkError::TimeoutError(_) => (
            FailureKind::Unavailable,
            Reached::Perhaps,
            "no answer in time".to_owned(),
        ),
        SdkError::DispatchFailure(failure) => dispatch(failure),
        // It said that it was done, and one of its headers cannot be read.
        SdkError::ServiceError(answer)
            if answer.err().code().is_none() && answer.raw().status().is_success() =>
        {
            unreadable()
        }
        SdkError::ServiceError(answer) => {
            let (code, text) = (answer.err().code(), answer.err().message());
            let kind = kind_of(code, answer.raw().status().as_u16());
            let passing = passing(operation, code, text);
            let reached = match (kind, passing) {
                (FailureKind::Unavailable, None) => Reached::Perhaps,
                (_, Some(_) | None) => Reached::Refused,
            };
            let kind = passing.unwrap_or(kind);
            let code = code.map_or_else(
                || format!("HTTP {}", answer.raw().status().as_u16()),
                str::to_owned,
            );
            (
                kind,
                reached,
                text.map_or_else(|| code.clone(), |text| format!("{code}: {text}")),
            )
        }
        // An answer that cannot be read, and whatever the SDK adds.
        _ => unreadable(),
    };
    PortFailure {
        kind,
        effect: effect(call, kind, reached),
        operation: operation.to_owned(),
        message,
    }
}

/// Nobody knows what became of it.
fn unreadable() -> (FailureKind, Reached, String) {
    (
        FailureKind::Unavailable,
        Reached::Perhaps,
        "the answer cannot be read".to_owned(),
    )
}

/// How far a failed request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// It was not sent.
    No,
    /// It may have arrived.
    Perhaps,
    /// It arrived and was refused.
    Refused,
}

fn effect(call: Call, kind: FailureKind, reached: Reached) -> Effect {
    match (call, reached) {
        (Call::Read, _) | (Call::Once, Reached::No | Reached::Refused) => Effect::None,
        (Call::Once, Reached::Perhaps) => Effect::Unknown,
        // The last attempt was not the only one: an earlier one may have arrived.
        (Call::Repeated, _) => match kind {
            FailureKind::Throttled | FailureKind::Unavailable => Effect::Unknown,
            FailureKind::Denied
            | FailureKind::Unauthenticated
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Rejected => Effect::None,
        },
    }
}

fn passing(operation: &str, code: Option<&str>, message: Option<&str>) -> Option<FailureKind> {
    let message = message.filter(|_| code == Some("ClientException"))?;
    PASSING
        .iter()
        .find(|(operations, words, _)| {
            operations.contains(&operation) && message.starts_with(words)
        })
        .map(|(_, _, kind)| *kind)
}

fn kind_of(code: Option<&str>, status: u16) -> FailureKind {
    let code = code.unwrap_or_default();
    let listed = CODES
        .iter()
        .find(|(_, codes)| codes.contains(&code))
        .map(|(kind, _)| *kind);
    if let Some(kind) = listed {
        return kind;
    }
    if code.contains("NotFound") || code.contains("DoesNotExist") || code.starts_with("NoSuch") {
        return FailureKind::NotFound;
    }
    match status {
        401 | 403 => FailureKind::Denied,
        404 => FailureKind::NotFound,
        409 | 412 => FailureKind::Conflict,
        429 => FailureKind::Throttled,
        // S3 answers HEAD without a code: 400 is what it says to a token that has expired.
        400 if code.is_empty() => FailureKind::Unauthenticated,
        // Not implemented is not passing.
        501 => FailureKind::Rejected,
        500.. => FailureKind::Unavailable,
        _ => FailureKind::Rejected,
    }
}

fn dispatch(failure: &DispatchFailure) -> (FailureKind, Reached, String) {
    let Some(connector) = failure.as_connector_error() else {
        return (
            FailureKind::Unavailable,
            Reached::Perhaps,
            "no connection".to_owned(),
        );
    };
    let chain: Vec<&(dyn Error + 'static)> =
        std::iter::successors(connector.source(), |error| (*error).source()).collect();
    let no_credentials = chain
        .iter()
        .find_map(|error| error.downcast_ref::<NoCredentials>());
    if let Some(why) = no_credentials {
        return (FailureKind::Unauthenticated, Reached::No, why.to_string());
    }
    if chain.iter().any(|error| error.is::<CredentialsError>()) {
        let message = "no usable credentials".to_owned();
        return (FailureKind::Unauthenticated, Reached::No, message);
    }
    let silence = chain
        .iter()
        .find_map(|error| error.downcast_ref::<Silence>());
    if let Some(silence) = silence {
        let reached = match silence {
            Silence::NotAsked => Reached::No,
            Silence::Attempt | Silence::Host => Reached::Perhaps,
        };
        return (FailureKind::Unavailable, reached, said(connector, &chain));
    }
    if connector.is_user() {
        return (
            FailureKind::Rejected,
            Reached::No,
            "the request cannot be sent".to_owned(),
        );
    }
    let reached = if chain.iter().any(|error| never_connected(*error)) {
        Reached::No
    } else {
        Reached::Perhaps
    };
    (FailureKind::Unavailable, reached, said(connector, &chain))
}

/// Who did not answer, as far as that is known, and the innermost reason.
fn said(connector: &ConnectorError, chain: &[&(dyn Error + 'static)]) -> String {
    let innermost = chain
        .last()
        .map_or_else(|| connector.to_string(), ToString::to_string);
    let whom = chain
        .iter()
        .find_map(|error| error.downcast_ref::<NoAnswer>());
    match whom {
        Some(no_answer) => format!("{no_answer}: {innermost}"),
        None => format!("no answer: {innermost}"),
    }
}

fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let refused = error.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::AddrNotAvailable
        )
    });
    refused || error.is::<ResolveDnsError>()
}

/// A failure that AWS reports inside a successful answer, or that we find before asking.
pub(crate) fn refusal(
    operation: &'static str,
    kind: FailureKind,
    message: impl Into<String>,
) -> PortFailure {
    PortFailure {
        kind,
        effect: Effect::None,
        operation: operation.to_owned(),
        message: message.into(),
    }
}

/// A failure of a call that was to do something to many, when it was done to so many of them.
pub(super) fn after(done: usize, failure: PortFailure) -> PortFailure {
    match done {
        0 => failure,
        _ => PortFailure {
            effect: Effect::Applied,
            ..failure
        },
    }
}

/// That something is not there is an answer of somebody who may be asked.
pub(super) fn heard(answer: Result<(), PortFailure>) -> Result<(), PortFailure> {
    answer.or_else(|failure| match failure.kind {
        FailureKind::NotFound | FailureKind::Conflict | FailureKind::Rejected => Ok(()),
        FailureKind::Denied
        | FailureKind::Unauthenticated
        | FailureKind::Throttled
        | FailureKind::Unavailable => Err(failure),
    })
}
