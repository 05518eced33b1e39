//! Virtual time: the SDK's back-off costs no real time; ECS's rate limits hold over it.

use std::time::Instant;

use backstay_simulator::{CallFault, Cloud, Fault};

use crate::support::{START_MS, client, cloud};

fn patient(cloud: &Cloud) -> aws_sdk_ecs::Client {
    let ecs = client!(aws_sdk_ecs, cloud);
    let retries = aws_sdk_ecs::config::retry::RetryConfig::standard().with_max_attempts(10);
    aws_sdk_ecs::Client::from_conf(ecs.config().to_builder().retry_config(retries).build())
}

#[tokio::test(start_paused = true)]
#[expect(clippy::disallowed_methods, reason = "measures real time on purpose")]
async fn minutes_of_back_off_are_free() {
    let cloud = cloud();
    let sts = client!(aws_sdk_sts, cloud);
    let retries = aws_sdk_sts::config::retry::RetryConfig::standard().with_max_attempts(12);
    let sts =
        aws_sdk_sts::Client::from_conf(sts.config().to_builder().retry_config(retries).build());
    cloud.with_world(|world| {
        world.add_fault(Fault::Call {
            operation: "*".to_owned(),
            containing: None,
            skip: 0,
            count: 11,
            fault: CallFault::ServerError,
        });
    });
    let real = Instant::now();
    sts.get_caller_identity().send().await.unwrap();
    assert!(real.elapsed().as_secs() < 2);
    assert!(cloud.now_ms() > START_MS + 10_000);
}

#[tokio::test(start_paused = true)]
async fn describing_services_too_often_is_throttled_then_refilled() {
    let cloud = cloud();
    let ecs = patient(&cloud);
    for _ in 0..130 {
        let _ = ecs.describe_services().services("auth").send().await;
    }
    let name = "ecs.DescribeServices";
    let (calls, throttled) =
        cloud.with_world(|world| (world.calls()[name], world.throttled()[name]));
    assert!(throttled > 0);
    assert_eq!(calls - throttled, 130);
    assert!(cloud.now_ms() - START_MS >= 1_500);
}

#[tokio::test(start_paused = true)]
#[expect(clippy::disallowed_methods, reason = "measures real time on purpose")]
async fn a_call_costs_microseconds() {
    let cloud = cloud();
    let sts = client!(aws_sdk_sts, cloud);
    let real = Instant::now();
    for _ in 0..200 {
        sts.get_caller_identity().send().await.unwrap();
    }
    // Unoptimised and on a busy machine; in release it is some 50 µs a call.
    assert!(real.elapsed().as_millis() < 2_000, "{:?}", real.elapsed());
}
