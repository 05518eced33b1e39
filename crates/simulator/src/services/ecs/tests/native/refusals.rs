//! What CreateService and UpdateService refuse at once, and what they drop or answer (F1, B8).

use serde_json::{Value, json};

use super::stage::{Native, blue_green, canary, lambda, linear, with_hooks};

fn refusal(native: &mut Native, configuration: &Value, balancers: &Value) -> String {
    let input = json!({
        "cluster": "main", "service": "web",
        "loadBalancers": balancers, "deploymentConfiguration": configuration,
    });
    let error = native.stage.refusal("UpdateService", input);
    assert_eq!(error.code, "InvalidParameterException");
    error.message
}

#[test]
fn load_balancers_that_do_not_fit() {
    let mut native = Native::new();
    let good = native.balancers();
    let with = |member: &str, value: Value| {
        let mut changed = good.clone();
        changed[0]["advancedConfiguration"][member] = value;
        changed
    };
    let mut plain = good.clone();
    plain[0]
        .as_object_mut()
        .expect("an object")
        .remove("advancedConfiguration");
    let listener = "arn:aws:elasticloadbalancing:sa-east-1:123456789012:listener/app/front/1/2";
    let rule = native.production_rule.clone();
    let web = native.arn("web");
    let twice = json!([good[0], good[0]]);
    let half = json!([good[0], plain[0]]);
    for (balancers, expected) in [
        (
            plain.clone(),
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy".to_owned(),
        ),
        (
            with("productionListenerRule", json!(listener)),
            format!("productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {listener}"),
        ),
        (
            with("testListenerRule", json!(listener)),
            format!("testListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {listener}"),
        ),
        (
            with("testListenerRule", json!(rule)),
            format!("The following rules cannot be used as both production and test listener rules: {rule}"),
        ),
        (
            with("alternateTargetGroupArn", json!(web)),
            format!("Duplicate targetGroupArn found: {web}"),
        ),
        (twice, format!("Duplicate targetGroupArn found: {web}")),
        (
            with("alternateTargetGroupArn", json!("arn:nowhere")),
            "The target group arn:nowhere does not exist.".to_owned(),
        ),
    ] {
        assert_eq!(refusal(&mut native, &blue_green(0), &balancers), expected);
    }
    let rolling = json!({ "strategy": "ROLLING" });
    assert_eq!(
        refusal(&mut native, &rolling, &half),
        "Either all or none of the provided loadBalancers must have advancedConfiguration defined"
    );
    native.weigh(&[("web", 100)]);
    assert_eq!(
        refusal(
            &mut native,
            &blue_green(0),
            &with("testListenerRule", Value::Null)
        ),
        "For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both \
         targetGroup and alternateTargetGroup"
    );
}

#[test]
fn configurations_that_cannot_be() {
    let mut native = Native::new();
    let balancers = native.balancers();
    let pause = |stage: &str| json!({ "targetType": "PAUSE", "lifecycleStages": [stage] });
    let hooked = |hook: Value| with_hooks(blue_green(0), &[hook]);
    let timeout = |minutes: u32| {
        let mut hook = pause("PRE_SCALE_UP");
        hook["timeoutConfiguration"] = json!({ "timeoutInMinutes": minutes });
        hook
    };
    let wrong_stage = "Invalid lifecycle stage provided for Pause Hook";
    let canary_percent = "canaryPercent must be a multiple of 0.1 between 0.1 and 100.0.";
    let step_percent = "stepPercent must be a multiple of 0.1 between 3.0 and 100.0.";
    let bake = "canaryBakeTimeInMinutes must be between 0 and 1440.";
    let pause_timeout = "timeoutInMinutes must be between 1 and 20160.";
    for (configuration, expected) in [
        (canary(0.0, 1, 0), canary_percent),
        (canary(0.05, 1, 0), canary_percent),
        (canary(100.1, 1, 0), canary_percent),
        (canary(5.0, 1_441, 0), bake),
        (linear(2.9, 1, 0), step_percent),
        (
            linear(10.0, 1_441, 0),
            "stepBakeTimeInMinutes must be between 0 and 1440.",
        ),
        (
            json!({ "strategy": "BLUE_GREEN" }),
            "bakeTimeInMinutes is required when using the BLUE_GREEN deployment strategy",
        ),
        (
            json!({ "strategy": "RED_BLACK" }),
            "Invalid strategy RED_BLACK. Valid values are: ROLLING, BLUE_GREEN, LINEAR, CANARY",
        ),
        (
            json!({
                "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "earlySuccessCriteria":
                    { "enable": true, "healthyPercent": 100, "sourceServiceRevisionCleanup": "BLOCKING" },
            }),
            "earlySuccessCriteria is only supported with the ROLLING deployment strategy",
        ),
        (hooked(pause("TEST_TRAFFIC_SHIFT")), wrong_stage),
        (hooked(pause("PRODUCTION_TRAFFIC_SHIFT")), wrong_stage),
        (
            hooked(pause("BAKE_TIME")),
            "Invalid lifecycle stage BAKE_TIME.",
        ),
        (
            hooked(lambda(&["BAKE_TIME"])),
            "Invalid lifecycle stage BAKE_TIME.",
        ),
        (
            hooked(json!({ "targetType": "SQS", "lifecycleStages": ["PRE_SCALE_UP"] })),
            "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE",
        ),
        (
            hooked(json!({ "lifecycleStages": ["PRE_SCALE_UP"] })),
            "hookTargetArn is required for AWS_LAMBDA lifecycle hooks.",
        ),
        (hooked(timeout(0)), pause_timeout),
        (hooked(timeout(20_161)), pause_timeout),
        (
            with_hooks(blue_green(0), &vec![pause("PRE_SCALE_UP"); 11]),
            "A service can have at most 10 lifecycle hooks with targetType PAUSE.",
        ),
    ] {
        let found = refusal(&mut native, &configuration, &balancers);
        assert_eq!(found, expected, "{configuration}");
    }
    let nothing = refusal(&mut native, &canary(5.0, 1, 0), &json!([]));
    assert_eq!(
        nothing,
        "loadBalancers is required when using the CANARY deployment strategy"
    );
}

#[test]
fn a_canary_configuration_with_blue_green_is_dropped_without_a_word() {
    let mut native = Native::new();
    let mut configuration = canary(10.0, 10, 5);
    configuration["strategy"] = json!("BLUE_GREEN");
    native.deploy("v2", &configuration);
    let shown = native.stage.web()["deploymentConfiguration"].clone();
    assert_eq!(shown["strategy"], "BLUE_GREEN");
    assert_eq!(shown["bakeTimeInMinutes"], 5);
    assert!(shown["canaryConfiguration"].is_null());
}

#[test]
fn what_is_configured_is_answered_with_its_defaults() {
    let mut native = Native::new();
    let hook = json!({
        "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"],
        "timeoutConfiguration": { "timeoutInMinutes": 10, "action": "CONTINUE" },
    });
    let configuration = json!({ "strategy": "CANARY", "lifecycleHooks": [hook] });
    native.deploy("v2", &configuration);
    let shown = native.stage.web()["deploymentConfiguration"].clone();
    assert_eq!(
        shown["canaryConfiguration"],
        json!({ "canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10 })
    );
    assert_eq!(shown["lifecycleHooks"], json!([hook]));
    native.deploy("v3", &json!({ "strategy": "LINEAR" }));
    let shown = native.stage.web()["deploymentConfiguration"].clone();
    assert_eq!(
        shown["linearConfiguration"],
        json!({ "stepPercent": 10.0, "stepBakeTimeInMinutes": 6 })
    );
    assert!(shown["canaryConfiguration"].is_null());
}

#[test]
fn a_change_of_strategy_alone_starts_nothing() {
    let mut native = Native::new();
    let first = native.deploy("v2", &blue_green(0));
    native.until_status(&first, "SUCCESSFUL");
    let input = json!({
        "cluster": "main", "service": "web", "deploymentConfiguration": { "strategy": "LINEAR" },
    });
    let reply = native.stage.call("UpdateService", input);
    assert_eq!(reply["service"]["deployments"][0]["id"], json!(first));
}
