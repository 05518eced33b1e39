//! Alarms stop a deployment.

use serde_json::json;

use super::stage::{Setting, Stage};
use crate::AlarmState;

fn setting(rollback: Vec<&'static str>) -> Setting {
    Setting {
        config: "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        alarms: vec!["errors", "latency"],
        rollback,
        termination_minutes: 60,
        ..Setting::default()
    }
}

#[test]
fn an_alarm_stops_the_shift_and_takes_it_back() {
    let mut stage = Stage::new(&setting(vec!["DEPLOYMENT_STOP_ON_ALARM"]));
    stage.alarm("errors", AlarmState::Ok, 0);
    let id = stage.deploy("v2");
    stage.play_until(10_000, |stage| stage.weights() == "blue=80 green=20");
    let struck_s = stage.now_s();
    stage.alarm("errors", AlarmState::Alarm, 0);
    let stopped_s = stage.play_until_status(&id, "Stopped");
    assert!(stopped_s - struck_s <= 23, "{struck_s} {stopped_s}");
    assert_eq!(
        stage.error(&id),
        (
            "ALARM_ACTIVE".to_owned(),
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected \
             deployments have been stopped. Activated alarms: <errors>"
                .to_owned()
        )
    );
    let events = stage.events(&id);
    assert_eq!(
        events[6..],
        ["AllowTraffic=Failed", "AfterAllowTraffic=Skipped"]
    );
    let rollback = stage.rollback_of(&id).expect("rolled back");
    stage.play_until_status(&rollback, "Succeeded");
    assert_eq!(stage.weights(), "blue=100 green=0");
}

/// The wait for termination is watched too: that is what it is for.
#[test]
fn an_alarm_while_blue_waits_brings_blue_back() {
    let mut stage = Stage::new(&setting(vec!["DEPLOYMENT_STOP_ON_ALARM"]));
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "AfterAllowTraffic=Succeeded");
    stage.alarm("latency", AlarmState::Alarm, 600);
    stage.play_until_status(&id, "Stopped");
    let rollback = stage.rollback_of(&id).expect("rolled back");
    stage.play_until_status(&rollback, "Succeeded");
    assert_eq!(stage.sets()[0], "PRIMARY web:1 2/2 STEADY_STATE");
    assert_eq!(stage.weights(), "blue=100 green=0");
    assert_eq!(stage.test_weights(), "blue=100 green=0");
}

#[test]
fn an_alarm_that_was_there_before_stops_it_in_install() {
    let mut stage = Stage::new(&setting(vec![]));
    stage.alarm("errors", AlarmState::Alarm, 0);
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Stopped");
    assert_eq!(
        stage.events(&id)[..2],
        ["BeforeInstall=Succeeded", "Install=Failed"]
    );
    assert_eq!(stage.rollback_of(&id), None);
}

#[test]
fn a_deployment_may_have_alarms_of_its_own_or_none() {
    for (alarms, expected) in [
        (json!({ "enabled": false, "alarms": [] }), "Succeeded"),
        (
            json!({ "enabled": true, "alarms": [{ "name": "errors" }] }),
            "Stopped",
        ),
    ] {
        let mut stage = Stage::new(&Setting::default());
        stage.alarm("errors", AlarmState::Alarm, 0);
        let definition = stage.register("v2");
        let mut input = super::stage::deployment(&definition, json!([]));
        input["overrideAlarmConfiguration"] = alarms;
        let reply = stage.call("CreateDeployment", input);
        stage.play_until_status(&super::stage::text(&reply["deploymentId"]), expected);
    }
}
