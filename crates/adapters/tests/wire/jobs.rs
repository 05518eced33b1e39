//! One-off tasks: started once per key, looked at by ARN, with a whole log.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backstay_domain::app::{PublicAddress, TaskNetwork};
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
        (FailureKind::Unavailable, Effect::None)
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
