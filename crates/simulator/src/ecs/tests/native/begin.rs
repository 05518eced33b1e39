//! What must be so before anything moves; if it is not, the deployment fails, not the call (B8, F1).

use rstest::rstest;

use super::stage::{Native, blue_green};
use crate::elb::{Action, FixedResponse};

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
    let web = crate::elb::WeightedGroup {
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
        health_check_path: "/".to_owned(),
        health_check_interval_seconds: 30,
        health_check_timeout_seconds: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        deregistration_delay_seconds: 30,
    };
    native
        .stage
        .world
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
