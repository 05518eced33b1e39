//! Tasks whose containers are local programs: what a client of ECS and of CloudWatch Logs sees of them.

#![expect(
    clippy::disallowed_methods,
    reason = "real programs take real time, and nothing tells anybody that they have done something"
)]

use std::time::{Duration, Instant};

use aws_sdk_ecs::types::{ContainerDefinition, KeyValuePair, LaunchType, Task};
use backstay_simulator::server::{Pace, ServerOptions, TaskRuntime};
use tempfile::TempDir;

use crate::support::{CLUSTER, SERVICE, Served, client, options};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every image of `jobs/…` is a shell; the service of the world sleeps.
fn programs() -> TaskRuntime {
    let programs = ["jobs/*=/bin/sh -c", "cat-house/auth=/bin/sleep 1000"];
    TaskRuntime::Process(programs.map(|text| text.parse().unwrap()).to_vec())
}

fn served() -> Served {
    Served::with(ServerOptions {
        tasks: programs(),
        ..options(Pace::Running(40.0))
    })
    .unwrap()
}

struct Client {
    ecs: aws_sdk_ecs::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
}

impl Client {
    fn of(served: &Served) -> Self {
        Self {
            ecs: client!(aws_sdk_ecs, served),
            logs: client!(aws_sdk_cloudwatchlogs, served),
        }
    }

    /// A task of one container that runs these lines of shell; its ARN.
    async fn run(&self, family: &str, script: &str) -> String {
        let container = ContainerDefinition::builder()
            .name("job")
            .image(format!("registry.example/jobs/{family}:1"))
            .command(script)
            .environment(
                KeyValuePair::builder()
                    .name("GREETING")
                    .value("hello")
                    .build(),
            )
            .stop_timeout(20)
            .log_configuration(
                aws_sdk_ecs::types::LogConfiguration::builder()
                    .log_driver(aws_sdk_ecs::types::LogDriver::Awslogs)
                    .options("awslogs-group", "/jobs")
                    .options("awslogs-region", "sa-east-1")
                    .options("awslogs-stream-prefix", "ecs")
                    .build()
                    .unwrap(),
            )
            .build();
        let register = self.ecs.register_task_definition().family(family);
        let register = register
            .network_mode(aws_sdk_ecs::types::NetworkMode::Awsvpc)
            .requires_compatibilities(aws_sdk_ecs::types::Compatibility::Fargate)
            .execution_role_arn("arn:aws:iam::123456789012:role/execution")
            .cpu("256")
            .memory("512");
        register
            .container_definitions(container)
            .send()
            .await
            .unwrap();
        let network =
            aws_sdk_ecs::types::AwsVpcConfiguration::builder().subnets("subnet-0a10000000000001a");
        let network = aws_sdk_ecs::types::NetworkConfiguration::builder()
            .awsvpc_configuration(network.build().unwrap())
            .build();
        let run = self.ecs.run_task().cluster(CLUSTER).task_definition(family);
        let run = run
            .launch_type(LaunchType::Fargate)
            .network_configuration(network);
        let answer = run.send().await.unwrap();
        answer.tasks()[0].task_arn().unwrap().to_owned()
    }

    async fn task(&self, arn: &str) -> Task {
        let describe = self.ecs.describe_tasks().cluster(CLUSTER).tasks(arn);
        describe.send().await.unwrap().tasks()[0].clone()
    }

    /// The task, as soon as it is in this state.
    async fn until(&self, arn: &str, status: &str) -> Task {
        let began = Instant::now();
        loop {
            let task = self.task(arn).await;
            if task.last_status() == Some(status) {
                return task;
            }
            assert!(began.elapsed() < PATIENCE, "never {status}: {task:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn lines(&self, arn: &str) -> Vec<String> {
        let id = arn.rsplit('/').next().unwrap();
        let get = self.logs.get_log_events().log_group_name("/jobs");
        let get = get
            .log_stream_name(format!("ecs/job/{id}"))
            .start_from_head(true);
        // The stream is there when its first line is.
        let Ok(answer) = get.send().await else {
            return Vec::new();
        };
        let lines = answer.events().iter();
        lines
            .map(|event| event.message().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_job_ends_with_its_own_code_and_says_its_own_lines() {
    let served = served();
    let client = Client::of(&served);
    let arn = client
        .run(
            "fails",
            "echo $GREETING; echo $AWS_ENDPOINT_URL >&2; exit 7",
        )
        .await;
    let task = client.until(&arn, "STOPPED").await;
    assert_eq!(task.containers()[0].exit_code(), Some(7));
    assert_eq!(
        task.stopped_reason(),
        Some("Essential container in task exited")
    );
    let mut lines = client.lines(&arn).await;
    lines.sort();
    // Two outputs, in whatever order.
    let mut expected = ["hello".to_owned(), served.url()];
    expected.sort();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_job_is_asked_to_end_and_then_made_to() {
    let served = served();
    let client = Client::of(&served);
    for (family, script, expected) in [
        (
            "polite",
            "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done",
            3,
        ),
        (
            "deaf",
            "trap '' TERM; echo ready; while :; do sleep 0.05; done",
            137,
        ),
    ] {
        let arn = client.run(family, script).await;
        client.until(&arn, "RUNNING").await;
        let began = Instant::now();
        while client.lines(&arn).await.is_empty() {
            assert!(began.elapsed() < PATIENCE, "{family} never said anything");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let stop = client.ecs.stop_task().cluster(CLUSTER).task(&arn);
        stop.reason("enough").send().await.unwrap();
        let task = client.until(&arn, "STOPPED").await;
        assert_eq!(task.containers()[0].exit_code(), Some(expected), "{family}");
        assert_eq!(task.stopped_reason(), Some("enough"), "{family}");
    }
}

#[tokio::test]
async fn what_cannot_be_started_never_ran() {
    let directory = TempDir::new().unwrap();
    let nowhere = directory.path().join("no-program").display().to_string();
    let runtime = TaskRuntime::Process(vec![format!("jobs/gone={nowhere}").parse().unwrap()]);
    let served = Served::with(ServerOptions {
        tasks: runtime,
        ..options(Pace::Running(40.0))
    })
    .unwrap();
    let client = Client::of(&served);
    for (family, says) in [
        ("unknown", "no --program stands for jobs/unknown"),
        ("gone", "no-program"),
    ] {
        let arn = client.run(family, "true").await;
        let task = client.until(&arn, "STOPPED").await;
        let reason = task.stopped_reason().unwrap();
        assert!(
            reason.starts_with("CannotStartContainerError: ") && reason.contains(says),
            "{reason}"
        );
        assert_eq!(task.containers()[0].exit_code(), None);
        assert_eq!(task.stop_code().unwrap().as_str(), "TaskFailedToStart");
    }
}

/// Who is there at the start has no container yet; each gets one, and they end with the server.
#[tokio::test]
async fn tasks_that_the_world_begins_with_run_too() {
    let marker = format!("1000.{}", std::process::id());
    let program = format!("cat-house/auth=/bin/sleep {marker}")
        .parse()
        .unwrap();
    let served = Served::with(ServerOptions {
        tasks: TaskRuntime::Process(vec![program]),
        ..options(Pace::Running(40.0))
    })
    .unwrap();
    let running = || {
        let listed = std::process::Command::new("pgrep")
            .args(["-fc", &format!("^/bin/sleep {marker}")])
            .output();
        String::from_utf8(listed.unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    };
    let began = Instant::now();
    while running() != "2" {
        assert!(began.elapsed() < PATIENCE, "{} run", running());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let picture = served.get("GET", "picture", &serde_json::Value::Null);
    assert_eq!(picture["services"][SERVICE]["running"], 2);
    served.end().unwrap();
    assert_eq!(running(), "0");
}
