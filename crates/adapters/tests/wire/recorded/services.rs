//! Services, rollouts and their records.

use std::collections::BTreeMap;

use backstay_domain::ports::{Follow, Renewal, RolloutRequest, Services};
use backstay_domain::{DefinitionRef, RolloutHandle, ServiceName};
use serde_json::{Value, json};

use super::{Recorded, hold, named, nothing, of, replay};
use crate::scripted::{Answer, Asked, locator};

/// A service of an answer: its cluster does not matter.
fn called(service: &Value) -> String {
    service["serviceName"].as_str().unwrap().to_owned()
}

/// The end of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

/// Everything else that a survey or a look asks for, from other answers.
fn others(asked: &Asked) -> Answer {
    let name = match asked.operation.as_str() {
        "DescribeTaskDefinition" => "fargate-2026-04",
        "ListServiceDeployments" => "2024-succeeded",
        "DescribeServiceRevisions" => "2024-provider",
        "DescribeServiceDeployments" => "2024-succeeded",
        other => panic!("{other}"),
    };
    named(&asked.operation, name).answer()
}

#[tokio::test]
async fn services_are_surveyed() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeServices") {
        let service = recorded.json()["services"][0].clone();
        let aws = replay(&[&recorded], others);
        let locators = [locator("c", &called(&service))];
        let found = aws.cloud().survey(&locators).await.unwrap();
        let live = found.into_values().next().unwrap();
        let completed = live
            .completed
            .map(|last| last.definition.short().to_owned());
        let line = format!(
            "{:?}, {:?}, {:?} {:?}, wants {} has {}, {}-{} %, {:?}, {:?}, {} {}",
            live.condition,
            live.activity,
            live.history,
            completed,
            live.desired,
            live.running,
            live.bounds.minimum_healthy_percent,
            live.bounds.maximum_percent,
            live.breaker,
            live.balanced,
            live.rollout,
            live.definition.short(),
        );
        came.insert(recorded.name, line.replace('"', "'"));
    }
    hold(
        "DescribeServices",
        came,
        &[
            (
                "2015-steady",
                "Active, Settled, Completed Some('webserver:5'), wants 4 has 4, 100-200 %, Off, No, ecs-svc/1077794147447290668 hpcc-t2-medium:1",
            ),
            (
                "2016-steady",
                "Active, Settled, Completed Some('webserver:5'), wants 10 has 10, 100-200 %, Off, No, ecs-svc/0807972103397320303 amazon-ecs-sample:1",
            ),
            (
                "2018-deleted",
                "Inactive, Settled, Never None, wants 0 has 2, 50-200 %, Off, No, ecs-svc/0746332941757636220 shop-web:1",
            ),
            (
                "2019-ec2-awsvpc",
                "Active, Settled, Completed Some('webserver:5'), wants 0 has 0, 100-200 %, Off, No, ecs-svc/0662318520335820934 shop-web:1",
            ),
            (
                "2026-blue-green-pause",
                "Active, Settled, Completed Some('webserver:5'), wants 2 has 2, 100-200 %, Off, No, ecs-svc/1077794147447290668 ecs-demo:1",
            ),
        ],
    );
}

#[tokio::test]
async fn services_are_watched() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeServices") {
        let service = recorded.json()["services"][0].clone();
        let aws = replay(&[&recorded], others);
        let follow = Follow {
            locator: locator("c", &called(&service)),
            rollout: None,
        };
        let view = aws.cloud().watch(&[follow]).await.unwrap();
        let view = view.into_values().next().unwrap();
        let line = format!(
            "{:?}, {:?}, wants {} has {} and {} on their way, {} messages",
            view.primary_state,
            view.trouble,
            view.desired,
            view.running,
            view.pending,
            view.messages.len()
        );
        came.insert(recorded.name, line);
    }
    hold(
        "DescribeServices",
        came,
        &[
            (
                "2015-steady",
                "InProgress, None, wants 4 has 4 and 0 on their way, 0 messages",
            ),
            (
                "2016-steady",
                "InProgress, None, wants 10 has 10 and 0 on their way, 1 messages",
            ),
            (
                "2018-deleted",
                "InProgress, None, wants 0 has 2 and 0 on their way, 2 messages",
            ),
            (
                "2019-ec2-awsvpc",
                "InProgress, None, wants 0 has 0 and 0 on their way, 0 messages",
            ),
            (
                "2026-blue-green-pause",
                "InProgress, None, wants 2 has 2 and 0 on their way, 0 messages",
            ),
        ],
    );
}

#[tokio::test]
async fn an_update_gives_the_handle_of_the_newest_rollout() {
    for recorded in of("UpdateService") {
        let service = recorded.json()["service"].clone();
        let mut rollouts = service["deployments"].as_array().unwrap().iter();
        let newest = rollouts.find(|one| one["status"] == "PRIMARY").unwrap();
        let aws = replay(&[&recorded], nothing);
        let request = RolloutRequest {
            locator: locator("c", &called(&service)),
            definition: DefinitionRef::parse("arn:td/web:2").unwrap(),
            desired: None,
            renewal: Renewal::Forced,
        };
        let handle = aws.cloud().roll_out(&request).await.unwrap();
        assert_eq!(json!(handle.as_str()), newest["id"], "{}", recorded.name);
        assert_eq!(
            aws.asked("UpdateService")[0].json()["forceNewDeployment"],
            json!(true)
        );
    }
}

/// What UpdateService answers is what DescribeServices answers: it is watched and surveyed like one.
#[tokio::test]
async fn a_service_that_was_updated_is_watched() {
    let mut came = BTreeMap::new();
    for recorded in of("UpdateService") {
        let service = recorded.json()["service"].clone();
        let (name, body) = (
            called(&service),
            json!({"services": [service], "failures": []}),
        );
        let aws = crate::scripted::Aws::new(move |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(body.clone()),
            _ => others(asked),
        });
        let locator = locator("c", &name);
        let follow = Follow {
            locator: locator.clone(),
            rollout: None,
        };
        let cloud = aws.cloud();
        let view = cloud.watch(&[follow]).await.unwrap().into_values().next();
        let view = view.unwrap();
        let live = cloud.survey(&[locator]).await.unwrap().into_values().next();
        let live = live.unwrap();
        let line = format!(
            "{:?}, {:?}, {:?}, wants {} has {}, {:?}",
            live.condition,
            live.activity,
            view.primary_state,
            view.desired,
            view.running,
            view.trouble
        );
        came.insert(recorded.name, line);
    }
    hold(
        "UpdateService",
        came,
        &[
            (
                "2018-scaled-to-zero",
                "Active, Settled, InProgress, wants 0 has 2, None",
            ),
            (
                "2019-network",
                "Active, Settled, InProgress, wants 1 has 0, None",
            ),
            (
                "2024-az-rebalancing",
                "Active, Settled, Completed, wants 2 has 1, Suspected",
            ),
            (
                "2025-volumes",
                "Active, RollingOut, InProgress, wants 2 has 2, None",
            ),
            (
                "2026-forced",
                "Active, RollingOut, InProgress, wants 2 has 2, None",
            ),
        ],
    );
}

/// The rollout whose record this is, by the digits of its target.
fn followed(target: &Value) -> Option<RolloutHandle> {
    let digits = last(target.as_str()?);
    RolloutHandle::parse(format!("ecs-svc/{digits}")).ok()
}

/// A service whose present record is this one and whose own list has forgotten the rollout.
fn with_record(arn: &Value) -> Value {
    json!({"services": [{"serviceName": "web", "status": "ACTIVE", "taskDefinition": "arn:td/web:2",
        "currentServiceDeployment": arn, "deployments": []}]})
}

#[tokio::test]
async fn records_are_translated() {
    let mut came = BTreeMap::new();
    for recorded in of("DescribeServiceDeployments") {
        let record = recorded.json()["serviceDeployments"][0].clone();
        let service = with_record(&record["serviceDeploymentArn"]);
        let aws = replay(&[&recorded], move |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(service.clone()),
            other => panic!("{other}"),
        });
        let follow = Follow {
            locator: locator("c", "web"),
            rollout: followed(&record["targetServiceRevision"]["arn"]),
        };
        let views = aws.cloud().watch(&[follow]).await.unwrap();
        let view = views[&ServiceName::parse("web").unwrap()]
            .followed
            .clone()
            .unwrap();
        let line = format!(
            "{:?}, failures {:?}, runs {}, {:?}",
            view.status, view.failures, view.running, view.reason
        );
        came.insert(recorded.name, line);
    }
    hold(
        "DescribeServiceDeployments",
        came,
        &[
            ("2024-pending", "Pending, failures (0, None), runs 0, None"),
            (
                "2024-succeeded",
                "Succeeded, failures (0, Some(3)), runs 1, None",
            ),
            (
                "2026-paused",
                "InProgress, failures (0, None), runs 2, None",
            ),
        ],
    );
}

#[tokio::test]
async fn lists_of_records_are_translated() {
    let mut came = BTreeMap::new();
    for recorded in of("ListServiceDeployments") {
        let listed = recorded.json()["serviceDeployments"][0].clone();
        let aws = replay(&[&recorded], |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(with_record(&json!("arn:somebody/elses"))),
            "DescribeServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
            other => panic!("{other}"),
        });
        // One that has no target yet is nobody's.
        let rollout = followed(&listed["targetServiceRevisionArn"]);
        let rollout = rollout.or_else(|| RolloutHandle::parse("ecs-svc/1").ok());
        let follow = Follow {
            locator: locator("c", "web"),
            rollout,
        };
        let views = aws.cloud().watch(&[follow]).await.unwrap();
        let view = views[&ServiceName::parse("web").unwrap()].followed.clone();
        came.insert(recorded.name, format!("{:?}", view.unwrap().status));
    }
    hold(
        "ListServiceDeployments",
        came,
        &[
            ("2024-bare", "Succeeded"),
            ("2024-succeeded", "Succeeded"),
            ("2025-just-begun", "NotVisible"),
        ],
    );
}

#[tokio::test]
async fn what_a_revision_ran_is_found() {
    let unfinished = json!({"services": [{"serviceName": "web", "serviceArn": "a", "status": "ACTIVE",
        "deployments": [{"id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": "arn:td/web:2",
            "rolloutState": "IN_PROGRESS"}]}]});
    for recorded in of("DescribeServiceRevisions") {
        let revision = recorded.json()["serviceRevisions"][0].clone();
        let service = unfinished.clone();
        let aws = replay(&[&recorded], move |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(service.clone()),
            _ => others(asked),
        });
        let found = aws.cloud().survey(&[locator("c", "web")]).await.unwrap();
        let completed = found.into_values().next().unwrap().completed.unwrap();
        let name = &recorded.name;
        assert_eq!(
            json!(completed.definition.as_str()),
            revision["taskDefinition"],
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_stop_is_taken_for_one() {
    for recorded in of("StopServiceDeployment") {
        let record: Recorded = named("DescribeServiceDeployments", "2024-pending");
        let known = record.json()["serviceDeployments"][0].clone();
        let service = with_record(&known["serviceDeploymentArn"]);
        let aws = replay(&[&recorded, &record], move |asked| {
            match asked.operation.as_str() {
                "DescribeServices" => Answer::Json(service.clone()),
                other => panic!("{other}"),
            }
        });
        let rollout = followed(&known["targetServiceRevision"]["arn"]).unwrap();
        let turned = aws.cloud().turn_back(&locator("c", "web"), &rollout).await;
        assert_eq!(turned, Ok(()), "{}", recorded.name);
    }
}
