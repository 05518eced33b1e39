//! The waits: before rerouting, before the original goes; and stopping by hand in each.

use serde_json::json;

use super::stage::{Setting, Stage};

fn ready() -> (Stage, String) {
    let mut stage = Stage::new(&Setting {
        ready_minutes: Some(20),
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Ready");
    (stage, id)
}

#[test]
fn rerouting_waits_until_it_is_told() {
    let (mut stage, id) = ready();
    assert_eq!(stage.weights(), "blue=100 green=0");
    assert_eq!(stage.target(&id)["status"], "Ready");
    let input = json!({ "deploymentId": id, "deploymentWaitType": "READY_WAIT" });
    stage.call("ContinueDeployment", input);
    stage.play_until_status(&id, "Succeeded");
    assert_eq!(stage.weights(), "blue=0 green=100");
}

#[test]
fn rerouting_that_nobody_asks_for_stops_the_deployment() {
    let (mut stage, id) = ready();
    let ready_s = stage.now_s();
    let stopped_s = stage.play_until_status(&id, "Stopped");
    assert_eq!(stopped_s - ready_s, 20 * 60);
    let (code, message) = stage.error(&id);
    assert_eq!(code, "TIMEOUT");
    assert_eq!(
        message,
        "The deployment timed out while waiting for a notification to continue. This time out period is 20 minutes."
    );
    let rollback = stage.rollback_of(&id).expect("rolled back");
    stage.play_until_status(&rollback, "Succeeded");
    assert_eq!(stage.sets()[0], "PRIMARY web:1 2/2 STEADY_STATE");
}

#[test]
fn the_wait_for_termination_can_be_cut_short() {
    let mut stage = Stage::new(&Setting {
        termination_minutes: 60,
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    let early = stage.refusal(
        "ContinueDeployment",
        json!({ "deploymentId": id, "deploymentWaitType": "TERMINATION_WAIT" }),
    );
    assert_eq!(early.code, "DeploymentIsNotInReadyStateException");
    let shifted_s = stage.play_until_event(&id, "AfterAllowTraffic=Succeeded");
    stage.call(
        "ContinueDeployment",
        json!({ "deploymentId": id, "deploymentWaitType": "TERMINATION_WAIT" }),
    );
    let done_s = stage.play_until_status(&id, "Succeeded");
    assert!(done_s - shifted_s < 5, "{shifted_s} {done_s}");
    let late = stage.refusal(
        "ContinueDeployment",
        json!({ "deploymentId": id, "deploymentWaitType": "TERMINATION_WAIT" }),
    );
    assert_eq!(late.code, "DeploymentAlreadyCompletedException");
}

/// Whether StopDeployment rolls back: what the caller says, else what the group says.
#[test]
fn stopping_by_hand() {
    let on_request = || vec!["DEPLOYMENT_STOP_ON_REQUEST"];
    for (configured, asked, expected) in [
        (on_request(), None, true),
        (on_request(), Some(false), false),
        (vec!["DEPLOYMENT_FAILURE"], None, false),
        (vec!["DEPLOYMENT_FAILURE"], Some(true), true),
        (vec![], Some(true), true),
    ] {
        let case = format!("{configured:?} {asked:?}");
        let mut stage = Stage::new(&Setting {
            config: "CodeDeployDefault.ECSCanary10Percent15Minutes",
            rollback: configured,
            ..Setting::default()
        });
        let id = stage.deploy("v2");
        stage.play_until(10_000, |stage| stage.weights() == "blue=90 green=10");
        let mut input = json!({ "deploymentId": id });
        if let Some(asked) = asked {
            input["autoRollbackEnabled"] = json!(asked);
        }
        stage.call("StopDeployment", input);
        assert_eq!(stage.status(&id), "Stopped", "{case}");
        assert_eq!(stage.error(&id).0, "MANUAL_STOP", "{case}");
        let rollback = stage.rollback_of(&id);
        assert_eq!(rollback.is_some(), expected, "{case}");
        stage.play_to_s(stage.now_s() + 120);
        let (weights, sets) = (stage.weights(), stage.sets().len());
        // Without a rollback everything stays as it was at that moment.
        let found = (weights.as_str(), sets);
        let wanted = if expected {
            ("blue=100 green=0", 1)
        } else {
            ("blue=90 green=10", 2)
        };
        assert_eq!(found, wanted, "{case}");
        let again = stage.refusal("StopDeployment", json!({ "deploymentId": id }));
        assert_eq!(again.code, "DeploymentAlreadyCompletedException", "{case}");
    }
}

#[test]
fn what_a_stopped_deployment_left_behind_goes_with_the_next() {
    let mut stage = Stage::new(&Setting {
        config: "CodeDeployDefault.ECSCanary10Percent15Minutes",
        rollback: vec![],
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    stage.play_until(10_000, |stage| stage.weights() == "blue=90 green=10");
    stage.call("StopDeployment", json!({ "deploymentId": id }));
    let next = stage.deploy("v3");
    stage.play_until_status(&next, "Succeeded");
    stage.play_to_s(stage.now_s() + 300);
    assert_eq!(stage.sets(), ["PRIMARY web:3 2/2 STEADY_STATE"]);
    assert_eq!(stage.weights(), "blue=0 green=100");
}
