//! What is there before a deployment.

use aws_sdk_ecs::operation::describe_service_revisions::DescribeServiceRevisionsOutput;
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::operation::list_service_deployments::{
    ListServiceDeploymentsInput, ListServiceDeploymentsOutput,
};
use aws_sdk_ecs::types::{
    DeploymentAlarms, DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentController,
    DeploymentControllerType, DeploymentEarlySuccessCriteria, DeploymentStrategy, Failure,
    LaunchType, LoadBalancer, SchedulingStrategy, ServiceDeploymentBrief, ServiceRevision,
    ThresholdConfiguration, ThresholdType,
};
use aws_smithy_mocks::mock;
use backstay_domain::survey::{
    Activity, Balanced, Bounds, Breaker, History, LiveService, ServiceCondition, Threshold,
};
use rstest::rstest;
use serde_json::json;

use super::*;

/// The newest rollout in this state, with so many failed tasks.
fn rollout(state: &str, failed: i32) -> Deployment {
    newest("ecs-svc/2")
        .rollout_state(DeploymentRolloutState::from(state))
        .failed_tasks(failed)
        .build()
}

fn web(deployments: Vec<Deployment>) -> aws_sdk_ecs::types::builders::ServiceBuilder {
    service("web", "ecs-svc/2", "sd-2").set_deployments(Some(deployments))
}

fn described(services: Vec<Service>) -> Rule {
    let missing = Failure::builder().arn("x").reason("MISSING").build();
    always!(
        aws_sdk_ecs,
        describe_services,
        DescribeServicesOutput::builder()
            .set_services(Some(services.clone()))
            .failures(missing.clone())
            .build()
    )
}

/// What succeeded, as a list of records gives it.
fn succeeded(revisions: &'static [&'static str]) -> Rule {
    let wanted = ListServiceDeploymentsInput::builder()
        .service("arn:service/c/web")
        .status(ServiceDeploymentStatus::Successful)
        .max_results(1)
        .build()
        .unwrap();
    let brief = |arn: &&str| {
        let brief = ServiceDeploymentBrief::builder().target_service_revision_arn(*arn);
        brief.build()
    };
    mock!(aws_sdk_ecs::Client::list_service_deployments)
        .match_requests(move |sent| *sent == wanted)
        .sequence()
        .output(move || {
            ListServiceDeploymentsOutput::builder()
                .set_service_deployments(Some(revisions.iter().map(brief).collect()))
                .build()
        })
        .repeatedly()
        .build()
}

/// The document that every revision has. It is read from the answer's body, whose members are not all typed.
fn documents(network: Option<&str>) -> Rule {
    let body = json!({"taskDefinition": {"family": "web", "networkMode": network, "status": "ACTIVE",
        "taskDefinitionArn": "arn:td/web:2", "containerDefinitions": []}});
    mock!(aws_sdk_ecs::Client::describe_task_definition)
        .sequence()
        .http_status(200, Some(body.to_string()))
        .repeatedly()
        .build()
}

async fn survey(rules: &[&Rule]) -> Vec<LiveService> {
    let names = [locator("api"), locator("gone"), locator("web")];
    let documents = documents(Some("awsvpc"));
    // The first rule that fits answers: a test's own document comes before this one.
    let mut all = rules.to_vec();
    all.push(&documents);
    let found = ecs(&all).survey_services(&names).await.unwrap();
    found.into_values().collect()
}

#[tokio::test]
async fn services_are_described_together_and_definitions_once() {
    let breaker = DeploymentCircuitBreaker::builder()
        .enable(true)
        .rollback(true);
    let configuration = DeploymentConfiguration::builder()
        .minimum_healthy_percent(50)
        .maximum_percent(150)
        .deployment_circuit_breaker(breaker.build());
    let balancer = LoadBalancer::builder()
        .target_group_arn("tg")
        .container_port(80);
    let web = web(vec![rollout("COMPLETED", 0)])
        .load_balancers(balancer.build())
        .deployment_configuration(configuration.build())
        .build();
    let mut api = web.clone();
    api.service_name = Some("api".to_owned());
    let (services, documents) = (described(vec![web, api]), documents(Some("awsvpc")));
    let names = [locator("api"), locator("gone"), locator("web")];
    let found = ecs(&[&services, &documents]).survey_services(&names).await;
    let found = found.unwrap();
    let called: Vec<&str> = found.keys().map(ServiceName::as_str).collect();
    assert_eq!(called, ["api", "web"]);
    assert_eq!((services.num_calls(), documents.num_calls()), (1, 1));
    let live = &found[&ServiceName::parse("web").unwrap()];
    let bounds = Bounds {
        minimum_healthy_percent: 50,
        maximum_percent: 150,
    };
    assert_eq!(live.condition, ServiceCondition::Active);
    assert_eq!(
        (live.activity, live.history),
        (Activity::Settled, History::Completed)
    );
    assert_eq!(
        (live.bounds, live.breaker, live.balanced),
        (bounds, Breaker::RollsBack, Balanced::Yes)
    );
    assert_eq!(
        (live.definition.as_str(), live.rollout.as_str()),
        ("arn:td/web:2", "ecs-svc/2")
    );
}

#[tokio::test]
async fn a_service_in_its_first_rollout_has_nothing_to_return_to() {
    let web = web(vec![rollout("IN_PROGRESS", 0)]).build();
    let live = survey(&[&described(vec![web]), &succeeded(&[])]).await;
    let bounds = Bounds {
        minimum_healthy_percent: 100,
        maximum_percent: 200,
    };
    assert_eq!(
        (live[0].activity, live[0].history),
        (Activity::RollingOut, History::Never)
    );
    assert_eq!(
        (live[0].bounds, live[0].breaker, live[0].balanced),
        (bounds, Breaker::Off, Balanced::No)
    );
}

#[tokio::test]
async fn completed_rollouts_that_left_the_list_still_count() {
    let web = web(vec![rollout("IN_PROGRESS", 0)]).build();
    let revision = ServiceRevision::builder().task_definition("arn:td/web:1");
    let revision = revision.build();
    let revisions = mock!(aws_sdk_ecs::Client::describe_service_revisions)
        .match_requests(|sent| sent.service_revision_arns() == ["sr-1"])
        .sequence()
        .output(move || {
            DescribeServiceRevisionsOutput::builder()
                .service_revisions(revision.clone())
                .build()
        })
        .build();
    let live = survey(&[&described(vec![web]), &succeeded(&["sr-1"]), &revisions]).await;
    assert_eq!(live[0].history, History::Completed);
    let completed = live[0].completed.as_ref().unwrap();
    assert_eq!(completed.definition.as_str(), "arn:td/web:1");
    assert_eq!(live[0].definition.as_str(), "arn:td/web:2");
}

/// What the newest rollout says, how many of its tasks failed, and what an earlier entry of the list says.
#[rstest]
#[case::completed("COMPLETED", 0, None, Activity::Settled, None)]
#[case::draining("COMPLETED", 0, Some("COMPLETED"), Activity::Settled, None)]
#[case::on_its_way(
    "IN_PROGRESS",
    2,
    Some("COMPLETED"),
    Activity::RollingOut,
    Some("arn:td/web:1")
)]
#[case::failing(
    "IN_PROGRESS",
    3,
    Some("COMPLETED"),
    Activity::Failed,
    Some("arn:td/web:1")
)]
#[case::failed_and_stays("FAILED", 3, Some("COMPLETED"), Activity::Failed, Some("arn:td/web:1"))]
#[tokio::test]
async fn the_newest_rollout_and_what_completed_last(
    #[case] state: &str,
    #[case] failed: i32,
    #[case] earlier: Option<&str>,
    #[case] activity: Activity,
    #[case] completed: Option<&str>,
) {
    let older = earlier.map(|state| {
        Deployment::builder()
            .id("ecs-svc/1")
            .status("ACTIVE")
            .rollout_state(DeploymentRolloutState::from(state))
            .task_definition("arn:td/web:1")
            .build()
    });
    let deployments = std::iter::once(rollout(state, failed)).chain(older);
    let web = web(deployments.collect()).build();
    let live = survey(&[&described(vec![web])]).await;
    let last = live[0].completed.as_ref();
    assert_eq!(live[0].activity, activity);
    assert_eq!(last.map(|last| last.definition.as_str()), completed);
}

#[tokio::test]
async fn services_of_others_and_deleted_ones_say_so() {
    let controller = DeploymentController::builder().r#type(DeploymentControllerType::External);
    let foreign = web(Vec::new())
        .task_definition("arn:td/web:2")
        .deployment_controller(controller.build().unwrap());
    let deleted = service("api", "ecs-svc/3", "sd-3").status("DRAINING");
    let live = survey(&[&described(vec![foreign.build(), deleted.build()])]).await;
    let conditions: Vec<_> = live.into_iter().map(|live| live.condition).collect();
    assert_eq!(
        conditions,
        [
            ServiceCondition::Inactive,
            ServiceCondition::Foreign("EXTERNAL".to_owned())
        ]
    );
}

fn unsupported(condition: &ServiceCondition) -> Option<&str> {
    match condition {
        ServiceCondition::Active => None,
        ServiceCondition::Unsupported(how) => Some(how),
        other => panic!("{other:?}"),
    }
}

fn strategy(word: &str) -> Service {
    let configuration = DeploymentConfiguration::builder().strategy(DeploymentStrategy::from(word));
    web(vec![rollout("COMPLETED", 0)])
        .deployment_configuration(configuration.build())
        .build()
}

#[rstest]
#[case(strategy("ROLLING"), None)]
#[case(strategy("BLUE_GREEN"), None)]
#[case(strategy("LINEAR"), None)]
#[case(strategy("CANARY"), None)]
#[case(strategy("TOMORROW"), Some("TOMORROW"))]
#[case(web(vec![rollout("COMPLETED", 0)]).launch_type(LaunchType::Ec2).build(), None)]
#[case(web(vec![rollout("COMPLETED", 0)]).launch_type(LaunchType::External).build(), Some("EXTERNAL"))]
#[case(web(vec![rollout("COMPLETED", 0)]).scheduling_strategy(SchedulingStrategy::Daemon).build(), Some("DAEMON"))]
#[case(web(vec![rollout("COMPLETED", 0)]).resource_management_type("ECS".into()).build(), Some("Express"))]
#[case(
    web(vec![rollout("COMPLETED", 0)]).load_balancers(LoadBalancer::builder().load_balancer_name("old-one").build()).build(),
    Some("`old-one`")
)]
#[tokio::test]
async fn what_cannot_be_followed_is_refused_by_its_name(
    #[case] service: Service,
    #[case] expected: Option<&str>,
) {
    let live = survey(&[&described(vec![service])]).await;
    let said = unsupported(&live[0].condition);
    assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
    let expected = expected.unwrap_or_default();
    assert!(said.unwrap_or_default().contains(expected), "{said:?}");
}

#[rstest]
#[case(Some("bridge"), LaunchType::Ec2, Some("`bridge`"))]
#[case(Some("host"), LaunchType::Ec2, Some("`host`"))]
#[case(None, LaunchType::Ec2, Some("`bridge`"))]
#[case(Some("awsvpc"), LaunchType::Ec2, None)]
#[case(Some("awsvpc"), LaunchType::Fargate, None)]
#[tokio::test]
async fn tasks_without_an_interface_of_their_own_are_refused_by_their_network_mode(
    #[case] mode: Option<&str>,
    #[case] launch: LaunchType,
    #[case] expected: Option<&str>,
) {
    let web = web(vec![rollout("COMPLETED", 0)]).launch_type(launch);
    let live = survey(&[&documents(mode), &described(vec![web.build()])]).await;
    let said = unsupported(&live[0].condition);
    assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
    let expected = expected.unwrap_or_default();
    assert!(said.unwrap_or_default().contains(expected), "{said:?}");
}

#[tokio::test]
async fn who_else_judges_a_rollout_is_read() {
    let threshold = ThresholdConfiguration::builder()
        .r#type(ThresholdType::Count)
        .value(4)
        .build();
    let breaker = DeploymentCircuitBreaker::builder()
        .enable(true)
        .rollback(true)
        .threshold_configuration(threshold.unwrap());
    let alarms = DeploymentAlarms::builder()
        .alarm_names("slow")
        .enable(true)
        .rollback(true);
    let early = DeploymentEarlySuccessCriteria::builder()
        .enable(true)
        .healthy_percent(60);
    let configuration = DeploymentConfiguration::builder()
        .deployment_circuit_breaker(breaker.build())
        .alarms(alarms.build().unwrap())
        .early_success_criteria(early.build());
    let web = web(vec![rollout("COMPLETED", 0)]).deployment_configuration(configuration.build());
    let judges = survey(&[&described(vec![web.build()])])
        .await
        .remove(0)
        .judges;
    assert_eq!(judges.threshold, Some(Threshold::Tasks(4)));
    assert_eq!(
        (judges.alarms, judges.early),
        (vec!["slow".to_owned()], Some(60))
    );
}
