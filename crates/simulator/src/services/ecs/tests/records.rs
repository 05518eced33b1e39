//! Service deployment records: superseding, stopping, alarms, foreign hands (A1, B6).

use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};
use crate::{Fault, Trigger, WorldEvent};

fn stop(stage: &mut Stage, deployment: &str) -> Value {
    let arn = stage.record(deployment)["serviceDeploymentArn"].clone();
    stage.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    )
}

#[test]
fn a_second_deployment_supersedes_the_first() {
    let mut stage = Stage::new(&Setting::default());
    let first = stage.deploy(&pinned("v2"));
    stage.play_to_s(10);
    let second = stage.deploy(&pinned("v3"));
    assert_eq!(stage.record(&first)["status"], "STOP_REQUESTED");
    assert_eq!(stage.web()["deployments"].as_array().map(Vec::len), Some(3));
    stage.play_to_s(12);
    assert_eq!(stage.record(&first)["status"], "STOPPED");
    assert!(stage.record(&first)["stoppedAt"].is_number());
    stage.play_to_s(300);
    assert_eq!(stage.record(&second)["status"], "SUCCESSFUL");
    assert_eq!(
        stage.record(&first)["status"],
        "STOPPED",
        "terminal states absorb"
    );
    let web = stage.web();
    assert_eq!(web["deployments"].as_array().map(Vec::len), Some(1));
    assert_eq!(text(&web["deployments"][0]["id"]), second);
    assert!(stage.world.violations().is_empty());
}

#[test]
fn stop_service_deployment_rolls_back_in_24_seconds() {
    let mut stage = Stage::new(&Setting::default());
    let old = text(&stage.web()["deployments"][0]["id"]);
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(10);
    stop(&mut stage, &new);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_REQUESTED");
    stop(&mut stage, &new);
    stage.play_to_s(12);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_IN_PROGRESS");
    stop(&mut stage, &new);
    let done = stage.play_until(100, |stage| {
        stage.record(&new)["status"] == "ROLLBACK_SUCCESSFUL"
    });
    assert_eq!(done, Some(34));
    let web = stage.web();
    assert_eq!(text(&web["deployments"][0]["id"]), old);
    assert_eq!(web["deployments"].as_array().map(Vec::len), Some(1));
    let arn = stage.record(&new)["serviceDeploymentArn"].clone();
    let refusal = stage.refusal(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn }),
    );
    assert_eq!(refusal.code, "ConflictException");
    let refusal = stage.refusal(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": "arn:x/main/web/y" }),
    );
    assert_eq!(refusal.code, "ServiceDeploymentNotFoundException");
    assert!(stage.world.violations().is_empty());
}

#[test]
fn stopping_late_relaunches_the_old_tasks_without_a_gap() {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(60);
    assert_eq!(
        stage.world.picture().services["web"]
            .running_task_definitions
            .len(),
        1,
        "the old ones are gone"
    );
    stop(&mut stage, &new);
    stage.play_to_s(300);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_SUCCESSFUL");
    let picture = &stage.world.picture().services["web"];
    assert_eq!(picture.task_definition, "web:1");
    assert_eq!(
        picture.running_task_definitions.iter().collect::<Vec<_>>(),
        ["web:1"]
    );
    assert!(
        stage.world.violations().is_empty(),
        "{:?}",
        stage.world.violations()
    );
}

#[test]
fn a_stop_can_lose_the_race() {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    let end_s = stage
        .play_until(300, |stage| stage.record(&new)["status"] == "SUCCESSFUL")
        .expect("it ends");
    let mut again = Stage::new(&Setting::default());
    let new = again.deploy(&pinned("v2"));
    again
        .world
        .advance(super::stage::START_MS + end_s * 1_000 - 500);
    stop(&mut again, &new);
    again.play_to_s(end_s + 10);
    assert_eq!(again.record(&new)["status"], "SUCCESSFUL");
}

#[test]
fn an_alarm_rolls_back() {
    let mut stage = Stage::new(&Setting::default());
    stage.world.add_fault(Fault::World {
        when: Trigger::AfterDeploymentOf {
            service: "web".to_owned(),
            ms: 50_000,
        },
        event: WorldEvent::RollBackByAlarm {
            service: "web".to_owned(),
        },
    });
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(300);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_SUCCESSFUL");
    assert!(
        stage
            .story()
            .iter()
            .any(|line| line.ends_with("deployment failed: alarm detected."))
    );
    assert_eq!(
        stage.world.picture().services["web"].task_definition,
        "web:1"
    );
}

#[test]
fn a_foreign_deployment_puts_the_earlier_definition_back() {
    let mut stage = Stage::new(&Setting::default());
    stage.world.add_fault(Fault::World {
        when: Trigger::AfterDeploymentOf {
            service: "web".to_owned(),
            ms: 15_000,
        },
        event: WorldEvent::ForeignDeployment {
            service: "web".to_owned(),
        },
    });
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(300);
    assert_eq!(stage.record(&new)["status"], "STOPPED");
    let web = stage.web();
    assert_ne!(text(&web["deployments"][0]["id"]), new);
    assert!(text(&web["taskDefinition"]).ends_with("web:1"));
    assert_eq!(web["deployments"][0]["rolloutState"], "COMPLETED");
}

#[test]
fn the_record_is_found_without_a_list_call() {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    let arn = stage.web()["currentServiceDeployment"].clone();
    let found = stage.call(
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": [arn] }),
    );
    let target = text(&found["serviceDeployments"][0]["targetServiceRevision"]["arn"]);
    assert!(target.ends_with(new.trim_start_matches("ecs-svc/")));
    let revisions = stage.call(
        "DescribeServiceRevisions",
        json!({ "serviceRevisionArns": [target] }),
    );
    assert!(text(&revisions["serviceRevisions"][0]["taskDefinition"]).ends_with("web:2"));
}
