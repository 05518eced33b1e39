//! Witnesses that have nothing to say yet: asked with the very operations that will be asked for them, and told apart.

use backstay_domain::ports::{FailureKind, Services};
use backstay_domain::verdict::WitnessKind;
use rstest::rstest;
use serde_json::{Value, json};

use crate::scripted::{Answer, Aws, locator};

/// A service that never had a task nor a record.
fn idle() -> Value {
    json!({"serviceName": "web", "serviceArn": "arn:aws:ecs:sa-east-1:1:service/c/web", "status": "ACTIVE",
        "desiredCount": 2, "runningCount": 0, "pendingCount": 0, "events": [],
        "loadBalancers": [{"targetGroupArn": "tg", "containerName": "web", "containerPort": 80}],
        "deployments": [{"id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": "arn:td/web:2",
            "rolloutState": "IN_PROGRESS", "createdAt": 1000.5, "runningCount": 0, "failedTasks": 0}]})
}

const NO_TARGETS: &str = "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>\
    </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>";

/// ELB answers in XML.
const DENIED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

/// An AWS that denies this operation.
fn denying(denied: &'static str) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeTargetHealth" if denied == "DescribeTargetHealth" => {
            Answer::Raw(403, Vec::new(), DENIED.as_bytes().to_vec())
        }
        operation if operation == denied => Answer::Error(400, "AccessDeniedException"),
        "DescribeServices" => Answer::Json(json!({"services": [idle()]})),
        // AWS does not know them: that is an answer.
        "DescribeServiceDeployments" => Answer::Error(400, "InvalidParameterException"),
        "ListTasks" => Answer::Json(json!({"taskArns": []})),
        "DescribeTasks" => Answer::Json(json!({"tasks": [], "failures": [{"reason": "MISSING"}]})),
        "DescribeTargetHealth" => Answer::Raw(200, Vec::new(), NO_TARGETS.as_bytes().to_vec()),
        other => panic!("{other}"),
    })
}

#[rstest]
#[case::nothing("nothing", None)]
#[case::services("DescribeServices", Some(WitnessKind::Rollout))]
#[case::records("DescribeServiceDeployments", Some(WitnessKind::Rollout))]
#[case::tasks("ListTasks", Some(WitnessKind::Tasks))]
#[case::described("DescribeTasks", Some(WitnessKind::Tasks))]
#[case::targets("DescribeTargetHealth", Some(WitnessKind::Targets))]
#[tokio::test]
async fn who_may_not_be_asked(#[case] denied: &'static str, #[case] expected: Option<WitnessKind>) {
    let aws = denying(denied);
    let found = aws.cloud().unheard(&[locator("c", "web")]).await;
    let kinds: Vec<WitnessKind> = found.keys().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, Vec::from_iter(expected));
    for failure in found.values() {
        assert_eq!(failure.kind, FailureKind::Denied);
        assert!(failure.operation.ends_with(denied), "{failure:?}");
    }
}

#[tokio::test]
async fn what_is_asked_for_is_the_services_own() {
    let aws = denying("nothing");
    assert!(aws.cloud().unheard(&[locator("c", "web")]).await.is_empty());
    let record = &aws.asked("DescribeServiceDeployments")[0].json()["serviceDeploymentArns"][0];
    let record = record.as_str().unwrap();
    assert!(
        record.starts_with("arn:aws:ecs:sa-east-1:1:service-deployment/c/web/"),
        "{record}"
    );
    let tasks = &aws.asked("DescribeTasks")[0].json();
    assert_eq!(tasks["cluster"], "c");
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1);
}
