//! Alarms during a native deployment (B3, B7).

use rstest::rstest;
use serde_json::json;

use super::stage::{Native, PRODUCTION, canary};
use crate::{AlarmState, Fault, Trigger, WorldEvent};

fn watched(mut configuration: serde_json::Value) -> serde_json::Value {
    configuration["alarms"] = json!({ "alarmNames": ["errors"], "enable": true, "rollback": true });
    configuration
}

fn alarm(native: &mut Native, after_ms: u64) {
    native.stage.world.add_fault(Fault::World {
        when: Trigger::AfterMs(after_ms),
        event: WorldEvent::SetAlarm {
            name: "errors".to_owned(),
            state: AlarmState::Alarm,
        },
    });
}

/// B3 [OBS]: 21 s after ALARM; then green drains.
#[test]
fn an_alarm_during_the_canary_is_seen_within_21_seconds() {
    let mut native = Native::new();
    let new = native.deploy("v2", &watched(canary(10.0, 10, 5)));
    let shift_s = native.until_stage(&new, "PRODUCTION_TRAFFIC_SHIFT");
    native.stage.play_to_s(shift_s + 60);
    assert_eq!(native.weights()[0], (90, 10));
    alarm(&mut native, 1_000);
    let seen_s = native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    let after_s = seen_s - shift_s - 61;
    assert!(after_s <= 21, "{after_s} s after ALARM");
    let record = native.record(&new);
    assert_eq!(record["alarms"]["status"], "TRIGGERED");
    assert_eq!(record["alarms"]["triggeredAlarmNames"], json!(["errors"]));
    let back = native.stage.play_until(seen_s + 60, |play| {
        let weights = play
            .world
            .elb
            .forward_weights(&play.world.elb.balancers[0].listeners[0].rules[0].arn);
        weights.is_some_and(|groups| {
            groups
                .iter()
                .all(|it| &*it.group != "green" || it.weight == 0)
        })
    });
    assert!(back.is_some_and(|back_s| back_s - seen_s < 10));
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert_eq!(native.served(PRODUCTION, 10)["web:1"], 10);
    native.no_violations();
}

#[rstest]
#[case::baking("BAKE_TIME", "ROLLBACK_SUCCESSFUL")]
#[case::cleaning("CLEAN_UP", "SUCCESSFUL")]
fn alarms_count_until_the_bake_is_over(#[case] stage: &str, #[case] end: &str) {
    let mut native = Native::new();
    let new = native.deploy("v2", &watched(canary(10.0, 1, 5)));
    native.until_stage(&new, stage);
    alarm(&mut native, 1_000);
    native.until_status(&new, end);
    let expected = if end == "SUCCESSFUL" {
        "web:2"
    } else {
        "web:1"
    };
    assert_eq!(native.served(PRODUCTION, 10)[expected], 10);
}
