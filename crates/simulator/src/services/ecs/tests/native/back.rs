//! The ways back: stop, alarm, breaker, supersession.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Native, PRODUCTION, blue_green, canary};
use crate::services::ecs::tests::stage::{Setting, text};
use crate::services::elb::TargetState;
use crate::{ServiceFault, Weather};

fn stop(native: &mut Native, deployment: &str) {
    let arn = native.record(deployment)["serviceDeploymentArn"].clone();
    let input = json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
    native.stage.call("StopServiceDeployment", input);
}

/// B6 [OBS]: ~45 s until the old revision has everything again.
#[test]
fn a_stopped_canary_is_back_on_the_old_revision_in_three_quarters_of_a_minute() {
    let mut native = Native::new();
    let old = text(&native.stage.web()["deployments"][0]["id"]);
    let new = native.deploy("v2", &canary(10.0, 10, 5));
    let shift_s = native.until_stage(&new, "PRODUCTION_TRAFFIC_SHIFT");
    native.stage.play_to_s(shift_s + 60);
    stop(&mut native, &new);
    assert_eq!(native.record(&new)["status"], "ROLLBACK_REQUESTED");
    native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    let known = [(old.as_str(), "OLD"), (new.as_str(), "NEW")];
    let shown = native.stage.deployments(&known);
    assert!(shown[0].starts_with("PRIMARY OLD IN_PROGRESS"), "{shown:?}");
    assert!(shown[1].starts_with("ACTIVE NEW FAILED"), "{shown:?}");
    let shifted = native.stage.play_until(4_000, |_| false).is_none();
    assert!(shifted);
    let record = native.record(&new);
    assert_eq!(record["status"], "ROLLBACK_SUCCESSFUL");
    let target = text(&record["rollback"]["serviceRevisionArn"]);
    assert!(target.ends_with(old.trim_start_matches("ecs-svc/")));
    let finished = record["finishedAt"].as_f64().expect("finished");
    let took_s = finished - 1_800_000_000.0 - shift_s as f64 - 60.0;
    assert!((25.0..60.0).contains(&took_s), "took {took_s} s");
    assert_eq!(
        native.stage.deployments(&known),
        ["PRIMARY OLD COMPLETED ECS deployment OLD completed. 2+0/2"],
        "the failed deployment is gone, the old id is kept (B4 [OBS])"
    );
    assert_eq!(native.weights(), [(100, 0), (100, 0)]);
    native.no_violations();
}

#[rstest]
#[case::before_anything("PRE_SCALE_UP")]
#[case::scaling("SCALE_UP")]
#[case::tested("POST_TEST_TRAFFIC_SHIFT")]
#[case::shifted("POST_PRODUCTION_TRAFFIC_SHIFT")]
#[case::baking("BAKE_TIME")]
fn a_stop_goes_back_from_everywhere(#[case] stage: &str) {
    let mut native = Native::new();
    let new = native.deploy("v2", &blue_green(5));
    native.until_stage(&new, stage);
    stop(&mut native, &new);
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    let served = native.served(PRODUCTION, 10);
    assert_eq!(
        served.into_iter().collect::<Vec<_>>(),
        [("web:1".to_owned(), 10)]
    );
    assert_eq!(native.running().len(), 1);
    let groups = &native.stage.world.elb.groups;
    let mut left = groups["green"].targets.iter();
    assert!(
        left.all(|target| target.state == TargetState::Draining),
        "green leaves its group"
    );
    native.no_violations();
}

#[test]
fn a_stop_during_clean_up_loses_the_race() {
    let mut native = Native::new();
    let new = native.deploy("v2", &blue_green(0));
    native.until_stage(&new, "CLEAN_UP");
    stop(&mut native, &new);
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(native.weights()[0], (0, 100));
}

/// B2: the breaker trips under CANARY [OBS] and BLUE_GREEN [CODE]; green never gets traffic.
#[rstest]
#[case::canary(canary(10.0, 10, 5), ServiceFault::Crash)]
#[case::blue_green(blue_green(5), ServiceFault::Crash)]
#[case::unhealthy(blue_green(5), ServiceFault::Unhealthy)]
#[case::cannot_start(blue_green(5), ServiceFault::SecretDenied)]
fn the_breaker_trips_while_green_scales_up(#[case] strategy: Value, #[case] fault: ServiceFault) {
    let mut native = Native::new();
    native.stage.spoil(fault, None);
    let new = native.deploy("v2", &strategy);
    native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    let record = native.record(&new);
    assert_eq!(record["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    assert_eq!(
        record["statusReason"],
        "Service deployment rolled back because the circuit breaker threshold was exceeded."
    );
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert_eq!(native.weights(), [(100, 0), (0, 1)], "nothing was shifted");
    assert_eq!(native.running()["web:1"], (2, 2));
    native.no_violations();
}

#[test]
fn the_breaker_without_rollback_leaves_blue_in_charge() {
    let mut native = Native::on(&Setting {
        rollback: false,
        ..Setting::default()
    });
    native.stage.spoil(ServiceFault::Crash, None);
    let new = native.deploy("v2", &blue_green(5));
    native.until_status(&new, "STOPPED");
    assert_eq!(native.served(PRODUCTION, 10)["web:1"], 10);
    let web = native.stage.web();
    assert_eq!(web["deployments"][0]["rolloutState"], "FAILED");
    native.stage.world.clear_faults();
    let next = native.deploy("v3", &blue_green(0));
    let stages = native.stages(&next);
    assert!(stages[0].ends_with("RECONCILE_SERVICE"), "{stages:?}");
    assert_eq!(native.record(&next)["status"], "SUCCESSFUL");
    assert_eq!(native.served(PRODUCTION, 10)["web:3"], 10);
    native.no_violations();
}

#[rstest]
#[case::scaling("SCALE_UP")]
#[case::in_the_canary("PRODUCTION_TRAFFIC_SHIFT")]
#[case::baking("BAKE_TIME")]
fn a_second_deployment_reconciles_first(#[case] stage: &str) {
    let mut native = Native::new();
    let first = native.deploy("v2", &canary(10.0, 10, 5));
    let at_s = native.until_stage(&first, stage);
    native.stage.play_to_s(at_s + 10);
    let second = native.deploy("v3", &canary(10.0, 1, 0));
    assert_eq!(native.record(&first)["status"], "STOP_REQUESTED");
    let shown = native.stage.web()["deployments"].as_array().map(Vec::len);
    assert_eq!(shown, Some(3));
    native.until_stage(&second, "RECONCILE_SERVICE");
    native.until_stage(&second, "PRE_SCALE_UP");
    assert_eq!(native.weights()[0], (100, 0), "everything is blue's again");
    assert_eq!(native.running().into_keys().collect::<Vec<_>>(), ["web:1"]);
    native.until_status(&second, "SUCCESSFUL");
    assert_eq!(native.record(&first)["status"], "STOPPED");
    assert_eq!(native.served(PRODUCTION, 10)["web:3"], 10);
    native.no_violations();
}

#[test]
fn a_second_deployment_during_clean_up_takes_green_for_blue() {
    let mut native = Native::new();
    let first = native.deploy("v2", &blue_green(0));
    native.until_stage(&first, "CLEAN_UP");
    let second = native.deploy("v3", &blue_green(0));
    native.until_status(&second, "SUCCESSFUL");
    assert_eq!(native.record(&first)["status"], "STOPPED");
    assert_eq!(native.weights()[0], (100, 0));
    assert_eq!(native.served(PRODUCTION, 10)["web:3"], 10);
    assert_eq!(native.running().len(), 1);
    native.no_violations();
}

#[test]
fn a_deployment_during_a_rollback_starts_from_blue() {
    let mut native = Native::new();
    let first = native.deploy("v2", &canary(10.0, 10, 5));
    native.until_stage(&first, "PRODUCTION_TRAFFIC_SHIFT");
    stop(&mut native, &first);
    native.until_status(&first, "ROLLBACK_IN_PROGRESS");
    let second = native.deploy("v3", &blue_green(0));
    native.until_status(&second, "SUCCESSFUL");
    assert_eq!(native.served(PRODUCTION, 10)["web:3"], 10);
    assert_eq!(native.running().len(), 1);
    native.no_violations();
}

#[test]
fn a_deleted_service_stops_both_sides() {
    let mut native = Native::on(&Setting {
        weather: Weather::Typical,
        ..Setting::default()
    });
    let new = native.deploy("v2", &canary(10.0, 10, 5));
    native.until_stage(&new, "PRODUCTION_TRAFFIC_SHIFT");
    let input = json!({ "cluster": "main", "service": "web", "force": true });
    native.stage.call("DeleteService", input);
    let gone = native
        .stage
        .play_until(4_000, |play| play.web()["status"] == "INACTIVE");
    assert!(gone.is_some());
    assert!(native.running().is_empty());
}
