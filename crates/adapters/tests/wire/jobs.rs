//! One-off tasks: started once per key, looked at by ARN, with a whole log.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backstay_domain::app::{Capacity, PublicAddress, TaskNetwork};
use backstay_domain::definition::Definition;
use backstay_domain::observation::JobState;
use backstay_domain::ports::{Effect, FailureKind, JobRequest, Jobs};
use backstay_domain::{DefinitionRef, IdempotencyKey, TaskId};
use serde_json::{Value, json};

use crate::scripted::{Answer, Aws};

fn request() -> JobRequest {
    JobRequest {
        cluster: "c".to_owned(),
        definition: DefinitionRef::parse("arn:td/migrate:1").unwrap(),
        container: "migrate".to_owned(),
        command: vec![
            "alembic".to_owned(),
            "upgrade".to_owned(),
            "head".to_owned(),
        ],
        network: TaskNetwork {
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            public_address: PublicAddress::Disabled,
        },
        capacity: Capacity::Kind("FARGATE".to_owned()),
        key: IdempotencyKey::parse("d-1234-up").unwrap(),
        started_by: "d-1234".to_owned(),
    }
}

#[tokio::test]
async fn a_task_is_started_with_the_key_as_its_token() {
    let aws =
        Aws::new(|_| Answer::Json(json!({"tasks": [{"taskArn": "arn:task/c/1"}], "failures": []})));
    assert_eq!(
        aws.cloud().start(&request()).await.unwrap().as_str(),
        "arn:task/c/1"
    );
    assert_eq!(
        aws.asked("RunTask")[0].json(),
        json!({"cluster": "c", "taskDefinition": "arn:td/migrate:1", "count": 1, "launchType": "FARGATE",
            "clientToken": "d-1234-up", "startedBy": "d-1234",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}},
            "overrides": {"containerOverrides": [{"name": "migrate", "command": ["alembic", "upgrade", "head"]}]}})
    );
}

#[tokio::test(start_paused = true)]
async fn failures_under_200_and_lost_replies_are_told_apart() {
    let aws =
        Aws::new(|_| Answer::Json(json!({"tasks": [], "failures": [{"reason": "RESOURCE:ENI"}]})));
    let failure = aws.cloud().start(&request()).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Throttled, Effect::None)
    );
    let aws = Aws::new(|_| Answer::Lost(ErrorKind::ConnectionReset));
    let failure = aws.cloud().start(&request()).await.unwrap_err();
    assert_eq!((failure.effect, aws.count("RunTask")), (Effect::Unknown, 1));
}

fn looked(task: Value, log: impl Fn() -> Answer + Send + Sync + 'static) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeTasks" => Answer::Json(json!({"tasks": [task], "failures": []})),
        "DescribeTaskDefinition" => Answer::Json(
            json!({"taskDefinition": {"containerDefinitions": [{"name": "migrate",
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-stream-prefix": "p"}}}]}}),
        ),
        "GetLogEvents" => log(),
        other => panic!("{other}"),
    })
}

fn task(exit: Value) -> Value {
    json!({"taskArn": "arn:task/c/1", "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "startedAt": 1.0,
        "containers": [{"name": "guardduty", "exitCode": 1}, {"name": "migrate", "exitCode": exit}]})
}

async fn unread(aws: &Aws) -> Option<String> {
    let task = TaskId::parse("arn:task/c/1").unwrap();
    aws.cloud().look(&request(), &task).await.unwrap().unread
}

async fn look(aws: &Aws) -> (JobState, Vec<String>) {
    let view = aws
        .cloud()
        .look(&request(), &TaskId::parse("arn:task/c/1").unwrap())
        .await
        .unwrap();
    (view.state, view.log)
}

#[tokio::test(start_paused = true)]
async fn the_log_is_read_until_it_stays_the_same() {
    let reads = Arc::new(AtomicUsize::new(0));
    let aws = looked(task(json!(0)), move || {
        match reads.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::Error(400, "ResourceNotFoundException"),
            1 => Answer::Json(json!({"events": [{"message": "one"}]})),
            _ => Answer::Json(json!({"events": [{"message": "one"}, {"message": "8f2 (head)"}]})),
        }
    });
    let expected = vec!["one".to_owned(), "8f2 (head)".to_owned()];
    assert_eq!(look(&aws).await, (JobState::Exited(0), expected));
    assert_eq!(aws.count("GetLogEvents"), 4);
    assert_eq!(
        aws.asked("GetLogEvents")[0].json()["logStreamName"],
        json!("p/migrate/1")
    );
}

#[tokio::test(start_paused = true)]
async fn a_log_that_may_not_be_read_leaves_the_verdict() {
    let aws = looked(task(json!(1)), || {
        Answer::Error(400, "AccessDeniedException")
    });
    assert_eq!(look(&aws).await, (JobState::Exited(1), Vec::new()));
    let why = unread(&aws).await.unwrap();
    assert!(why.contains("logs.GetLogEvents"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_log_is_not_one_that_could_not_be_read() {
    let aws = looked(task(json!(0)), || Answer::Json(json!({"events": []})));
    assert_eq!(look(&aws).await, (JobState::Exited(0), Vec::new()));
    assert_eq!(unread(&aws).await, None);
    // It may be late: it is looked at for a while.
    assert_eq!(aws.count("GetLogEvents"), 20);
}

#[tokio::test]
async fn it_runs_on_what_is_configured_or_on_what_its_definition_allows() {
    let fargate = json!({"launchType": "FARGATE"});
    let provider =
        json!({"capacityProviderStrategy": [{"capacityProvider": "arm", "weight": 1, "base": 0}]});
    let rows = [
        (
            Capacity::Kind("EC2".to_owned()),
            json!(["FARGATE"]),
            json!({"launchType": "EC2"}),
        ),
        (
            Capacity::Provider("arm".to_owned()),
            json!(["FARGATE"]),
            provider,
        ),
        (
            Capacity::AsDefined,
            json!(["EC2", "FARGATE"]),
            fargate.clone(),
        ),
        (Capacity::AsDefined, json!(null), fargate),
        (Capacity::AsDefined, json!(["EC2"]), json!({})),
        (Capacity::AsDefined, json!(["MANAGED_INSTANCES"]), json!({})),
    ];
    for (capacity, required, expected) in rows {
        let asked = required.clone();
        let aws = Aws::new(move |asked_for| match asked_for.operation.as_str() {
            "RunTask" => {
                Answer::Json(json!({"tasks": [{"taskArn": "arn:task/c/1"}], "failures": []}))
            }
            _ => Answer::Json(json!({"taskDefinition": {"requiresCompatibilities": asked}})),
        });
        let request = JobRequest {
            capacity: capacity.clone(),
            ..request()
        };
        aws.cloud().start(&request).await.unwrap();
        let sent = aws.asked("RunTask")[0].json();
        for key in ["launchType", "capacityProviderStrategy"] {
            assert_eq!(sent.get(key), expected.get(key), "{capacity:?} {required}");
        }
    }
}

#[tokio::test]
async fn every_task_of_the_family_that_runs_is_found() {
    let aws = Aws::new(|asked| match (asked.operation.as_str(), asked.json()) {
        ("ListTasks", sent) if sent["desiredStatus"] == "STOPPED" => {
            Answer::Json(json!({"taskArns": ["arn:task/c/3", "arn:task/c/4"]}))
        }
        ("ListTasks", sent) if sent["nextToken"] == "more" => {
            Answer::Json(json!({"taskArns": ["arn:task/c/2"]}))
        }
        ("ListTasks", sent) => {
            assert_eq!(sent["family"], "migrate");
            Answer::Json(json!({"taskArns": ["arn:task/c/1", "arn:task/c/5"], "nextToken": "more"}))
        }
        ("DescribeTasks", sent) => {
            let of = |arn: &Value| match arn.as_str().unwrap() {
                "arn:task/c/1" => {
                    json!({"taskArn": arn, "lastStatus": "PENDING", "startedBy": "d-1"})
                }
                "arn:task/c/2" => json!({"taskArn": arn, "lastStatus": "RUNNING"}),
                // Told to stop, and running still.
                "arn:task/c/3" => {
                    json!({"taskArn": arn, "lastStatus": "STOPPING", "startedBy": "me"})
                }
                "arn:task/c/5" => {
                    json!({"taskArn": arn, "lastStatus": "RUNNING", "startedBy": "ecs-svc/1"})
                }
                _ => json!({"taskArn": arn, "lastStatus": "STOPPED"}),
            };
            let tasks: Vec<Value> = sent["tasks"].as_array().unwrap().iter().map(of).collect();
            Answer::Json(json!({"tasks": tasks, "failures": []}))
        }
        (other, _) => panic!("{other}"),
    });
    let definition = Definition::new(json!({"family": "migrate"}));
    let found = aws.cloud().running("c", &definition).await.unwrap();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
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
async fn a_task_is_asked_to_stop_and_a_forgotten_one_is_no_trouble() {
    let task = TaskId::parse("arn:task/c/1").unwrap();
    let aws = Aws::new(|_| Answer::Json(json!({"task": {"taskArn": "arn:task/c/1"}})));
    aws.cloud()
        .stop(&request(), &task, "it took too long")
        .await
        .unwrap();
    assert_eq!(
        aws.asked("StopTask")[0].json(),
        json!({"cluster": "c", "task": "arn:task/c/1", "reason": "it took too long"})
    );
    let aws = Aws::new(|_| Answer::Error(400, "InvalidParameterException"));
    aws.cloud().stop(&request(), &task, "").await.unwrap();
}

#[test]
fn a_log_that_nobody_can_read_is_known_from_the_definition() {
    let aws = Aws::new(|asked| panic!("{}", asked.operation));
    let said = |log: Value| {
        let container = json!({"name": "migrate", "logConfiguration": log});
        let definition =
            Definition::new(json!({"family": "m", "containerDefinitions": [container]}));
        aws.cloud().unreadable(&definition, "migrate")
    };
    let awslogs = |options: Value| json!({"logDriver": "awslogs", "options": options});
    let whole = json!({"awslogs-group": "g", "awslogs-stream-prefix": "p", "mode": "non-blocking"});
    assert_eq!(said(awslogs(whole)), None);
    let rows = [
        (json!(null), "container `migrate` has no logConfiguration"),
        (
            json!({"logDriver": "awsfirelens"}),
            "container `migrate` logs with awsfirelens; only what `awslogs` writes can be read",
        ),
        (
            awslogs(json!({"awslogs-group": "g"})),
            "container `migrate` logs without `awslogs-stream-prefix`",
        ),
        (
            awslogs(json!({"awslogs-stream-prefix": "p"})),
            "container `migrate` logs without `awslogs-group`",
        ),
    ];
    for (log, expected) in rows {
        assert_eq!(said(log).as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn running_and_vanished_tasks_cost_one_call() {
    let aws = looked(
        json!({"taskArn": "arn:task/c/1", "lastStatus": "PENDING"}),
        || panic!("no log yet"),
    );
    assert_eq!(look(&aws).await, (JobState::Running, Vec::new()));
    let aws = Aws::new(|_| {
        Answer::Json(
            json!({"tasks": [], "failures": [{"arn": "arn:task/c/1", "reason": "MISSING"}]}),
        )
    });
    assert_eq!(look(&aws).await, (JobState::Vanished, Vec::new()));
    assert_eq!(aws.picture(), ["DescribeTasks"]);
}
