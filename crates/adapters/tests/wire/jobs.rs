//! One-off tasks on the wire: what is sent, and a reply that is lost.

use std::io::ErrorKind;

use backstay_domain::app::{Capacity, PublicAddress, TaskNetwork};
use backstay_domain::definition::Definition;
use backstay_domain::ports::{Effect, JobAnswer, JobRequest, Jobs};
use backstay_domain::{DefinitionRef, IdempotencyKey};
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
        answer: JobAnswer::ExitCode,
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
async fn a_lost_reply_is_unknown_and_not_repeated() {
    let aws = Aws::new(|_| Answer::Lost(ErrorKind::ConnectionReset));
    let failure = aws.cloud().start(&request()).await.unwrap_err();
    assert_eq!((failure.effect, aws.count("RunTask")), (Effect::Unknown, 1));
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
