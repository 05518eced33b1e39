//! Starting and stopping rollouts.

use backstay_domain::ports::{FailureKind, Renewal, RolloutRequest, Services};
use backstay_domain::{DefinitionRef, RolloutHandle};
use rstest::rstest;
use serde_json::json;

use crate::scripted::{Answer, Aws, locator};
use crate::watch::{record, service};

fn request(desired: Option<u32>) -> RolloutRequest {
    let definition = DefinitionRef::parse("arn:td/web:2").unwrap();
    RolloutRequest {
        locator: locator("c", "web"),
        definition,
        desired,
        renewal: Renewal::IfChanged,
    }
}

#[rstest]
#[case(None, json!({"cluster": "c", "service": "web", "taskDefinition": "arn:td/web:2"}))]
#[case(Some(3), json!({"cluster": "c", "service": "web", "taskDefinition": "arn:td/web:2", "desiredCount": 3}))]
#[tokio::test]
async fn one_update_without_a_count_unless_asked(
    #[case] desired: Option<u32>,
    #[case] sent: serde_json::Value,
) {
    let aws = Aws::new(|_| {
        Answer::Json(json!({"service": {"deployments": [
            {"id": "ecs-svc/1", "status": "ACTIVE"}, {"id": "ecs-svc/2", "status": "PRIMARY"}]}}))
    });
    assert_eq!(
        aws.cloud()
            .roll_out(&request(desired))
            .await
            .unwrap()
            .as_str(),
        "ecs-svc/2"
    );
    assert_eq!(aws.picture(), ["UpdateService"]);
    assert_eq!(aws.asked("UpdateService")[0].json(), sent);
}

fn stopping(status: &'static str, stop: fn() -> Answer) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeServices" => {
            Answer::Json(json!({"services": [service("web", "ecs-svc/2", "sd-2")]}))
        }
        "DescribeServiceDeployments" => {
            Answer::Json(json!({"serviceDeployments": [record("sd-2", "2", status)]}))
        }
        "StopServiceDeployment" => stop(),
        other => panic!("{other}"),
    })
}

#[rstest]
#[case("PENDING", 1)]
#[case("IN_PROGRESS", 1)]
#[case("SOMETHING_NEW", 1)]
#[case("SUCCESSFUL", 0)]
#[case("STOPPED", 0)]
#[case("ROLLBACK_IN_PROGRESS", 0)]
#[case("ROLLBACK_SUCCESSFUL", 0)]
#[tokio::test]
async fn only_a_running_rollout_is_stopped(#[case] status: &'static str, #[case] stops: usize) {
    let aws = stopping(status, || {
        Answer::Json(json!({"serviceDeploymentArn": "sd-2"}))
    });
    let rollout = RolloutHandle::parse("ecs-svc/2").unwrap();
    aws.cloud()
        .turn_back(&locator("c", "web"), &rollout)
        .await
        .unwrap();
    let sent = aws.asked("StopServiceDeployment");
    assert_eq!(sent.len(), stops);
    for stop in sent {
        assert_eq!(
            stop.json(),
            json!({"serviceDeploymentArn": "sd-2", "stopType": "ROLLBACK"})
        );
    }
}

#[tokio::test]
async fn a_rollout_that_ends_meanwhile_is_no_failure() {
    let aws = stopping("IN_PROGRESS", || Answer::Error(400, "ConflictException"));
    let rollout = RolloutHandle::parse("ecs-svc/2").unwrap();
    aws.cloud()
        .turn_back(&locator("c", "web"), &rollout)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_rollout_without_a_visible_record_cannot_be_stopped() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeServices" => {
            Answer::Json(json!({"services": [service("web", "ecs-svc/9", "sd-9")]}))
        }
        "DescribeServiceDeployments" => {
            Answer::Json(json!({"serviceDeployments": [record("sd-9", "9", "IN_PROGRESS")]}))
        }
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
        other => panic!("{other}"),
    });
    let rollout = RolloutHandle::parse("ecs-svc/2").unwrap();
    let failure = aws
        .cloud()
        .turn_back(&locator("c", "web"), &rollout)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert_eq!(
        aws.count("StopServiceDeployment"),
        0,
        "never somebody else's"
    );
}
