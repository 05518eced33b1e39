//! Live tasks and evidence: every page, the right targets, the right cause.

use aws_sdk_cloudwatchlogs::operation::get_log_events::{GetLogEventsInput, GetLogEventsOutput};
use aws_sdk_cloudwatchlogs::types::OutputLogEvent;
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::operation::describe_tasks::DescribeTasksOutput;
use aws_sdk_ecs::operation::list_tasks::ListTasksOutput;
use aws_sdk_ecs::types::{
    Attachment, Container, DesiredStatus, KeyValuePair, LoadBalancer, ServiceEvent, Task,
    TaskStopCode,
};
use aws_sdk_elasticloadbalancingv2::operation::describe_target_health::DescribeTargetHealthOutput;
use aws_sdk_elasticloadbalancingv2::types::{
    TargetDescription, TargetHealth, TargetHealthDescription, TargetHealthStateEnum,
};
use aws_smithy_mocks::mock;
use backstay_domain::observation::{Evidence, StopCause, TargetState, TaskState};
use serde_json::json;
use std::sync::Arc;

use super::*;

fn task(number: usize) -> aws_sdk_ecs::types::builders::TaskBuilder {
    let address = KeyValuePair::builder()
        .name("privateIPv4Address")
        .value(format!("10.0.0.{number}"));
    let container = Container::builder()
        .name("web")
        .image_digest(format!("sha256:{}", "a".repeat(64)));
    Task::builder()
        .task_arn(format!("arn:task/c/{number}"))
        .task_definition_arn("arn:td/web:2")
        .last_status("RUNNING")
        .desired_status("RUNNING")
        .started_by("ecs-svc/2")
        .attachments(Attachment::builder().details(address.build()).build())
        .containers(container.build())
}

fn number(arn: &str) -> usize {
    arn.rsplit('/').next().unwrap().parse().unwrap()
}

fn described(service: Service) -> Rule {
    always!(
        aws_sdk_ecs,
        describe_services,
        DescribeServicesOutput::builder()
            .services(service.clone())
            .build()
    )
}

fn balanced() -> Service {
    let balancer = LoadBalancer::builder()
        .target_group_arn("tg")
        .container_port(80);
    let web = service("web", "ecs-svc/2", "sd-2");
    web.load_balancers(balancer.build()).build()
}

/// What each target group says, a page of it.
fn health(rows: &'static [(&'static str, TargetHealthStateEnum)]) -> Rule {
    let row = |(address, state): &(&str, TargetHealthStateEnum)| {
        let healthy = *state == TargetHealthStateEnum::Healthy;
        let why = (!healthy).then(|| "Health checks failed with these codes: [503]".to_owned());
        let health = TargetHealth::builder()
            .state(state.clone())
            .set_description(why);
        TargetHealthDescription::builder()
            .target(TargetDescription::builder().id(*address).port(80).build())
            .target_health(health.build())
            .build()
    };
    always!(
        aws_sdk_elasticloadbalancingv2,
        describe_target_health,
        DescribeTargetHealthOutput::builder()
            .set_target_health_descriptions(Some(rows.iter().map(row).collect()))
            .build()
    )
}

const TWO: &[(&str, TargetHealthStateEnum)] = &[
    ("10.0.0.1", TargetHealthStateEnum::Healthy),
    ("10.0.0.2", TargetHealthStateEnum::Unhealthy),
];

fn listed(numbers: impl Iterator<Item = usize>, next: Option<&str>) -> ListTasksOutput {
    ListTasksOutput::builder()
        .set_task_arns(Some(numbers.map(|n| format!("arn:task/c/{n}")).collect()))
        .set_next_token(next.map(str::to_owned))
        .build()
}

fn running() -> Rule {
    mock!(aws_sdk_ecs::Client::describe_tasks).then_compute_output(|sent| {
        let tasks = sent.tasks().iter().map(|arn| task(number(arn)).build());
        DescribeTasksOutput::builder()
            .set_tasks(Some(tasks.collect()))
            .build()
    })
}

fn cloud(ecs_rules: &[&Rule], balancers: &[&Rule], logs: &[&Rule]) -> AwsCloud<()> {
    AwsCloud {
        balancers: mocked!(aws_sdk_elasticloadbalancingv2, balancers),
        logs: mocked!(aws_sdk_cloudwatchlogs, logs),
        ..ecs(ecs_rules)
    }
}

#[tokio::test]
async fn every_page_of_tasks_is_read_and_matched_to_its_targets() {
    let first = mock!(aws_sdk_ecs::Client::list_tasks)
        .match_requests(|sent| sent.next_token().is_none() && sent.service_name() == Some("web"))
        .sequence()
        .output(|| listed(1..101, Some("more")))
        .build();
    let second = mock!(aws_sdk_ecs::Client::list_tasks)
        .match_requests(|sent| sent.next_token() == Some("more"))
        .sequence()
        // An empty token is no page.
        .output(|| listed(101..121, Some("")))
        .build();
    let (tasks, health) = (running(), health(TWO));
    let rules = [&described(balanced()), &first, &second, &tasks];
    let view = cloud(&rules, &[&health], &[])
        .live_tasks(&locator("web"))
        .await;
    let view = view.unwrap();
    assert_eq!((view.desired, view.tasks.len()), (2, 120));
    assert_eq!((tasks.num_calls(), health.num_calls()), (2, 1));
    let first = &view.tasks[0];
    assert_eq!(
        (first.running, first.target.clone(), first.digests.len()),
        (TaskState::Running, TargetState::Healthy, 1)
    );
    let unhealthy = |why: &str| TargetState::Unhealthy(why.to_owned());
    let second = "unhealthy: Health checks failed with these codes: [503]";
    assert_eq!(view.tasks[1].target, unhealthy(second));
    assert_eq!(view.tasks[2].target, unhealthy("not registered"));
}

#[tokio::test]
async fn a_service_without_a_balancer_costs_no_call_to_one() {
    let web = service("web", "ecs-svc/2", "sd-2").build();
    let list = always!(aws_sdk_ecs, list_tasks, listed(1..2, None));
    let cloud = cloud(&[&described(web), &list, &running()], &[], &[]);
    let view = cloud.live_tasks(&locator("web")).await.unwrap();
    assert_eq!(view.tasks[0].target, TargetState::NotBalanced);
}

/// The tasks are a witness of their own.
#[tokio::test]
async fn targets_that_may_not_be_asked_for_hide_no_task() {
    let denied = refused!(
        aws_sdk_elasticloadbalancingv2,
        describe_target_health,
        DescribeTargetHealthError,
        "AccessDenied"
    );
    let list = always!(aws_sdk_ecs, list_tasks, listed(1..2, None));
    let rules = [&described(balanced()), &list, &running()];
    let view = cloud(&rules, &[&denied], &[])
        .live_tasks(&locator("web"))
        .await;
    match &view.unwrap().tasks[0].target {
        TargetState::Unheard(failure) => assert_eq!(failure.message, "AccessDenied: because"),
        other => panic!("{other:?}"),
    }
}

/// Tasks 7, 8 and 9 ended: for their target group, by themselves, and as part of another revision.
fn ended(number: usize) -> Task {
    let (definition, at, code, reason, exit) = match number {
        7 => (
            "arn:td/web:2",
            1500.0,
            TaskStopCode::ServiceSchedulerInitiated,
            "Task failed ELB health checks in (target-group tg)",
            137,
        ),
        8 => (
            "arn:td/web:2",
            1600.5,
            TaskStopCode::EssentialContainerExited,
            "Essential container in task exited",
            3,
        ),
        _ => (
            "arn:td/web:1",
            1700.0,
            TaskStopCode::ServiceSchedulerInitiated,
            "Scaling activity initiated by (deployment ecs-svc/2)",
            0,
        ),
    };
    let container = Container::builder().name("web").exit_code(exit).build();
    task(number)
        .task_definition_arn(definition)
        .set_containers(Some(vec![container]))
        .last_status("STOPPED")
        .desired_status("STOPPED")
        .stopped_at(DateTime::from_secs_f64(at))
        .stop_code(code)
        .stopped_reason(reason)
        .build()
}

async fn evidence(logs: &Rule) -> Evidence {
    let event = ServiceEvent::builder()
        .id("e1")
        .created_at(DateTime::from_secs(2000))
        .message(
            "(service web) was unable to place a task. Reason: Capacity is unavailable at this time.",
        );
    let mut web = balanced();
    web.events = Some(vec![event.build()]);
    let list = mock!(aws_sdk_ecs::Client::list_tasks).then_compute_output(|sent| {
        match sent.desired_status() {
            Some(DesiredStatus::Stopped) => listed(7..10, None),
            _ => listed(1..3, None),
        }
    });
    let tasks = mock!(aws_sdk_ecs::Client::describe_tasks).then_compute_output(|sent| {
        let tasks = sent.tasks().iter().map(|arn| match number(arn) {
            number @ 7.. => ended(number),
            number => task(number).build(),
        });
        DescribeTasksOutput::builder()
            .set_tasks(Some(tasks.collect()))
            .build()
    });
    let cloud = cloud(&[&described(web), &list, &tasks], &[&health(TWO)], &[logs]);
    let options = json!({"awslogs-group": "g", "awslogs-stream-prefix": "p"});
    let container = json!({"name": "web",
        "logConfiguration": {"logDriver": "awslogs", "options": options}});
    let newest = definition("arn:td/web:2");
    let document = Arc::new(json!({"containerDefinitions": [container]}));
    cloud.memory.remember_document(&newest, document);
    let gathered = cloud.gather_evidence(&locator("web"), &newest).await;
    gathered.unwrap()
}

#[tokio::test]
async fn evidence_is_of_one_definition_newest_first_with_causes_and_a_log() {
    let wanted = GetLogEventsInput::builder()
        .log_group_name("g")
        .log_stream_name("p/web/8")
        .start_from_head(false)
        .limit(20)
        .build()
        .unwrap();
    let said = |text: &str| OutputLogEvent::builder().message(text).build();
    let logs = mock!(aws_sdk_cloudwatchlogs::Client::get_log_events)
        .match_requests(move |sent| *sent == wanted)
        .sequence()
        .output(move || {
            GetLogEventsOutput::builder()
                .events(said("boot\n"))
                .events(said("KeyError: DATABASE_URL"))
                .build()
        })
        .build();
    let evidence = evidence(&logs).await;
    let stopped = evidence.stopped.iter().map(|s| (s.task.as_str(), &s.cause));
    assert_eq!(
        stopped.collect::<Vec<_>>(),
        [
            ("arn:task/c/8", &StopCause::Exited(3)),
            ("arn:task/c/7", &StopCause::TargetCheck),
            ("event/e1", &StopCause::NoCapacity),
        ]
    );
    let of = |s: &backstay_domain::observation::StoppedTask| s.rollout.clone().unwrap();
    assert!(
        evidence
            .stopped
            .iter()
            .all(|s| of(s).as_str() == "ecs-svc/2")
    );
    let newest = evidence.stopped[0].stopped_at.unwrap();
    assert_eq!(newest.to_string(), "1970-01-01T00:26:40.5Z");
    let unhealthy = evidence.unhealthy.iter().map(|u| u.task.as_str());
    assert_eq!(unhealthy.collect::<Vec<_>>(), ["arn:task/c/2"]);
    assert_eq!(evidence.log, ["boot", "KeyError: DATABASE_URL"]);
}

#[tokio::test]
async fn evidence_without_a_log_is_still_evidence() {
    let denied = refused!(
        aws_sdk_cloudwatchlogs,
        get_log_events,
        GetLogEventsError,
        "AccessDeniedException"
    );
    let evidence = evidence(&denied).await;
    assert_eq!((evidence.stopped.len(), evidence.log.len()), (3, 0));
}
