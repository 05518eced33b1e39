//! Every call fault, as the SDK sees it.

use std::time::Duration;

use aws_sdk_ecr::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use backstay_simulator::{CallFault, Cloud, Fault};

use crate::support::{START_MS, client, cloud};

const IDENTITY: &str = "sts.GetCallerIdentity";

fn spoil(cloud: &Cloud, operation: &str, count: u32, fault: CallFault) {
    let operation = operation.to_owned();
    cloud.with_world(|world| {
        world.add_fault(Fault::Call {
            operation,
            containing: None,
            skip: 0,
            count,
            fault,
        })
    });
}

fn calls(cloud: &Cloud, name: &str) -> u64 {
    cloud.with_world(|world| world.calls().get(name).copied().unwrap_or(0))
}

#[tokio::test(start_paused = true)]
async fn throttling_is_retried_and_counted() {
    let cloud = cloud();
    spoil(&cloud, IDENTITY, 2, CallFault::Throttle);
    client!(aws_sdk_sts, cloud)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(calls(&cloud, IDENTITY), 3);
    assert_eq!(cloud.with_world(|world| world.throttled()[IDENTITY]), 2);
}

#[tokio::test(start_paused = true)]
async fn throttling_without_end_is_rate_exceeded() {
    let cloud = cloud();
    spoil(&cloud, "ecr.*", u32::MAX, CallFault::Throttle);
    let error = client!(aws_sdk_ecr, cloud)
        .describe_repositories()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(
        (error.meta().code(), error.meta().message()),
        (Some("ThrottlingException"), Some("Rate exceeded"))
    );
    assert!(error.request_id().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_denial_names_the_action_and_is_not_retried() {
    let cloud = cloud();
    spoil(&cloud, "ecr.DescribeRepositories", 1, CallFault::Deny);
    let error = client!(aws_sdk_ecr, cloud)
        .describe_repositories()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.meta().code(), Some("AccessDeniedException"));
    assert!(
        error
            .meta()
            .message()
            .unwrap()
            .contains("not authorized to perform: ecr:DescribeRepositories")
    );
    assert_eq!(calls(&cloud, "ecr.DescribeRepositories"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_error_and_a_reset_are_retried() {
    let cloud = cloud();
    for fault in [CallFault::ServerError, CallFault::ConnectionReset] {
        let before = calls(&cloud, IDENTITY);
        spoil(&cloud, IDENTITY, 1, fault);
        client!(aws_sdk_sts, cloud)
            .get_caller_identity()
            .send()
            .await
            .unwrap();
        assert_eq!(calls(&cloud, IDENTITY) - before, 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_without_end_is_an_io_error() {
    let cloud = cloud();
    spoil(&cloud, "*", u32::MAX, CallFault::ConnectionReset);
    let error = client!(aws_sdk_sts, cloud)
        .get_caller_identity()
        .send()
        .await
        .unwrap_err();
    let aws_sdk_sts::error::SdkError::DispatchFailure(failure) = error else {
        panic!("{error:?}")
    };
    assert!(failure.is_io());
    assert_eq!(calls(&cloud, IDENTITY), 3);
}

#[tokio::test(start_paused = true)]
async fn a_reset_has_no_effect_and_a_lost_reply_has() {
    let cloud = cloud();
    let s3 = client!(aws_sdk_s3, cloud);
    let create = |key: &str| {
        let put = s3
            .put_object()
            .bucket("cat-house-web")
            .key(key)
            .if_none_match("*");
        put.body(ByteStream::from_static(b"mine")).send()
    };
    spoil(&cloud, "s3.PutObject", 1, CallFault::ConnectionReset);
    create("reset").await.unwrap();
    spoil(&cloud, "s3.PutObject", 1, CallFault::ReplyLost);
    let lost = create("lost").await.unwrap_err();
    assert_eq!(lost.raw_response().unwrap().status().as_u16(), 412);
    assert!(
        cloud
            .with_world(|world| world.object("cat-house-web", "lost"))
            .is_some()
    );
}

#[tokio::test(start_paused = true)]
async fn latency_is_virtual_and_a_timeout_ends_it() {
    let cloud = cloud();
    spoil(&cloud, IDENTITY, 2, CallFault::Latency(30_000));
    let sts = client!(aws_sdk_sts, cloud);
    sts.get_caller_identity().send().await.unwrap();
    assert_eq!(cloud.now_ms() - START_MS, 30_000);
    let timeouts = aws_sdk_sts::config::timeout::TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(5))
        .build();
    let hurried =
        aws_sdk_sts::Client::from_conf(sts.config().to_builder().timeout_config(timeouts).build());
    hurried.get_caller_identity().send().await.unwrap();
    let waited = cloud.now_ms() - START_MS - 30_000;
    assert!((5_000..8_000).contains(&waited), "{waited}");
    assert_eq!(calls(&cloud, IDENTITY), 3);
}

#[tokio::test(start_paused = true)]
async fn a_fault_can_wait_and_can_look_for_a_text() {
    let cloud = cloud();
    cloud.with_world(|world| {
        world.add_fault(Fault::Call {
            operation: "ecr.DescribeImages".to_owned(),
            containing: Some("cat-house/auth".to_owned()),
            skip: 1,
            count: 1,
            fault: CallFault::Deny,
        });
    });
    let ecr = client!(aws_sdk_ecr, cloud);
    let describe = || {
        ecr.describe_images()
            .repository_name("cat-house/auth")
            .send()
    };
    assert!(describe().await.is_ok());
    assert!(describe().await.is_err());
    assert!(describe().await.is_ok());
}
