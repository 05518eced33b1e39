//! One-off tasks: started once per key, looked at by ARN, with a whole log, and found by their family.

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::operation::get_log_events::{GetLogEventsError, GetLogEventsOutput};
use aws_sdk_cloudwatchlogs::types::OutputLogEvent;
use aws_sdk_ecs::operation::describe_tasks::DescribeTasksOutput;
use aws_sdk_ecs::operation::list_tasks::ListTasksOutput;
use aws_sdk_ecs::operation::run_task::{RunTaskInput, RunTaskOutput};
use aws_sdk_ecs::operation::stop_task::{StopTaskInput, StopTaskOutput};
use aws_sdk_ecs::types::{
    CapacityProviderStrategyItem, Container, DesiredStatus, Failure, LaunchType, Task, TaskStopCode,
};
use aws_smithy_mocks::mock;
use backstay_domain::IdempotencyKey;
use backstay_domain::app::{Capacity, PublicAddress, TaskNetwork};
use backstay_domain::definition::Definition;
use backstay_domain::observation::{JobState, JobView};
use backstay_domain::ports::{Effect, FailureKind, JobAnswer, JobRequest};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn request(capacity: Capacity) -> JobRequest {
    JobRequest {
        cluster: "c".to_owned(),
        definition: definition("arn:td/migrate:1"),
        container: "migrate".to_owned(),
        command: vec!["alembic".to_owned()],
        network: TaskNetwork {
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            public_address: PublicAddress::Disabled,
        },
        capacity,
        key: IdempotencyKey::parse("d-1234-up").unwrap(),
        started_by: "d-1234".to_owned(),
        answer: JobAnswer::ExitCode,
    }
}

fn fargate() -> JobRequest {
    request(Capacity::Kind("FARGATE".to_owned()))
}

fn knows(cloud: &AwsCloud<()>, document: Value) {
    let migrate = definition("arn:td/migrate:1");
    cloud.memory.remember_document(&migrate, Arc::new(document));
}

fn started(fits: impl Fn(&RunTaskInput) -> bool + Send + Sync + 'static) -> Rule {
    mock!(aws_sdk_ecs::Client::run_task)
        .match_requests(fits)
        .sequence()
        .output(|| {
            let task = Task::builder().task_arn("arn:task/c/1");
            RunTaskOutput::builder().tasks(task.build()).build()
        })
        .build()
}

#[rstest]
#[case::capacity("RESOURCE:ENI", FailureKind::Throttled)]
#[case::agent("AGENT", FailureKind::Rejected)]
#[tokio::test]
async fn a_task_that_was_not_placed_was_not_started(
    #[case] reason: &'static str,
    #[case] kind: FailureKind,
) {
    let run = always!(
        aws_sdk_ecs,
        run_task,
        RunTaskOutput::builder()
            .failures(Failure::builder().reason(reason).build())
            .build()
    );
    let failure = ecs(&[&run]).run_task(&fargate()).await.unwrap_err();
    assert_eq!((failure.kind, failure.effect), (kind, Effect::None));
    assert_eq!(run.num_calls(), 1);
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_no_answer() {
    let run = always!(aws_sdk_ecs, run_task, RunTaskOutput::builder().build());
    let failure = ecs(&[&run]).run_task(&fargate()).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, Effect::Unknown)
    );
}

/// Configured: a launch type, or a provider; else what the definition allows.
#[rstest]
#[case(Capacity::Kind("EC2".to_owned()), json!(["FARGATE"]), Some(LaunchType::Ec2), None)]
#[case(Capacity::Provider("arm".to_owned()), json!(["FARGATE"]), None, Some("arm"))]
#[case(Capacity::AsDefined, json!(["EC2", "FARGATE"]), Some(LaunchType::Fargate), None)]
#[case(Capacity::AsDefined, json!([]), Some(LaunchType::Fargate), None)]
#[case(Capacity::AsDefined, json!(null), Some(LaunchType::Fargate), None)]
#[case(Capacity::AsDefined, json!(["EC2"]), None, None)]
#[case(Capacity::AsDefined, json!(["MANAGED_INSTANCES"]), None, None)]
#[tokio::test]
async fn it_runs_on_what_is_configured_or_on_what_its_definition_allows(
    #[case] capacity: Capacity,
    #[case] required: Value,
    #[case] launch: Option<LaunchType>,
    #[case] provider: Option<&'static str>,
) {
    let wanted: Vec<_> = provider
        .map(|name| {
            let item = CapacityProviderStrategyItem::builder().capacity_provider(name);
            item.weight(1).build().unwrap()
        })
        .into_iter()
        .collect();
    let run = started(move |sent| {
        sent.launch_type() == launch.as_ref() && sent.capacity_provider_strategy() == wanted
    });
    let cloud = ecs(&[&run]);
    knows(&cloud, json!({"requiresCompatibilities": required}));
    let task = cloud.run_task(&request(capacity)).await.unwrap();
    assert_eq!(task.as_str(), "arn:task/c/1");
}

fn ended(exit: Option<i32>) -> Task {
    let sidecar = Container::builder().name("guardduty").exit_code(1);
    let migrate = Container::builder().name("migrate").set_exit_code(exit);
    Task::builder()
        .task_arn("arn:task/c/1")
        .last_status("STOPPED")
        .stop_code(TaskStopCode::EssentialContainerExited)
        .started_at(DateTime::from_secs(1))
        .containers(sidecar.build())
        .containers(migrate.build())
        .build()
}

async fn look(task: Option<Task>, logs: &[&Rule]) -> JobView {
    let described = always!(
        aws_sdk_ecs,
        describe_tasks,
        DescribeTasksOutput::builder()
            .set_tasks(Some(task.clone().into_iter().collect()))
            .build()
    );
    let cloud = AwsCloud {
        logs: mocked!(aws_sdk_cloudwatchlogs, logs),
        ..ecs(&[&described])
    };
    let options = json!({"awslogs-group": "g", "awslogs-stream-prefix": "p"});
    let container = json!({"name": "migrate",
        "logConfiguration": {"logDriver": "awslogs", "options": options}});
    knows(&cloud, json!({"containerDefinitions": [container]}));
    let view = cloud
        .look_at_task(&fargate(), &task_id("arn:task/c/1"))
        .await;
    assert_eq!(described.num_calls(), 1);
    view.unwrap()
}

fn lines(lines: &[&str]) -> GetLogEventsOutput {
    let said = |text: &&str| OutputLogEvent::builder().message(*text).build();
    GetLogEventsOutput::builder()
        .set_events(Some(lines.iter().map(said).collect()))
        .build()
}

#[tokio::test(start_paused = true)]
async fn the_log_is_read_until_it_stays_the_same() {
    let absent = || GetLogEventsError::generic(coded("ResourceNotFoundException"));
    let logs = mock!(aws_sdk_cloudwatchlogs::Client::get_log_events)
        .match_requests(|sent| sent.log_stream_name() == Some("p/migrate/1"))
        .sequence()
        .error(absent)
        .output(|| lines(&["one"]))
        .output(|| lines(&["one", "8f2 (head)"]))
        .repeatedly()
        .build();
    let view = look(Some(ended(Some(0))), &[&logs]).await;
    assert_eq!(view.state, JobState::Exited(0));
    assert_eq!(view.log, ["one", "8f2 (head)"]);
    assert_eq!(logs.num_calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_may_not_be_read_leaves_the_verdict() {
    let denied = refused!(
        aws_sdk_cloudwatchlogs,
        get_log_events,
        GetLogEventsError,
        "AccessDeniedException"
    );
    let view = look(Some(ended(Some(1))), &[&denied]).await;
    assert_eq!((view.state, view.log.len()), (JobState::Exited(1), 0));
    let why = view.unread.unwrap();
    assert!(why.contains("logs.GetLogEvents"), "{why}");
}

/// It may be late: it is looked at for a while.
#[tokio::test(start_paused = true)]
async fn an_empty_log_is_not_one_that_could_not_be_read() {
    let logs = always!(aws_sdk_cloudwatchlogs, get_log_events, lines(&[]));
    let view = look(Some(ended(Some(0))), &[&logs]).await;
    assert_eq!((view.state, view.unread), (JobState::Exited(0), None));
    assert_eq!(logs.num_calls(), 10);
}

#[tokio::test]
async fn running_and_vanished_tasks_cost_one_call() {
    let pending = Task::builder()
        .task_arn("arn:task/c/1")
        .last_status("PENDING");
    let view = look(Some(pending.build()), &[]).await;
    assert_eq!(view.state, JobState::Running);
    assert_eq!(look(None, &[]).await.state, JobState::Vanished);
}

#[tokio::test]
async fn every_task_of_the_family_that_runs_is_found() {
    let page = |arns: &[&str], next: Option<&str>| {
        ListTasksOutput::builder()
            .set_task_arns(Some(arns.iter().map(|arn| (*arn).to_owned()).collect()))
            .set_next_token(next.map(str::to_owned))
            .build()
    };
    let list = mock!(aws_sdk_ecs::Client::list_tasks)
        .match_requests(|sent| sent.family() == Some("migrate"))
        .then_compute_output(
            move |sent| match (sent.desired_status(), sent.next_token()) {
                (Some(DesiredStatus::Stopped), _) => page(&["t/3", "t/4"], None),
                (_, Some("more")) => page(&["t/2"], None),
                (_, _) => page(&["t/1", "t/5"], Some("more")),
            },
        );
    let tasks = mock!(aws_sdk_ecs::Client::describe_tasks).then_compute_output(|sent| {
        let task = |arn: &String| {
            let (last, by) = match arn.as_str() {
                "t/1" => ("PENDING", Some("d-1")),
                "t/2" => ("RUNNING", None),
                // Told to stop, and running still.
                "t/3" => ("STOPPING", Some("me")),
                "t/5" => ("RUNNING", Some("ecs-svc/1")),
                _ => ("STOPPED", None),
            };
            Task::builder()
                .task_arn(arn)
                .last_status(last)
                .set_started_by(by.map(str::to_owned))
                .build()
        };
        DescribeTasksOutput::builder()
            .set_tasks(Some(sent.tasks().iter().map(task).collect()))
            .build()
    });
    let migration = Definition::new(json!({"family": "migrate"}));
    let found = ecs(&[&list, &tasks]).running_tasks("c", &migration).await;
    let found: Vec<String> = found.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "task 1 (started by d-1)",
            "task 2",
            "task 3 (started by me)"
        ]
    );
}

#[tokio::test]
async fn a_task_is_asked_to_stop_with_a_reason_that_ecs_takes() {
    let wanted = StopTaskInput::builder()
        .cluster("c")
        .task("arn:task/c/1")
        .reason("x".repeat(255))
        .build()
        .unwrap();
    let stop = mock!(aws_sdk_ecs::Client::stop_task)
        .match_requests(move |sent| *sent == wanted)
        .sequence()
        .output(|| StopTaskOutput::builder().build())
        .build();
    let why = "x".repeat(300);
    let stopped = ecs(&[&stop])
        .stop_task(&fargate(), &task_id("arn:task/c/1"), &why)
        .await;
    stopped.unwrap();
}

/// Throttled once, then done: the SDK repeats it.
#[tokio::test(start_paused = true)]
async fn stopping_is_repeated_where_ecs_was_too_busy() {
    use aws_sdk_ecs::operation::stop_task::StopTaskError;
    let stop = mock!(aws_sdk_ecs::Client::stop_task)
        .sequence()
        .error(|| StopTaskError::generic(coded("ThrottlingException")))
        .output(|| StopTaskOutput::builder().build())
        .build();
    let stopped = ecs(&[&stop])
        .stop_task(&fargate(), &task_id("t"), "late")
        .await;
    stopped.unwrap();
    assert_eq!(stop.num_calls(), 2);
}
