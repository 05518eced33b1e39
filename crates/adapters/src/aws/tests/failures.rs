//! How far a request came, where the SDK says it without an answer.

use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use backstay_domain::ports::{Effect, FailureKind};

use crate::aws::error::{Call, failure};

#[test]
fn what_was_never_sent_had_no_effect_and_what_was_not_answered_may_have() {
    type Failed = SdkError<GetCallerIdentityError>;
    let rows: [(Failed, FailureKind, Effect, &str); 2] = [
        (
            SdkError::construction_failure("no Region"),
            FailureKind::Rejected,
            Effect::None,
            "the request cannot be built",
        ),
        (
            SdkError::timeout_error("a minute"),
            FailureKind::Unavailable,
            Effect::Unknown,
            "no answer in time",
        ),
    ];
    for (error, kind, effect, message) in rows {
        let of_a_change = failure("sts.Change", Call::Once, &error);
        assert_eq!((of_a_change.kind, of_a_change.effect), (kind, effect));
        assert_eq!(of_a_change.message, message);
        assert_eq!(failure("sts.Read", Call::Read, &error).effect, Effect::None);
    }
}

/// S3 says no more than 400 to a token that has expired, when it is asked for headers only; with a code it is what the code says.
#[test]
fn a_bad_request_without_a_code_is_one_of_nobody() {
    let said = |code: Option<&str>, status: u16| {
        let mut metadata = ErrorMetadata::builder();
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        let answer = GetCallerIdentityError::generic(metadata.build());
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let error = SdkError::service_error(answer, raw);
        let failure = failure("s3.HeadObject", Call::Read, &error);
        (failure.kind, failure.message)
    };
    let nobody = (FailureKind::Unauthenticated, "HTTP 400".to_owned());
    assert_eq!(said(None, 400), nobody);
    let coded = (FailureKind::Rejected, "Malformed".to_owned());
    assert_eq!(said(Some("Malformed"), 400), coded);
    assert_eq!(said(None, 404).0, FailureKind::NotFound);
}
