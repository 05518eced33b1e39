//! What must be so before anything moves; if it is not, the deployment fails, not the call (B8, F1).

use rstest::rstest;

use serde_json::json;

use super::stage::{Native, PRODUCTION, TEST, blue_green, canary};
use crate::base::here::here;
use crate::services::ecs::tests::stage::{Setting, pinned, text};
use crate::services::elb::{Action, FixedResponse};

const INVALID: &str = "Service deployment rolled back because of invalid networking configuration";

/// The deployment goes back at once, for this reason.
fn fails_for(native: &mut Native, reason: &str) {
    let new = native.deploy("v2", &blue_green(0));
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    let record = native.record(&new);
    assert_eq!(record["statusReason"], format!("{INVALID}{reason}"));
    assert!(native.stage.now_s() < 60);
    assert_eq!(native.running()["web:1"], (2, 2));
    let revisions = native.running().len();
    assert_eq!(revisions, 1, "nothing of it was ever started");
    native.no_violations();
}

#[rstest]
#[case::two(&[("web", 50), ("green", 50)], 2)]
#[case::none(&[("web", 0), ("green", 0)], 0)]
fn exactly_one_group_serves(#[case] weights: &[(&str, u16)], #[case] count: usize) {
    let mut native = Native::new();
    native.weigh(weights);
    let rule = native.production_rule.clone();
    let reason = format!(
        ". productionListenerRule {rule} should have exactly one target group serving traffic but found {count} target groups \
         which are serving traffic"
    );
    fails_for(&mut native, &reason);
}

#[test]
fn both_groups_are_in_a_rule() {
    let mut native = Native::new();
    native.weigh(&[("web", 100)]);
    let test_rule = native.test_rule.clone();
    let web = crate::services::elb::WeightedGroup {
        group: "web".into(),
        weight: 1,
    };
    native
        .stage
        .world
        .set_forward_weights(&test_rule, vec![web]);
    let green = native.arn("green");
    let reason = format!(
        ": Target group {green} is not associated with either productionListenerRule or testListenerRule."
    );
    fails_for(&mut native, &reason);
}

#[test]
fn a_foreign_group_must_not_serve() {
    let mut native = Native::new();
    let foreign = crate::TargetGroupBlueprint {
        name: "foreign".to_owned(),
        port: 80,
        health_check_path: Some("/".to_owned()),
        protocol: crate::GroupProtocol::Http,
        health_check_interval_seconds: 30,
        health_check_timeout_seconds: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        deregistration_delay_seconds: 30,
    };
    let world = &mut native.stage.world;
    here!(world.elb)
        .provision_target_group(&foreign)
        .expect("one more");
    native.weigh(&[("web", 0), ("green", 0), ("foreign", 1)]);
    let [web, green, foreign] = ["web", "green", "foreign"].map(|name| native.arn(name));
    let reason = format!(
        ". Production listener rule is forwarding traffic to unexpected target group {foreign}. Expected traffic to be forwarded \
         to either targetGroupArn: {web} or alternateTargetGroupArn: {green}"
    );
    fails_for(&mut native, &reason);
}

#[test]
fn the_rules_exist() {
    let mut native = Native::new();
    let test_rule = native.test_rule.clone();
    let listener = &mut native.stage.world.elb.balancers[0].listeners[0];
    listener.rules.retain(|rule| rule.arn != test_rule);
    fails_for(&mut native, ". One or more rules not found");
}

#[test]
fn a_rule_that_mixes_forward_with_other_actions_is_not_supported() {
    let mut native = Native::new();
    let listener = &mut native.stage.world.elb.balancers[0].listeners[0];
    listener.rules[0]
        .actions
        .insert(0, Action::Fixed(FixedResponse::bare(503)));
    let rule = native.production_rule.clone();
    let reason = format!(". Listener rule {rule} should have forward actions only.");
    fails_for(&mut native, &reason);
}

/// Captured after an initial deployment: green 100, blue 0 [OBS].
#[rstest]
#[case::blue_green(blue_green(1))]
#[case::canary(canary(10.0, 10, 1))]
fn a_first_deployment_goes_to_the_idle_group_in_one_step(#[case] strategy: serde_json::Value) {
    let mut native = Native::new();
    let input = json!({ "cluster": "main", "service": "web", "force": true });
    native.stage.call("DeleteService", input);
    native.stage.play_to_s(200);
    let input = json!({
        "cluster": "main", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
        "launchType": "FARGATE", "loadBalancers": native.balancers(), "deploymentConfiguration": strategy,
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
    });
    let reply = native.stage.call("CreateService", input);
    let new = text(&reply["service"]["deployments"][0]["id"]);
    let stages = native.stages(&new);
    let steps = stages
        .iter()
        .filter(|line| line.ends_with(" PRODUCTION_TRAFFIC_SHIFT"));
    assert_eq!(steps.count(), 1, "{stages:?}");
    assert_eq!(native.record(&new)["status"], "SUCCESSFUL");
    assert_eq!(native.weights(), [(0, 100), (0, 100)]);
    assert_eq!(native.served(PRODUCTION, 10)["web:1"], 10);
}

/// Both groups are in the production rule, and there is no test traffic.
#[test]
fn a_test_rule_is_not_needed() {
    let mut native = Native::new();
    let mut balancers = native.balancers();
    balancers[0]["advancedConfiguration"]
        .as_object_mut()
        .expect("an object")
        .remove("testListenerRule");
    let definition = native.stage.register("web", &pinned("v2"), false);
    let input = json!({
        "cluster": "main", "service": "web", "taskDefinition": definition,
        "loadBalancers": balancers, "deploymentConfiguration": blue_green(0),
    });
    let reply = native.stage.call("UpdateService", input);
    let new = text(&reply["service"]["deployments"][0]["id"]);
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(native.weights(), [(0, 100), (0, 1)]);
    assert_eq!(native.served(TEST, 10)["web:2"], 10, "nobody touched it");
    let target = &native.record(&new)["targetServiceRevision"];
    assert_eq!(target["requestedTestTrafficWeight"].as_f64(), Some(0.0));
}

#[test]
fn blue_green_works_without_a_load_balancer() {
    let mut native = Native::on(&Setting {
        balanced: false,
        ..Setting::default()
    });
    let definition = native.stage.register("web", &pinned("v2"), false);
    let input = json!({
        "cluster": "main", "service": "web", "taskDefinition": definition,
        "deploymentConfiguration": blue_green(1),
    });
    let reply = native.stage.call("UpdateService", input);
    let new = text(&reply["service"]["deployments"][0]["id"]);
    native.until_stage(&new, "BAKE_TIME");
    assert_eq!(native.running().len(), 2);
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(native.running()["web:2"], (2, 2));
}

/// Each stage takes at most 24 h (B8 [DOC]).
#[test]
fn green_has_a_day_to_come_up() {
    let mut native = Native::on(&Setting {
        breaker: false,
        ..Setting::default()
    });
    native.stage.spoil(crate::ServiceFault::ImageMissing, None);
    let new = native.deploy("v2", &blue_green(0));
    let begun_s = native.until_stage(&new, "SCALE_UP");
    let over_s = native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    assert_eq!(over_s - begun_s, 24 * 3_600);
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert_eq!(native.running()["web:1"], (2, 2));
}

#[test]
fn its_beginning_and_its_end_are_told() {
    let mut native = Native::new();
    let new = native.deploy("v2", &blue_green(0));
    native.until_status(&new, "SUCCESSFUL");
    let told = native.stage.world.events.told.iter();
    let told = told.filter(|told| told.detail_type == "ECS Deployment State Change");
    let names: Vec<(String, String)> = told
        .map(|told| told.detail.tree())
        .map(|detail| (text(&detail["eventName"]), text(&detail["deploymentId"])))
        .filter(|(_, id)| *id == new)
        .collect();
    let event = |name: &str| (name.to_owned(), new.clone());
    assert_eq!(
        names,
        [
            event("SERVICE_DEPLOYMENT_IN_PROGRESS"),
            event("SERVICE_DEPLOYMENT_COMPLETED"),
        ]
    );
}
