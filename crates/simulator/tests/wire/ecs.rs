//! ECS through the SDK: a deployment, its errors, and the call faults that only matter here.

use std::time::Duration;

use aws_sdk_ecs::types::{ServiceDeploymentStatus, TaskDefinition};
use backstay_simulator::{CallFault, Cloud, Fault};

use crate::stage::{CLUSTER, SERVICE, cloud, task_definition};
use crate::support::client;

/// Registers the definition of another image, as a deployer does: from the present one.
async fn register(ecs: &aws_sdk_ecs::Client, tag: &str) -> String {
    let present = ecs
        .describe_task_definition()
        .task_definition(SERVICE)
        .send()
        .await
        .unwrap();
    let present: TaskDefinition = present.task_definition().unwrap().clone();
    let mut container = present.container_definitions()[0].clone();
    container.image = task_definition(tag)["containerDefinitions"][0]["image"]
        .as_str()
        .map(str::to_owned);
    let registered = ecs
        .register_task_definition()
        .family(SERVICE)
        .network_mode(present.network_mode().unwrap().clone())
        .set_requires_compatibilities(Some(present.requires_compatibilities().to_vec()))
        .set_cpu(present.cpu().map(str::to_owned))
        .set_memory(present.memory().map(str::to_owned))
        .set_execution_role_arn(present.execution_role_arn().map(str::to_owned))
        .container_definitions(container)
        .send()
        .await
        .unwrap();
    registered
        .task_definition()
        .unwrap()
        .task_definition_arn()
        .unwrap()
        .to_owned()
}

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

async fn primary(ecs: &aws_sdk_ecs::Client) -> (String, usize) {
    let described = ecs
        .describe_services()
        .cluster(CLUSTER)
        .services(SERVICE)
        .send()
        .await
        .unwrap();
    let deployments = described.services()[0].deployments();
    (deployments[0].id().unwrap().to_owned(), deployments.len())
}

#[tokio::test(start_paused = true)]
async fn a_deployment_is_watched_to_its_end_in_virtual_time() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let arn = register(&ecs, "2f9c1e7").await;
    let updated = ecs
        .update_service()
        .cluster(CLUSTER)
        .service(SERVICE)
        .task_definition(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        updated.service().unwrap().task_definition(),
        Some(arn.as_str())
    );
    let mut status = None;
    for _ in 0..60 {
        cloud.time().sleep(Duration::from_secs(10)).await;
        let described = ecs
            .describe_services()
            .cluster(CLUSTER)
            .services(SERVICE)
            .send()
            .await
            .unwrap();
        let deployment = described.services()[0]
            .current_service_deployment()
            .unwrap()
            .to_owned();
        let records = ecs
            .describe_service_deployments()
            .service_deployment_arns(deployment)
            .send()
            .await
            .unwrap();
        status = records.service_deployments()[0].status().cloned();
        if status == Some(ServiceDeploymentStatus::Successful) {
            break;
        }
    }
    assert_eq!(status, Some(ServiceDeploymentStatus::Successful));
    let picture = cloud.with_world(|world| world.picture());
    assert!(picture.services[SERVICE].task_definition.ends_with(":2"));
}

#[tokio::test(start_paused = true)]
async fn errors_have_their_types() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let error = ecs
        .update_service()
        .cluster(CLUSTER)
        .service("nobody")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_service_not_found_exception(), "{error:?}");
    let error = ecs
        .describe_services()
        .cluster("nowhere")
        .services(SERVICE)
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_cluster_not_found_exception());
    let described = ecs
        .describe_services()
        .cluster(CLUSTER)
        .services("nobody")
        .send()
        .await
        .unwrap();
    assert_eq!(described.failures()[0].reason(), Some("MISSING"));
    let unknown = ecs
        .list_attributes()
        .target_type(aws_sdk_ecs::types::TargetType::ContainerInstance)
        .send()
        .await;
    assert_eq!(
        unknown
            .unwrap_err()
            .raw_response()
            .unwrap()
            .status()
            .as_u16(),
        501
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_has_started_a_deployment() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let once = aws_sdk_ecs::config::retry::RetryConfig::disabled();
    let once = aws_sdk_ecs::Client::from_conf(ecs.config().to_builder().retry_config(once).build());
    let (before, _) = primary(&ecs).await;
    for (fault, starts) in [
        (CallFault::ConnectionReset, false),
        (CallFault::ReplyLost, true),
    ] {
        spoil(&cloud, "ecs.UpdateService", 1, fault);
        let update = once
            .update_service()
            .cluster(CLUSTER)
            .service(SERVICE)
            .force_new_deployment(true);
        assert!(update.send().await.is_err());
        assert_eq!(primary(&ecs).await.0 != before, starts, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_request_takes_effect_when_nobody_waits_for_it() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let once = aws_sdk_ecs::config::retry::RetryConfig::disabled();
    let once = aws_sdk_ecs::Client::from_conf(ecs.config().to_builder().retry_config(once).build());
    let (before, _) = primary(&ecs).await;
    for fault in [CallFault::Late(50_000), CallFault::Held(50_000)] {
        spoil(&cloud, "ecs.UpdateService", 1, fault);
        let (found, _) = primary(&ecs).await;
        let update = once
            .update_service()
            .cluster(CLUSTER)
            .service(SERVICE)
            .force_new_deployment(true);
        let gone = tokio::time::timeout(Duration::from_secs(1), update.send()).await;
        assert!(gone.is_err() || gone.is_ok_and(|answer| answer.is_err()));
        cloud.time().sleep(Duration::from_secs(45)).await;
        assert_eq!(primary(&ecs).await.0, found, "{fault:?}: on its way");
        cloud.time().sleep(Duration::from_secs(6)).await;
        assert_ne!(primary(&ecs).await.0, found, "{fault:?}: arrived");
    }
    assert_ne!(primary(&ecs).await.0, before);
}

#[tokio::test(start_paused = true)]
async fn a_held_request_is_answered_when_it_arrives_and_a_sender_may_tire_first() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let (before, _) = primary(&ecs).await;
    let began = cloud.now_ms();
    spoil(&cloud, "ecs.UpdateService", 1, CallFault::Held(50_000));
    let update = ecs
        .update_service()
        .cluster(CLUSTER)
        .service(SERVICE)
        .force_new_deployment(true);
    update.send().await.unwrap();
    assert!((50_000..51_000).contains(&(cloud.now_ms() - began)));
    let (after, _) = primary(&ecs).await;
    assert_ne!(after, before);

    let limits = aws_sdk_ecs::config::timeout::TimeoutConfig::builder()
        .read_timeout(Duration::from_secs(30))
        .build();
    let once = aws_sdk_ecs::config::retry::RetryConfig::disabled();
    let config = ecs.config().to_builder().retry_config(once);
    let tired = aws_sdk_ecs::Client::from_conf(config.timeout_config(limits).build());
    spoil(&cloud, "ecs.UpdateService", 1, CallFault::Held(50_000));
    let began = cloud.now_ms();
    let update = tired
        .update_service()
        .cluster(CLUSTER)
        .service(SERVICE)
        .force_new_deployment(true);
    assert!(update.send().await.is_err());
    assert!((30_000..31_000).contains(&(cloud.now_ms() - began)));
    assert_eq!(primary(&ecs).await.0, after);
    cloud.time().sleep(Duration::from_secs(21)).await;
    assert_ne!(primary(&ecs).await.0, after);
}

#[tokio::test(start_paused = true)]
async fn a_world_that_is_saved_keeps_what_is_on_its_way() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let (before, _) = primary(&ecs).await;
    spoil(&cloud, "ecs.UpdateService", 1, CallFault::Late(50_000));
    let once = aws_sdk_ecs::config::retry::RetryConfig::disabled();
    let once = aws_sdk_ecs::Client::from_conf(ecs.config().to_builder().retry_config(once).build());
    let update = once
        .update_service()
        .cluster(CLUSTER)
        .service(SERVICE)
        .force_new_deployment(true);
    assert!(update.send().await.is_err());
    let saved = cloud.with_world(|world| world.to_json().unwrap());
    let mut world = backstay_simulator::World::from_json(&saved).unwrap();
    world.clear_faults();
    let again = Cloud::new(world, 1.0);
    let ecs = client!(aws_sdk_ecs, again);
    again.time().sleep(Duration::from_secs(51)).await;
    assert_ne!(primary(&ecs).await.0, before);
}

#[tokio::test(start_paused = true)]
async fn a_stale_read_is_of_before_and_ends() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    spoil(
        &cloud,
        "ecs.DescribeServices",
        2,
        CallFault::StaleRead(5_000),
    );
    ecs.update_service()
        .cluster(CLUSTER)
        .service(SERVICE)
        .force_new_deployment(true)
        .send()
        .await
        .unwrap();
    cloud.time().sleep(Duration::from_secs(1)).await;
    assert_eq!(primary(&ecs).await.1, 1);
    assert_eq!(primary(&ecs).await.1, 1);
    assert_eq!(primary(&ecs).await.1, 2);
}

#[tokio::test(start_paused = true)]
async fn registering_thirty_definitions_takes_ten_seconds_more_than_twenty() {
    let cloud = cloud();
    let ecs = client!(aws_sdk_ecs, cloud);
    let retries = aws_sdk_ecs::config::retry::RetryConfig::standard().with_max_attempts(10);
    let ecs =
        aws_sdk_ecs::Client::from_conf(ecs.config().to_builder().retry_config(retries).build());
    let started = cloud.now_ms();
    for _ in 0..20 {
        register(&ecs, "2f9c1e7").await;
    }
    assert_eq!(cloud.now_ms(), started);
    for _ in 0..10 {
        register(&ecs, "2f9c1e7").await;
    }
    let waited = cloud.now_ms() - started;
    assert!((9_000..60_000).contains(&waited), "{waited}");
    assert!(cloud.with_world(|world| world.throttled()["ecs.RegisterTaskDefinition"]) >= 1);
}
