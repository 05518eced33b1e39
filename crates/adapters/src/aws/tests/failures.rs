//! How far a request came, where the SDK says it without an answer.

use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
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
