//! What ECS shows and takes of a service with controller CODE_DEPLOY.

use serde_json::json;

use super::stage::{Setting, Stage, text};
use crate::ServiceFault;

#[test]
fn the_service_has_task_sets_and_no_deployments() {
    let mut stage = Stage::new(&Setting::default());
    let service = stage.service();
    assert_eq!(service["deploymentController"]["type"], "CODE_DEPLOY");
    assert_eq!(service["deployments"], json!([]));
    let set = &service["taskSets"][0];
    assert_eq!(set["status"], "PRIMARY");
    assert_eq!(set["stabilityStatus"], "STEADY_STATE");
    assert_eq!(set["scale"], json!({ "value": 100.0, "unit": "PERCENT" }));
    assert!(set.get("externalId").is_none() && set.get("startedBy").is_none());
    assert!(service.get("currentServiceRevisions").is_none());
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "Install=Succeeded");
    let service = stage.service();
    let green = &service["taskSets"][1];
    assert_eq!(green["status"], "ACTIVE");
    assert_eq!(green["startedBy"], "CODE_DEPLOY");
    assert_eq!(green["externalId"], json!(id));
    // Twice the capacity, whatever the pace.
    assert_eq!(service["runningCount"], 4);
    let tasks = stage.ecs(
        "ListTasks",
        json!({ "cluster": "main", "startedBy": text(&green["id"]) }),
    );
    assert_eq!(tasks["taskArns"].as_array().unwrap().len(), 2);
}

#[test]
fn what_codedeploy_moves_update_service_refuses() {
    let mut stage = Stage::new(&Setting::default());
    let unable = |what: &str| {
        format!(
            "Unable to {what} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
        )
    };
    for (input, message) in [
        (json!({ "taskDefinition": "web" }), unable("update task definition")),
        (json!({ "taskDefinition": "web", "forceNewDeployment": true }), unable("update task definition")),
        (
            json!({ "forceNewDeployment": true }),
            "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new \
             deployment."
                .to_owned(),
        ),
        (
            json!({ "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-2"] } } }),
            unable("update network parameters"),
        ),
        (json!({ "platformVersion": "1.4.0" }), unable("update platform version")),
    ] {
        let mut request = json!({ "cluster": "main", "service": "web" });
        request.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        let refusal = stage.ecs_refusal("UpdateService", request);
        assert_eq!((refusal.code, refusal.message), ("InvalidParameterException", message));
    }
    for input in [
        json!({ "desiredCount": 3 }),
        json!({ "healthCheckGracePeriodSeconds": 30 }),
        json!({ "deploymentConfiguration": { "maximumPercent": 150 } }),
        json!({ "propagateTags": "SERVICE", "enableECSManagedTags": true }),
        json!({ "forceNewDeployment": false }),
    ] {
        let mut request = json!({ "cluster": "main", "service": "web" });
        request
            .as_object_mut()
            .unwrap()
            .extend(input.as_object().unwrap().clone());
        stage.ecs("UpdateService", request);
    }
    stage.play_to_s(300);
    assert_eq!(stage.sets(), ["PRIMARY web:1 3/3 STEADY_STATE"]);
}

#[test]
fn task_sets_are_described_by_name_and_a_missing_one_is_a_failure() {
    let mut stage = Stage::new(&Setting::default());
    let set = stage.service()["taskSets"][0].clone();
    for (names, found, missing) in [
        (json!([set["id"]]), 1, 0),
        (json!([set["taskSetArn"], "ecs-svc/1"]), 1, 1),
        (json!([]), 1, 0),
    ] {
        let reply = stage.ecs(
            "DescribeTaskSets",
            json!({ "cluster": "main", "service": "web", "taskSets": names }),
        );
        assert_eq!(reply["taskSets"].as_array().unwrap().len(), found);
        assert_eq!(reply["failures"].as_array().unwrap().len(), missing);
    }
}

#[test]
fn a_task_that_dies_is_replaced_in_its_own_set() {
    let mut stage = Stage::new(&Setting {
        termination_minutes: 60,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, Some(900_000));
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "AfterAllowTraffic=Succeeded");
    stage.play_until(10_000, |stage| stage.sets()[0].ends_with("STABILIZING"));
    stage.world.clear_faults();
    stage.play_until(10_000, |stage| {
        stage.sets()[0] == "PRIMARY web:2 2/2 STEADY_STATE"
    });
    assert_eq!(stage.sets()[1], "ACTIVE web:1 2/2 STEADY_STATE");
}

/// Nothing trips and nothing rolls back by itself: ECS only keeps trying.
#[test]
fn a_task_set_has_no_circuit_breaker() {
    let mut stage = Stage::new(&Setting::default());
    let mut input = stage.service_input("other", "green");
    input["deploymentConfiguration"] =
        json!({ "deploymentCircuitBreaker": { "enable": true, "rollback": true } });
    let refusal = stage.ecs_refusal("CreateService", input);
    assert_eq!(refusal.code, "InvalidParameterException");
    stage.spoil(ServiceFault::Crash, None);
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "Install=InProgress");
    stage.play_to_s(stage.now_s() + 3_000);
    assert_eq!(stage.status(&id), "InProgress");
}

#[test]
fn draining_names_its_task_set() {
    let mut stage = Stage::new(&Setting::default());
    let blue = text(&stage.service()["taskSets"][0]["id"]);
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Succeeded");
    stage.play_to_s(stage.now_s() + 120);
    let wanted =
        format!("(service web, taskSet {blue}) has begun draining connections on 2 tasks.");
    let service = stage.service();
    let told = service["events"]
        .as_array()
        .unwrap()
        .iter()
        .any(|event| event["message"] == json!(wanted));
    assert!(told, "{}", service["events"]);
}

#[test]
fn a_deleted_service_ends_with_its_task_sets() {
    let mut stage = Stage::new(&Setting::default());
    stage.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    stage.play_to_s(300);
    assert_eq!(stage.service()["status"], "INACTIVE");
    assert_eq!(stage.service()["taskSets"], json!([]));
}
