//! Deployment alarms and the bake time of a rolling deployment (B7).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};
use crate::{AlarmState, Fault, ServiceFault, Trigger, WorldEvent};

/// Configures the alarms `errors` and `latency`; that starts no deployment.
fn watch(stage: &mut Stage, rollback: bool, bake_minutes: Option<u32>) {
    let mut configuration = json!({
        "alarms": { "alarmNames": ["errors", "latency"], "enable": true, "rollback": rollback },
    });
    if let Some(minutes) = bake_minutes {
        configuration["bakeTimeInMinutes"] = json!(minutes);
    }
    let input =
        json!({ "cluster": "main", "service": "web", "deploymentConfiguration": configuration });
    stage.call("UpdateService", input);
}

fn alarm(stage: &mut Stage, at_s: u64, name: &str, state: AlarmState) {
    stage.world.add_fault(Fault::World {
        when: Trigger::AfterMs(at_s * 1_000),
        event: WorldEvent::SetAlarm {
            name: name.to_owned(),
            state,
        },
    });
}

fn told(stage: &mut Stage, part: &str) -> bool {
    stage.story().iter().any(|line| line.contains(part))
}

#[test]
fn what_is_configured_is_answered_and_starts_no_deployment() {
    let mut stage = Stage::new(&Setting::default());
    let web = stage.web();
    assert_eq!(
        web["deploymentConfiguration"]["alarms"],
        json!({ "alarmNames": [], "enable": false, "rollback": false })
    );
    let old = text(&web["deployments"][0]["id"]);
    watch(&mut stage, true, Some(3));
    let web = stage.web();
    assert_eq!(text(&web["deployments"][0]["id"]), old);
    assert_eq!(
        web["deploymentConfiguration"]["alarms"],
        json!({ "alarmNames": ["errors", "latency"], "enable": true, "rollback": true })
    );
    assert_eq!(web["deploymentConfiguration"]["bakeTimeInMinutes"], 3);
    assert_eq!(
        stage.record(&old)["alarms"],
        json!({ "status": "DISABLED" })
    );
}

#[test]
fn an_alarm_is_seen_within_a_poll_and_rolls_back() {
    let mut stage = Stage::new(&Setting::default());
    watch(&mut stage, true, None);
    let old = text(&stage.web()["deployments"][0]["id"]);
    let new = stage.deploy(&pinned("v2"));
    alarm(&mut stage, 10, "errors", AlarmState::Alarm);
    stage.play_to_s(20);
    let watched = &stage.record(&new)["alarms"];
    assert_eq!(watched["status"], "MONITORING");
    assert_eq!(watched["alarmNames"], json!(["errors", "latency"]));
    assert_eq!(watched["triggeredAlarmNames"], json!([]));
    stage.play_to_s(22);
    let record = stage.record(&new);
    assert_eq!(record["status"], "ROLLBACK_IN_PROGRESS");
    assert_eq!(record["alarms"]["status"], "TRIGGERED");
    assert_eq!(record["alarms"]["triggeredAlarmNames"], json!(["errors"]));
    assert_eq!(
        record["deploymentCircuitBreaker"]["status"], "MONITORING",
        "the other mechanism was not it"
    );
    assert!(told(
        &mut stage,
        "(deployment D) deployment failed: alarm detected."
    ));
    stage.play_to_s(200);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(text(&stage.web()["deployments"][0]["id"]), old);
}

/// Each mechanism's own `rollback` flag decides.
#[rstest]
#[case::alarm_fails(false, true, true, "STOPPED")]
#[case::alarm_rolls_back(true, false, true, "ROLLBACK_SUCCESSFUL")]
#[case::breaker_fails(true, false, false, "STOPPED")]
#[case::breaker_rolls_back(false, true, false, "ROLLBACK_SUCCESSFUL")]
fn whose_flag(
    #[case] alarm_rollback: bool,
    #[case] breaker_rollback: bool,
    #[case] by_alarm: bool,
    #[case] end: &str,
) {
    let mut stage = Stage::new(&Setting {
        rollback: breaker_rollback,
        ..Setting::default()
    });
    watch(&mut stage, alarm_rollback, None);
    if by_alarm {
        alarm(&mut stage, 5, "latency", AlarmState::Alarm);
        stage.play_to_s(1);
    } else {
        stage.spoil(ServiceFault::Crash, None);
    }
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(900);
    assert_eq!(stage.record(&new)["status"], end);
}

#[test]
fn an_alarm_that_is_already_on_disables_the_watch_for_the_whole_deployment() {
    let mut stage = Stage::new(&Setting::default());
    watch(&mut stage, true, None);
    alarm(&mut stage, 1, "errors", AlarmState::Alarm);
    stage.play_to_s(2);
    let new = stage.deploy(&pinned("v2"));
    alarm(&mut stage, 5, "errors", AlarmState::Ok);
    alarm(&mut stage, 15, "errors", AlarmState::Alarm);
    alarm(&mut stage, 15, "latency", AlarmState::Alarm);
    stage.play_to_s(200);
    let record = stage.record(&new);
    assert_eq!(record["status"], "SUCCESSFUL");
    assert_eq!(record["alarms"]["status"], "DISABLED");
    alarm(&mut stage, 0, "errors", AlarmState::Ok);
    alarm(&mut stage, 0, "latency", AlarmState::Ok);
    stage.play_to_s(201);
    let next = stage.deploy(&pinned("v3"));
    assert_eq!(stage.record(&next)["alarms"]["status"], "MONITORING");
}

/// INSUFFICIENT_DATA is no alarm, and a name that no alarm has is never in ALARM.
#[test]
fn only_alarm_triggers() {
    let mut stage = Stage::new(&Setting::default());
    watch(&mut stage, true, Some(0));
    let new = stage.deploy(&pinned("v2"));
    alarm(&mut stage, 5, "errors", AlarmState::InsufficientData);
    alarm(&mut stage, 5, "elsewhere", AlarmState::Alarm);
    stage.play_to_s(200);
    let record = stage.record(&new);
    assert_eq!(record["status"], "SUCCESSFUL");
    assert_eq!(record["alarms"]["status"], "MONITORING_COMPLETE");
}

/// From the moment the old tasks were told to stop (+33) to completed.
#[rstest]
#[case::no_alarms(false, None, 94)]
#[case::derived(true, None, 33 + 120)]
#[case::configured(true, Some(10), 33 + 600)]
#[case::configured_zero(true, Some(0), 94)]
#[case::without_alarms(false, Some(4), 33 + 240)]
fn the_bake_time(#[case] alarms: bool, #[case] minutes: Option<u32>, #[case] end_s: u64) {
    let mut stage = Stage::new(&Setting::default());
    if alarms {
        watch(&mut stage, true, minutes);
    } else if let Some(minutes) = minutes {
        let input = json!({ "cluster": "main", "service": "web",
            "deploymentConfiguration": { "bakeTimeInMinutes": minutes } });
        stage.call("UpdateService", input);
    }
    let old = text(&stage.web()["deployments"][0]["id"]);
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(end_s - 3);
    let known = [(old.as_str(), "OLD"), (new.as_str(), "NEW")];
    assert_eq!(stage.record(&new)["status"], "IN_PROGRESS");
    assert_eq!(
        stage.deployments(&known)[1],
        "ACTIVE OLD COMPLETED ECS deployment OLD completed. 0+0/0",
        "the source stays listed with 0 tasks"
    );
    stage.play_to_s(end_s + 2);
    assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
}

#[test]
fn an_alarm_during_the_bake_relaunches_the_old_tasks() {
    let mut stage = Stage::new(&Setting::default());
    watch(&mut stage, true, Some(10));
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(300);
    alarm(&mut stage, 1, "errors", AlarmState::Alarm);
    let began = stage.play_until(400, |stage| {
        stage.record(&new)["status"] == "ROLLBACK_IN_PROGRESS"
    });
    assert!(began.is_some_and(|at_s| at_s <= 322), "{began:?}");
    let counts = |web: &Value| {
        let of = |place: usize| web["deployments"][place]["runningCount"].clone();
        (of(0), of(1))
    };
    assert_eq!(counts(&stage.web()), (json!(0), json!(2)));
    stage.play_to_s(600);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(
        stage.world.picture().services["web"].task_definition,
        "web:1"
    );
    assert!(stage.world.violations().is_empty());
}

#[test]
fn nobody_looks_any_more_after_the_end() {
    let mut stage = Stage::new(&Setting::default());
    watch(&mut stage, true, Some(0));
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    alarm(&mut stage, 1, "errors", AlarmState::Alarm);
    stage.play_to_s(400);
    assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
    assert_eq!(
        stage.record(&new)["alarms"]["triggeredAlarmNames"],
        json!([])
    );
}

#[rstest]
#[case::no_names(json!({ "alarms": { "alarmNames": [], "enable": true, "rollback": true } }), "alarmNames")]
#[case::too_long(json!({ "bakeTimeInMinutes": 1_441 }), "bakeTimeInMinutes")]
fn refused(#[case] configuration: Value, #[case] part: &str) {
    let input =
        json!({ "cluster": "main", "service": "web", "deploymentConfiguration": configuration });
    let refusal = Stage::new(&Setting::default()).refusal("UpdateService", input);
    assert_eq!(refusal.code, "InvalidParameterException");
    assert!(refusal.message.contains(part), "{}", refusal.message);
}
