//! What is there before a deployment.

use backstay_domain::ServiceName;
use backstay_domain::ports::{Identity, Services};
use backstay_domain::survey::{
    Activity, Balanced, Bounds, Breaker, DefinitionState, History, LiveService, ServiceCondition,
    Threshold,
};
use serde_json::{Value, json};

use crate::scripted::{Answer, Aws, locator};
use crate::watch::service;

fn surveyed(services: Value, definition_status: &'static str, succeeded: Value) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeServices" => Answer::Json(
            json!({"services": services, "failures": [{"arn": "x", "reason": "MISSING"}]}),
        ),
        "DescribeTaskDefinition" => Answer::Json(
            json!({"taskDefinition": {"family": "web", "status": definition_status,
            "taskDefinitionArn": "arn:td/web:2", "memberOfTomorrow": 1, "containerDefinitions": [{"name": "web"}]}}),
        ),
        "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": succeeded})),
        "DescribeServiceRevisions" => {
            assert_eq!(asked.json()["serviceRevisionArns"], json!(["sr-1"]));
            Answer::Json(
                json!({"serviceRevisions": [{"serviceRevisionArn": "sr-1", "taskDefinition": "arn:td/web:1"}]}),
            )
        }
        other => panic!("{other}"),
    })
}

async fn survey(aws: &Aws) -> Vec<(ServiceName, LiveService)> {
    let locators = [
        locator("c", "api"),
        locator("c", "gone"),
        locator("c", "web"),
    ];
    aws.cloud()
        .survey(&locators)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

#[tokio::test]
async fn services_are_described_together_and_definitions_once() {
    let mut web = service("web", "ecs-svc/2", "sd-2");
    web["deployments"][0]["rolloutState"] = json!("COMPLETED");
    web["loadBalancers"] = json!([{"targetGroupArn": "tg", "containerPort": 80}]);
    web["deploymentConfiguration"] = json!({"minimumHealthyPercent": 50, "maximumPercent": 150,
        "deploymentCircuitBreaker": {"enable": true, "rollback": true}});
    let mut api = web.clone();
    api["serviceName"] = json!("api");
    let aws = surveyed(json!([web, api]), "ACTIVE", json!([]));
    let found = survey(&aws).await;
    assert_eq!(
        found
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["api", "web"]
    );
    assert_eq!(
        aws.picture(),
        ["DescribeServices", "DescribeTaskDefinition"]
    );
    let live = &found[1].1;
    assert_eq!(
        (live.condition.clone(), live.definition_state),
        (ServiceCondition::Active, DefinitionState::Active)
    );
    assert_eq!(
        (live.activity, live.history),
        (Activity::Settled, History::Completed)
    );
    assert_eq!(
        live.bounds,
        Bounds {
            minimum_healthy_percent: 50,
            maximum_percent: 150
        }
    );
    assert_eq!(
        (live.breaker, live.balanced),
        (Breaker::RollsBack, Balanced::Yes)
    );
    assert_eq!(
        (live.definition.as_str(), live.rollout.as_str()),
        ("arn:td/web:2", "ecs-svc/2")
    );
    assert_eq!(
        live.document.document["memberOfTomorrow"],
        json!(1),
        "the whole document"
    );
}

#[tokio::test]
async fn a_service_in_its_first_rollout_has_nothing_to_return_to() {
    let aws = surveyed(
        json!([service("web", "ecs-svc/2", "sd-2")]),
        "INACTIVE",
        json!([]),
    );
    let live = survey(&aws).await.remove(0).1;
    assert_eq!(
        (live.activity, live.history),
        (Activity::RollingOut, History::Never)
    );
    assert_eq!(
        (live.definition_state, live.breaker, live.balanced),
        (DefinitionState::Inactive, Breaker::Off, Balanced::No)
    );
    assert_eq!(
        live.bounds,
        Bounds {
            minimum_healthy_percent: 100,
            maximum_percent: 200
        }
    );
    let asked = aws.asked("ListServiceDeployments")[0].json();
    assert_eq!(
        (&asked["status"], &asked["maxResults"]),
        (&json!(["SUCCESSFUL"]), &json!(1))
    );
}

#[tokio::test]
async fn completed_rollouts_that_left_the_list_still_count() {
    let succeeded = json!([{"serviceDeploymentArn": "sd-1", "status": "SUCCESSFUL",
        "targetServiceRevisionArn": "sr-1"}]);
    let aws = surveyed(
        json!([service("web", "ecs-svc/2", "sd-2")]),
        "ACTIVE",
        succeeded,
    );
    let live = survey(&aws).await.remove(0).1;
    assert_eq!(live.history, History::Completed);
    let completed = live.completed.unwrap();
    assert_eq!(completed.definition.as_str(), "arn:td/web:1");
    assert_eq!(live.definition.as_str(), "arn:td/web:2");
}

/// What the newest rollout says, how many of its tasks failed, and what an earlier entry of the list says.
#[rstest::rstest]
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
    let mut web = service("web", "ecs-svc/2", "sd-2");
    let newest = &mut web["deployments"][0];
    (newest["rolloutState"], newest["failedTasks"]) = (json!(state), json!(failed));
    if let Some(earlier) = earlier {
        let older = json!({"id": "ecs-svc/1", "status": "ACTIVE", "rolloutState": earlier,
            "taskDefinition": "arn:td/web:1"});
        web["deployments"].as_array_mut().unwrap().push(older);
    }
    let live = survey(&surveyed(json!([web]), "ACTIVE", json!([])))
        .await
        .remove(0)
        .1;
    let last = live.completed.as_ref().map(|last| last.definition.as_str());
    assert_eq!((live.activity, last), (activity, completed));
}

#[tokio::test]
async fn services_of_others_and_deleted_ones_say_so() {
    let mut foreign = service("web", "ecs-svc/2", "sd-2");
    foreign["deploymentController"] = json!({"type": "CODE_DEPLOY"});
    foreign["taskDefinition"] = json!("arn:td/web:2");
    foreign["deployments"] = json!([]);
    let mut deleted = service("api", "ecs-svc/3", "sd-3");
    deleted["status"] = json!("DRAINING");
    let found = survey(&surveyed(json!([foreign, deleted]), "ACTIVE", json!([]))).await;
    assert_eq!(found[0].1.condition, ServiceCondition::Inactive);
    assert_eq!(
        found[1].1.condition,
        ServiceCondition::Foreign("CODE_DEPLOY".to_owned())
    );
}

#[tokio::test]
async fn the_caller_is_who_sts_says() {
    let aws = Aws::new(|_| {
        let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:role/ci</Arn>\
            <UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        Answer::Raw(200, Vec::new(), body.as_bytes().to_vec())
    });
    let caller = aws.cloud().caller().await.unwrap();
    assert_eq!(
        (caller.account.as_str(), caller.principal.as_str()),
        ("123456789012", "arn:aws:iam::1:role/ci")
    );
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_by_its_name() {
    let rows = [
        (
            json!({"deploymentConfiguration": {"strategy": "ROLLING"}}),
            None,
        ),
        (json!({"launchType": "EC2"}), None),
        (
            json!({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}),
            Some("BLUE_GREEN"),
        ),
        (
            json!({"deploymentConfiguration": {"strategy": "LINEAR"}}),
            Some("LINEAR"),
        ),
        (
            json!({"deploymentConfiguration": {"strategy": "CANARY"}}),
            Some("CANARY"),
        ),
        (
            json!({"deploymentConfiguration": {"strategy": "TOMORROW"}}),
            Some("TOMORROW"),
        ),
        (json!({"schedulingStrategy": "DAEMON"}), Some("DAEMON")),
        (json!({"launchType": "EXTERNAL"}), Some("EXTERNAL")),
        (json!({"resourceManagementType": "ECS"}), Some("Express")),
        (
            json!({"loadBalancers": [{"loadBalancerName": "old-one"}]}),
            Some("`old-one`"),
        ),
    ];
    for (members, expected) in rows {
        let mut web = service("web", "ecs-svc/2", "sd-2");
        for (name, value) in members.as_object().unwrap() {
            web[name] = value.clone();
        }
        let aws = Aws::new(move |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(json!({"services": [web], "failures": []})),
            "DescribeTaskDefinition" => Answer::Json(json!({"taskDefinition": {"family": "web",
                "networkMode": "awsvpc", "containerDefinitions": [{"name": "web", "image": "i"}]}})),
            "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
            other => panic!("{other}"),
        });
        let condition = survey(&aws).await.remove(0).1.condition;
        match (expected, condition) {
            (None, ServiceCondition::Active) => {}
            (Some(word), ServiceCondition::Unsupported(how)) => {
                assert!(how.contains(word), "{how}");
            }
            (_, other) => panic!("{members}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn tasks_without_an_interface_of_their_own_are_refused_by_their_network_mode() {
    for (mode, launch, expected) in [
        (json!("bridge"), "EC2", Some("`bridge`")),
        (json!("host"), "EC2", Some("`host`")),
        (json!(null), "EC2", Some("`bridge`")),
        (json!("awsvpc"), "EC2", None),
        (json!("awsvpc"), "FARGATE", None),
    ] {
        let mut web = service("web", "ecs-svc/2", "sd-2");
        web["launchType"] = json!(launch);
        let document = json!({"family": "web", "networkMode": mode, "containerDefinitions": []});
        let aws = Aws::new(move |asked| match asked.operation.as_str() {
            "DescribeServices" => Answer::Json(json!({"services": [web], "failures": []})),
            "DescribeTaskDefinition" => Answer::Json(json!({"taskDefinition": document})),
            "ListServiceDeployments" => Answer::Json(json!({"serviceDeployments": []})),
            other => panic!("{other}"),
        });
        match (expected, survey(&aws).await.remove(0).1.condition) {
            (None, ServiceCondition::Active) => {}
            (Some(word), ServiceCondition::Unsupported(how)) => {
                assert!(how.contains(word), "{how}");
            }
            (_, other) => panic!("{mode}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn who_else_judges_a_rollout_is_read() {
    let mut web = service("web", "ecs-svc/2", "sd-2");
    web["deploymentConfiguration"] = json!({
        "deploymentCircuitBreaker": {"enable": true, "rollback": true,
            "thresholdConfiguration": {"type": "COUNT", "value": 4}},
        "alarms": {"alarmNames": ["slow"], "enable": true, "rollback": true},
        "earlySuccessCriteria": {"enable": true, "healthyPercent": 60}});
    let aws = surveyed(json!([web]), "ACTIVE", json!([]));
    let judges = survey(&aws).await.remove(0).1.judges;
    assert_eq!(judges.threshold, Some(Threshold::Tasks(4)));
    assert_eq!(
        (judges.alarms, judges.early),
        (vec!["slow".to_owned()], Some(60))
    );
}
