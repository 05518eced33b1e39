//! What EventBridge is told (A8).

use serde_json::Value;

use super::stage::{Setting, Stage, pinned, text};
use crate::ServiceFault;

/// `detail-type`, `eventName` or `lastStatus`, in order.
fn told(stage: &Stage, detail_type: &str) -> Vec<Value> {
    let events = stage.world.events.told.iter();
    events
        .filter(|event| event.source == "aws.ecs" && event.detail_type == detail_type)
        .map(|event| event.detail.tree())
        .collect()
}

fn names(details: &[Value]) -> Vec<String> {
    details.iter().map(|one| text(&one["eventName"])).collect()
}

#[test]
fn a_deployment_tells_its_states() {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    let states = told(&stage, "ECS Deployment State Change");
    assert_eq!(
        names(&states),
        [
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_COMPLETED"
        ]
    );
    let completed = &states[1];
    assert_eq!(completed["deploymentId"], new.as_str());
    assert_eq!(completed["eventType"], "INFO");
    assert_eq!(
        completed["reason"],
        format!("ECS deployment {new} completed.").as_str()
    );
    assert!(text(&completed["updatedAt"]).ends_with('Z'));
    let actions = told(&stage, "ECS Service Action");
    assert_eq!(names(&actions), ["SERVICE_STEADY_STATE"]);
    assert!(text(&actions[0]["clusterArn"]).ends_with("cluster/main"));
    let resources = &stage.world.events.told.back().expect("events").resources;
    assert_eq!(resources.len(), 1);
}

#[test]
fn a_failure_is_told_with_its_rollback() {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(ServiceFault::Crash, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(400);
    let states = told(&stage, "ECS Deployment State Change");
    assert_eq!(
        names(&states),
        [
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_FAILED",
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_COMPLETED"
        ]
    );
    assert_eq!(states[1]["eventType"], "ERROR");
    assert!(text(&states[1]["reason"]).starts_with("ECS deployment circuit breaker: task"));
}

#[test]
fn starts_that_fail_are_told() {
    let mut stage = Stage::new(&Setting {
        breaker: false,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::NoCapacity, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(3_600);
    let actions = told(&stage, "ECS Service Action");
    let mut seen = names(&actions);
    seen.dedup();
    assert_eq!(
        seen,
        [
            "SERVICE_TASK_PLACEMENT_FAILURE",
            "SERVICE_TASK_START_IMPAIRED"
        ]
    );
    assert_eq!(actions[0]["reason"], "RESOURCE:FARGATE");
}

#[test]
fn a_task_tells_every_state_with_a_version() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        ..Setting::default()
    });
    let old = stage.call(
        "ListTasks",
        serde_json::json!({ "cluster": "main", "serviceName": "web" }),
    )["taskArns"][0]
        .clone();
    stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    let of = |is_old: bool| {
        let tasks = told(&stage, "ECS Task State Change");
        let tasks = tasks.into_iter();
        tasks
            .filter(|task| (task["taskArn"] == old) == is_old)
            .collect::<Vec<Value>>()
    };
    let ways = |tasks: &[Value]| -> Vec<String> {
        tasks.iter().map(|task| text(&task["lastStatus"])).collect()
    };
    assert_eq!(
        ways(&of(false)),
        ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"]
    );
    let ending = of(true);
    let mut ends = ways(&ending);
    ends.dedup();
    assert_eq!(
        ends,
        ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"]
    );
    let versions: Vec<u64> = ending
        .iter()
        .map(|task| task["version"].as_u64().expect("a number"))
        .collect();
    assert!(versions.is_sorted_by(|earlier, later| earlier < later));
    let last = ending.last().expect("events");
    assert_eq!(last["desiredStatus"], "STOPPED");
    assert!(text(&last["stoppedAt"]).ends_with('Z'));
}
