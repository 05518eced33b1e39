//! The error table, by code and by how far a request came.

use std::io::ErrorKind;

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use backstay_adapters::aws::AwsCloud;
use backstay_domain::DefinitionRef;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Renewal, RolloutRequest, Services};
use rstest::rstest;

use crate::scripted::{Answer, Aws, Pages, locator};

async fn read(answer: impl Fn() -> Answer + Send + Sync + 'static) -> PortFailure {
    Aws::new(move |_| answer())
        .cloud()
        .survey(&[locator("c", "web")])
        .await
        .unwrap_err()
}

async fn change(answer: impl Fn() -> Answer + Send + Sync + 'static) -> (PortFailure, usize) {
    let aws = Aws::new(move |_| answer());
    let definition = DefinitionRef::parse("arn:td/web:2").unwrap();
    let request = RolloutRequest {
        locator: locator("c", "web"),
        definition,
        desired: None,
        renewal: Renewal::IfChanged,
    };
    (
        aws.cloud().roll_out(&request).await.unwrap_err(),
        aws.picture().len(),
    )
}

#[rstest]
#[case(400, "ThrottlingException", FailureKind::Throttled, Effect::None)]
#[case(400, "Throttling", FailureKind::Throttled, Effect::None)]
#[case(400, "TooManyRequestsException", FailureKind::Throttled, Effect::None)]
#[case(503, "SlowDown", FailureKind::Throttled, Effect::None)]
#[case(400, "RequestLimitExceeded", FailureKind::Throttled, Effect::None)]
#[case(400, "AccessDeniedException", FailureKind::Denied, Effect::None)]
#[case(
    400,
    "SubscriptionRequiredException",
    FailureKind::Denied,
    Effect::None
)]
#[case(
    400,
    "ExpiredTokenException",
    FailureKind::Unauthenticated,
    Effect::None
)]
#[case(403, "ExpiredToken", FailureKind::Unauthenticated, Effect::None)]
#[case(
    403,
    "InvalidClientTokenId",
    FailureKind::Unauthenticated,
    Effect::None
)]
#[case(
    400,
    "UnrecognizedClientException",
    FailureKind::Unauthenticated,
    Effect::None
)]
#[case(
    403,
    "SignatureDoesNotMatch",
    FailureKind::Unauthenticated,
    Effect::None
)]
#[case(
    403,
    "RequestTimeTooSkewed",
    FailureKind::Unauthenticated,
    Effect::None
)]
#[case(403, "InvalidAccessKeyId", FailureKind::Unauthenticated, Effect::None)]
#[case(403, "SomethingNew", FailureKind::Denied, Effect::None)]
#[case(400, "ClusterNotFoundException", FailureKind::NotFound, Effect::None)]
#[case(400, "ServiceNotFoundException", FailureKind::NotFound, Effect::None)]
#[case(404, "NoSuchKey", FailureKind::NotFound, Effect::None)]
#[case(400, "ConflictException", FailureKind::Conflict, Effect::None)]
#[case(412, "PreconditionFailed", FailureKind::Conflict, Effect::None)]
#[case(400, "ServiceNotActiveException", FailureKind::Conflict, Effect::None)]
#[case(400, "InvalidParameterException", FailureKind::Rejected, Effect::None)]
#[case(400, "ClientException", FailureKind::Rejected, Effect::None)]
#[case(404, "SomethingNew", FailureKind::NotFound, Effect::None)]
#[case(409, "SomethingNew", FailureKind::Conflict, Effect::None)]
#[case(429, "SomethingNew", FailureKind::Throttled, Effect::None)]
#[case(501, "SomethingNew", FailureKind::Rejected, Effect::None)]
#[case(500, "ServerException", FailureKind::Unavailable, Effect::Unknown)]
#[case(503, "SomethingNew", FailureKind::Unavailable, Effect::Unknown)]
#[tokio::test(start_paused = true)]
async fn codes(
    #[case] status: u16,
    #[case] code: &'static str,
    #[case] kind: FailureKind,
    #[case] of_a_change: Effect,
) {
    let failure = read(move || Answer::Error(status, code)).await;
    assert_eq!(
        (failure.kind, failure.effect),
        (kind, Effect::None),
        "a read has no effect"
    );
    assert_eq!(failure.message, format!("{code}: because"));
    let (failure, attempts) = change(move || Answer::Error(status, code)).await;
    assert_eq!(
        (failure.kind, failure.effect, attempts),
        (kind, of_a_change, 1)
    );
    assert_eq!(failure.operation, "ecs.UpdateService");
}

/// The one place where a message is read.
#[rstest]
#[case::a_role_of_a_moment_ago(
    "ECS was unable to assume the role 'arn:aws:iam::1:role/new' that was provided for this task.",
    FailureKind::Unavailable
)]
#[case::anything_else("Container.image should not be null", FailureKind::Rejected)]
#[case::of_another_call(
    "Too many concurrent attempts to create a new revision of the specified family.",
    FailureKind::Rejected
)]
#[tokio::test(start_paused = true)]
async fn client_exceptions_that_pass(#[case] message: &'static str, #[case] kind: FailureKind) {
    let body = serde_json::json!({"__type": "ClientException", "message": message}).to_string();
    let (failure, attempts) =
        change(move || Answer::Raw(400, Vec::new(), body.clone().into_bytes())).await;
    assert_eq!(
        (failure.kind, failure.effect, attempts),
        (kind, Effect::None, 1)
    );
}

#[rstest]
#[case::lost(ErrorKind::ConnectionReset, Effect::Unknown)]
#[case::refused(ErrorKind::ConnectionRefused, Effect::None)]
#[tokio::test(start_paused = true)]
async fn broken_connections(#[case] broken: ErrorKind, #[case] of_a_change: Effect) {
    let failure = read(move || Answer::Lost(broken)).await;
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, Effect::None)
    );
    let (failure, attempts) = change(move || Answer::Lost(broken)).await;
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, of_a_change)
    );
    assert_eq!(attempts, 1, "a change is never sent twice");
    let said = &failure.message;
    assert!(
        said.starts_with("no answer") && said.ends_with(": lost"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_that_cannot_be_read_may_have_had_an_effect() {
    let (failure, _) = change(|| Answer::Raw(200, Vec::new(), b"<html>".to_vec())).await;
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, Effect::Unknown)
    );
}

#[tokio::test(start_paused = true)]
async fn without_credentials_nobody_knows_us_and_nothing_was_sent() {
    let aws = Aws::new(|asked| panic!("{}", asked.operation));
    let none = provide_credentials_fn(async || Err(CredentialsError::not_loaded("none here")));
    let config = aws
        .config()
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(none))
        .build();
    let cloud = AwsCloud::new(&config, Pages::default(), ".".into());
    let definition = DefinitionRef::parse("arn:td/web:2").unwrap();
    let request = RolloutRequest {
        locator: locator("c", "web"),
        definition,
        desired: None,
        renewal: Renewal::IfChanged,
    };
    let failure = cloud.roll_out(&request).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unauthenticated, Effect::None)
    );
    assert_eq!(failure.message, "no usable credentials");
    assert_eq!(
        format!("{cloud:?}"),
        "AwsCloud { region: \"sa-east-1\", .. }"
    );
}

/// The SDK has one quota of retries per process, service and Region unless it is told otherwise.
#[tokio::test(start_paused = true)]
async fn trouble_of_one_connection_costs_another_no_retry() {
    let down = || Aws::new(|_| Answer::Error(503, "ServiceUnavailable"));
    let services = [locator("c", "web")];
    let tired = down();
    let cloud = tired.cloud();
    for _ in 0..100 {
        cloud.survey(&services).await.unwrap_err();
    }
    assert!(tired.picture().len() < 300, "its quota was used up");
    let fresh = down();
    fresh.cloud().survey(&services).await.unwrap_err();
    assert_eq!(fresh.picture().len(), 3);
}
