//! Watching: the right record, the API budget, and reads that never go back.

use aws_sdk_ecs::operation::describe_service_deployments::{
    DescribeServiceDeploymentsError, DescribeServiceDeploymentsOutput,
};
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::operation::list_service_deployments::ListServiceDeploymentsOutput;
use aws_sdk_ecs::types::{Failure, Rollback, ServiceDeploymentBrief, ServiceEvent};
use aws_smithy_mocks::{MockResponse, mock};
use backstay_domain::observation::{PrimaryState, RolloutStatus, ServiceView, Trouble};
use rstest::rstest;

use super::*;

/// Every service that is asked for, with a rollout and a record of its own number: `s7`, `ecs-svc/7`, `sd-7`.
fn everybody() -> Rule {
    mock!(aws_sdk_ecs::Client::describe_services).then_compute_output(|sent| {
        let services = sent.services().iter().map(|name| {
            let number = &name[1..];
            service(name, &format!("ecs-svc/{number}"), &format!("sd-{number}")).build()
        });
        DescribeServicesOutput::builder()
            .set_services(Some(services.collect()))
            .build()
    })
}

fn records(records: Vec<ServiceDeployment>) -> DescribeServiceDeploymentsOutput {
    DescribeServiceDeploymentsOutput::builder()
        .set_service_deployments(Some(records))
        .build()
}

fn listed(rows: &'static [(&'static str, &'static str, &'static str)]) -> Rule {
    let brief = |(arn, digits, status): &(&str, &str, &str)| {
        ServiceDeploymentBrief::builder()
            .service_deployment_arn(*arn)
            .target_service_revision_arn(format!("arn:r/c/web/{digits}"))
            .status(ServiceDeploymentStatus::from(*status))
            .build()
    };
    always!(
        aws_sdk_ecs,
        list_service_deployments,
        ListServiceDeploymentsOutput::builder()
            .set_service_deployments(Some(rows.iter().map(brief).collect()))
            .build()
    )
}

#[tokio::test]
async fn the_budget_is_per_batch() {
    let services = everybody();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&asked);
    let deployments =
        mock!(aws_sdk_ecs::Client::describe_service_deployments).then_compute_output(move |sent| {
            let arns = sent.service_deployment_arns();
            log.lock().unwrap().push(arns.len());
            let of = |arn: &String| record(arn, &arn[3..], "IN_PROGRESS");
            records(arns.iter().map(of).collect())
        });
    let mut follows: Vec<Follow> = (0..25)
        .map(|n| {
            let mut follow = follow(&format!("s{n}"), Some(&format!("ecs-svc/{n}")));
            follow.locator.cluster = if n < 12 { "one" } else { "two" }.to_owned();
            follow
        })
        .collect();
    let mut unfollowed = follow("s99", None);
    unfollowed.locator.cluster = "two".to_owned();
    follows.push(unfollowed);
    let views = ecs(&[&services, &deployments])
        .watch_services(&follows)
        .await;
    let views = views.unwrap();
    assert_eq!(views.len(), 26);
    let followed = views.values().filter_map(|view| view.followed.as_ref());
    assert!(
        followed
            .clone()
            .all(|f| f.status == RolloutStatus::InProgress)
    );
    assert_eq!(services.num_calls(), 4, "12 and 14 services");
    let mut asked = asked.lock().unwrap().clone();
    asked.sort_unstable();
    let why = "25 records, clusters mixed; who is not followed costs none";
    assert_eq!(asked, [5, 20], "{why}");
}

#[tokio::test]
async fn a_service_is_seen_whole() {
    let event = |n: i64| {
        ServiceEvent::builder()
            .id(n.to_string())
            .created_at(DateTime::from_secs(1100 - n))
            .message(format!(
                "(service web) (task {n}) failed container health checks."
            ))
            .build()
    };
    let events = (0..8).map(event).collect();
    let web = service("web", "ecs-svc/2", "sd-2").set_events(Some(events));
    let web = web.build();
    let services = always!(
        aws_sdk_ecs,
        describe_services,
        DescribeServicesOutput::builder()
            .services(web.clone())
            .build()
    );
    let mut seen = record("sd-2", "2", "ROLLBACK_IN_PROGRESS");
    seen.status_reason = Some("Service deployment rolled back because of the breaker".to_owned());
    seen.deployment_circuit_breaker = Some(
        ServiceDeploymentCircuitBreaker::builder()
            .status(ServiceDeploymentRollbackMonitorsStatus::Triggered)
            .failure_count(3)
            .threshold(3)
            .build(),
    );
    let deployments = always!(
        aws_sdk_ecs,
        describe_service_deployments,
        records(vec![seen.clone()])
    );
    let view = look(&ecs(&[&services, &deployments]), "ecs-svc/2", 1)
        .await
        .remove(0);
    let followed = view.followed.clone().unwrap();
    assert_eq!(
        (view.desired, view.running, view.primary.as_str()),
        (2, 2, "ecs-svc/2")
    );
    assert_eq!(
        (view.primary_state, view.trouble),
        (PrimaryState::InProgress, Trouble::Suspected)
    );
    assert_eq!(
        (followed.status, followed.failures, followed.running),
        (RolloutStatus::RollingBack, (3, Some(3)), 1)
    );
    assert!(
        followed
            .reason
            .unwrap()
            .starts_with("Service deployment rolled back")
    );
    assert_eq!(view.messages.len(), 5);
    assert_eq!(
        view.messages[0],
        "(service web) (task 0) failed container health checks."
    );
}

/// The reason is the record's, else its rollback's.
#[tokio::test]
async fn why_it_returns_is_said_by_the_record_or_its_rollback() {
    let mut seen = record("sd-2", "2", "ROLLBACK_SUCCESSFUL");
    seen.rollback = Some(Rollback::builder().reason("alarm `slow`").build());
    let deployments = always!(
        aws_sdk_ecs,
        describe_service_deployments,
        records(vec![seen.clone()])
    );
    let services = described("ecs-svc/2", "sd-2");
    let views = look(&ecs(&[&services, &deployments]), "ecs-svc/2", 1).await;
    let reason = views[0].followed.as_ref().unwrap().reason.clone();
    assert_eq!(reason.as_deref(), Some("alarm `slow`"));
}

/// Looks so many times.
async fn look(cloud: &AwsCloud<()>, rollout: &str, looks: usize) -> Vec<ServiceView> {
    let mut seen = Vec::new();
    for _ in 0..looks {
        let views = cloud.watch_services(&[follow("web", Some(rollout))]).await;
        seen.extend(views.unwrap().into_values());
    }
    seen
}

fn statuses(views: &[ServiceView]) -> Vec<RolloutStatus> {
    let followed = views.iter().map(|view| view.followed.as_ref().unwrap());
    followed.map(|followed| followed.status.clone()).collect()
}

#[tokio::test]
async fn a_superseded_rollout_is_found_in_the_list_and_then_by_its_record() {
    let deployments =
        mock!(aws_sdk_ecs::Client::describe_service_deployments).then_compute_output(|sent| {
            let of = |arn: &String| match arn.as_str() {
                "sd-2" => record(arn, "2", "STOPPED"),
                _ => record(arn, &arn[3..], "IN_PROGRESS"),
            };
            records(sent.service_deployment_arns().iter().map(of).collect())
        });
    let list = listed(&[
        ("sd-9", "9", "IN_PROGRESS"),
        ("sd-2", "2", "STOP_REQUESTED"),
    ]);
    let cloud = ecs(&[&described("ecs-svc/9", "sd-9"), &deployments, &list]);
    let views = look(&cloud, "ecs-svc/2", 3).await;
    use RolloutStatus::{Stopped, Stopping};
    assert_eq!(statuses(&views), [Stopping, Stopped, Stopped]);
    assert_eq!(views[2].primary.as_str(), "ecs-svc/9");
    assert_eq!(list.num_calls(), 1);
    assert_eq!(
        deployments.num_calls(),
        2,
        "one that has ended is not asked for again"
    );
}

#[rstest]
#[case::listed_by_the_service("ecs-svc/2", RolloutStatus::InProgress)]
#[case::nowhere("ecs-svc/3", RolloutStatus::NotVisible)]
#[tokio::test]
async fn without_its_record_the_service_itself_is_believed_by_id(
    #[case] rollout: &str,
    #[case] expected: RolloutStatus,
) {
    let deployments = always!(
        aws_sdk_ecs,
        describe_service_deployments,
        records(vec![record("sd-1", "1", "SUCCESSFUL")])
    );
    let cloud = ecs(&[&described("ecs-svc/2", "sd-1"), &deployments, &listed(&[])]);
    let why = "not sd-1's success";
    assert_eq!(
        statuses(&look(&cloud, rollout, 1).await),
        [expected],
        "{why}"
    );
}

#[tokio::test]
async fn stale_reads_do_not_turn_time_back() {
    let of = |status| records(vec![record("sd-2", "2", status)]);
    let deployments = mock!(aws_sdk_ecs::Client::describe_service_deployments)
        .sequence()
        .output(move || of("IN_PROGRESS"))
        .output(move || of("PENDING"))
        .output(move || of("SUCCESSFUL"))
        .build();
    let cloud = ecs(&[&described("ecs-svc/2", "sd-2"), &deployments]);
    let seen = statuses(&look(&cloud, "ecs-svc/2", 4).await);
    use RolloutStatus::{InProgress, Succeeded};
    assert_eq!(seen, [InProgress, InProgress, Succeeded, Succeeded]);
    assert_eq!(deployments.num_calls(), 3);
}

#[tokio::test]
async fn services_that_do_not_exist_are_left_out() {
    let missing = Failure::builder().arn("x").reason("MISSING").build();
    let services = always!(
        aws_sdk_ecs,
        describe_services,
        DescribeServicesOutput::builder()
            .failures(missing.clone())
            .build()
    );
    assert!(look(&ecs(&[&services]), "ecs-svc/2", 1).await.is_empty());
}

/// Finding 26: a service that was deleted, or that may not be looked at, blinds nobody else.
#[rstest]
#[case("AccessDeniedException")]
#[case("ServiceDeploymentNotFoundException")]
#[case("InvalidParameterException")]
#[tokio::test(start_paused = true)]
async fn one_record_that_is_refused_does_not_hide_the_others(#[case] code: &'static str) {
    let deployments = mock!(aws_sdk_ecs::Client::describe_service_deployments)
        .then_compute_response(move |sent| {
            let arns = sent.service_deployment_arns();
            if arns.iter().any(|arn| arn == "sd-2") {
                return MockResponse::Error(DescribeServiceDeploymentsError::generic(coded(code)));
            }
            let of = |arn: &String| record(arn, &arn[3..], "IN_PROGRESS");
            MockResponse::Output(records(arns.iter().map(of).collect()))
        });
    let followed: Vec<Follow> = (1..4)
        .map(|number| follow(&format!("s{number}"), Some(&format!("ecs-svc/{number}"))))
        .collect();
    let cloud = ecs(&[&everybody(), &deployments, &listed(&[])]);
    let views = cloud.watch_services(&followed).await.unwrap();
    for seen in ["s1", "s3"] {
        let view = &views[&ServiceName::parse(seen).unwrap()];
        let status = &view.followed.as_ref().unwrap().status;
        assert_eq!(*status, RolloutStatus::InProgress, "{code}: {seen}");
    }
}
