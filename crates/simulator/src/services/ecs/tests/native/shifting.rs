//! The three strategies when all is well: stages, weights, and what users see.

use std::collections::BTreeMap;

use serde_json::json;

use super::stage::{Native, PRODUCTION, TEST, blue_green, canary, linear};
use crate::services::ecs::tests::stage::text;

fn counts(list: &[(&str, usize)]) -> BTreeMap<String, usize> {
    list.iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[test]
fn blue_green_takes_its_stages_in_order() {
    let mut native = Native::new();
    let new = native.deploy("v2", &blue_green(5));
    assert_eq!(
        native.stages(&new),
        [
            "+1 PRE_SCALE_UP",
            "+3 SCALE_UP",
            "+39 POST_SCALE_UP",
            "+41 TEST_TRAFFIC_SHIFT",
            "+46 POST_TEST_TRAFFIC_SHIFT",
            "+48 PRE_PRODUCTION_TRAFFIC_SHIFT",
            "+50 PRODUCTION_TRAFFIC_SHIFT",
            "+55 POST_PRODUCTION_TRAFFIC_SHIFT",
            "+57 BAKE_TIME",
            "+357 CLEAN_UP",
            "+386 SUCCESSFUL",
        ]
    );
    assert_eq!(native.weights(), [(0, 100), (0, 100)]);
    native.no_violations();
}

#[test]
fn green_is_tested_before_it_gets_production_traffic() {
    let mut native = Native::new();
    let old = text(&native.stage.web()["deployments"][0]["id"]);
    let new = native.deploy("v2", &blue_green(5));
    native.until_stage(&new, "SCALE_UP");
    assert_eq!(native.served(PRODUCTION, 100), counts(&[("web:1", 100)]));
    native.until_stage(&new, "POST_TEST_TRAFFIC_SHIFT");
    assert_eq!(native.served(TEST, 100), counts(&[("web:2", 100)]));
    assert_eq!(native.served(PRODUCTION, 100), counts(&[("web:1", 100)]));
    let known = [(old.as_str(), "OLD"), (new.as_str(), "NEW")];
    assert_eq!(
        native.stage.deployments(&known),
        [
            "PRIMARY NEW IN_PROGRESS ECS deployment NEW in progress. 2+0/2",
            "ACTIVE OLD COMPLETED ECS deployment OLD completed. 2+0/2",
        ],
        "both run (B8 [OBS])"
    );
    let record = native.record(&new);
    assert_eq!(record["status"], "IN_PROGRESS");
    let weights = |revision: &serde_json::Value| {
        (
            revision["requestedTestTrafficWeight"].as_f64(),
            revision["requestedProductionTrafficWeight"].as_f64(),
        )
    };
    let target = weights(&record["targetServiceRevision"]);
    assert_eq!(target, (Some(100.0), Some(0.0)));
    let source = weights(&record["sourceServiceRevisions"][0]);
    assert_eq!(source, (Some(0.0), Some(100.0)));
    native.until_stage(&new, "BAKE_TIME");
    assert_eq!(native.served(PRODUCTION, 100), counts(&[("web:2", 100)]));
    assert_eq!(native.running().len(), 2, "blue waits for the bake to end");
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(
        native.stage.deployments(&known),
        ["PRIMARY NEW COMPLETED ECS deployment NEW completed. 2+0/2"]
    );
    let record = native.record(&new);
    let target = weights(&record["targetServiceRevision"]);
    assert_eq!(target, (Some(100.0), Some(100.0)));
    native.no_violations();
}

#[test]
fn canary_brings_all_of_green_up_then_a_part_of_the_traffic() {
    let mut native = Native::new();
    let new = native.deploy("v2", &canary(10.0, 10, 5));
    native.until_stage(&new, "POST_SCALE_UP");
    assert_eq!(native.running()["web:2"], (2, 2), "double capacity");
    let shift_s = native.until_stage(&new, "PRODUCTION_TRAFFIC_SHIFT");
    native.stage.play_to_s(shift_s + 300);
    assert_eq!(native.weights(), [(90, 10), (0, 100)]);
    let served = native.served(PRODUCTION, 1_000);
    assert_eq!(served, counts(&[("web:1", 900), ("web:2", 100)]));
    let record = native.record(&new);
    let weight = &record["targetServiceRevision"]["requestedProductionTrafficWeight"];
    assert_eq!(weight.as_f64(), Some(10.0));
    let post_s = native.until_stage(&new, "POST_PRODUCTION_TRAFFIC_SHIFT");
    assert!(
        (600..640).contains(&(post_s - shift_s)),
        "10 min of canary, was {}",
        post_s - shift_s
    );
    assert_eq!(native.weights(), [(0, 100), (0, 100)]);
    let bake_s = native.until_stage(&new, "BAKE_TIME");
    let clean_s = native.until_stage(&new, "CLEAN_UP");
    assert_eq!(clean_s - bake_s, 300);
    native.until_status(&new, "SUCCESSFUL");
    native.no_violations();
}

#[test]
fn a_canary_of_half_a_percent() {
    let mut native = Native::new();
    let new = native.deploy("v2", &canary(0.5, 10, 0));
    let shift_s = native.until_stage(&new, "PRODUCTION_TRAFFIC_SHIFT");
    native.stage.play_to_s(shift_s + 60);
    assert_eq!(native.weights()[0], (994, 5));
    let served = native.served(PRODUCTION, 999);
    assert_eq!(served, counts(&[("web:1", 994), ("web:2", 5)]));
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(native.weights()[0], (0, 999));
}

#[test]
fn linear_goes_in_equal_steps_and_bakes_between_them() {
    let mut native = Native::new();
    let new = native.deploy("v2", &linear(30.0, 2, 1));
    let mut steps = Vec::new();
    let mut last = (0, 0);
    native.until_stage(&new, "PRE_PRODUCTION_TRAFFIC_SHIFT");
    loop {
        let weights = native.weights()[0];
        if weights != last {
            last = weights;
            steps.push((native.stage.now_s(), weights));
        }
        if native.record(&new)["lifecycleStage"] == "POST_PRODUCTION_TRAFFIC_SHIFT" {
            break;
        }
        let next_ms = native.stage.world.next_event_ms().expect("goes on");
        native.stage.world.advance(next_ms);
    }
    let weights: Vec<(u16, u16)> = steps.iter().map(|(_, weights)| *weights).collect();
    assert_eq!(weights, [(100, 0), (70, 30), (40, 60), (10, 90), (0, 100)]);
    for pair in steps[1..].windows(2) {
        let apart_s = pair[1].0 - pair[0].0;
        assert!((120..150).contains(&apart_s), "{steps:?}");
    }
    let at_all_s = steps[4].0;
    assert!(
        native.stage.now_s() - at_all_s < 10,
        "no bake of the step after 100 %"
    );
    native.until_status(&new, "SUCCESSFUL");
    native.no_violations();
}

#[test]
fn the_next_deployment_swaps_the_target_groups() {
    let mut native = Native::new();
    let first = native.deploy("v2", &blue_green(0));
    native.until_status(&first, "SUCCESSFUL");
    let second = native.deploy("v3", &blue_green(0));
    native.until_stage(&second, "POST_SCALE_UP");
    let groups = &native.stage.world.elb.groups;
    assert_eq!(groups["web"].targets.len(), 2, "v3 is where v1 was");
    assert_eq!(groups["green"].targets.len(), 2, "v2 stays where it is");
    assert_eq!(native.weights()[0], (0, 100));
    native.until_status(&second, "SUCCESSFUL");
    assert_eq!(native.weights(), [(100, 0), (100, 0)]);
    assert_eq!(native.served(PRODUCTION, 10), counts(&[("web:3", 10)]));
    let resolved = |native: &mut Native, id: &str| {
        let record = native.record(id);
        let arn = record["targetServiceRevision"]["arn"].clone();
        let found = native.stage.call(
            "DescribeServiceRevisions",
            json!({ "serviceRevisionArns": [arn] }),
        );
        let balancer = &found["serviceRevisions"][0]["resolvedConfiguration"]["loadBalancers"][0];
        assert_eq!(
            balancer["productionListenerRule"],
            json!(native.production_rule)
        );
        text(&balancer["targetGroupArn"])
    };
    assert_eq!(resolved(&mut native, &first), native.arn("green"));
    assert_eq!(resolved(&mut native, &second), native.arn("web"));
    let web = native.stage.web();
    assert_eq!(
        web["loadBalancers"],
        native.balancers(),
        "what was configured is answered as it came"
    );
    native.no_violations();
}

#[test]
fn scaling_during_a_canary_scales_both_sides() {
    let mut native = Native::new();
    let new = native.deploy("v2", &canary(10.0, 10, 1));
    let shift_s = native.until_stage(&new, "PRODUCTION_TRAFFIC_SHIFT");
    let input = json!({ "cluster": "main", "service": "web", "desiredCount": 4 });
    native.stage.call("UpdateService", input);
    native.stage.play_to_s(shift_s + 300);
    let running = native.running();
    assert_eq!((running["web:1"], running["web:2"]), ((4, 4), (4, 4)));
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(native.running()["web:2"], (4, 4));
}

#[test]
fn a_rolling_deployment_after_it_goes_where_the_traffic_is() {
    let mut native = Native::new();
    let first = native.deploy("v2", &blue_green(0));
    native.until_status(&first, "SUCCESSFUL");
    let second = native.deploy("v3", &json!({ "strategy": "ROLLING" }));
    native.until_status(&second, "SUCCESSFUL");
    assert!(native.record(&second)["lifecycleStage"].is_null());
    assert_eq!(native.served(PRODUCTION, 10), counts(&[("web:3", 10)]));
    native.no_violations();
}
