//! Lambda hooks: each answer, where they run, and what a deployment makes of it.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Native, blue_green, lambda, linear, with_hooks};
use crate::services::ecs::tests::stage::text;
use crate::{Fault, HookAnswer, LifecycleStage as Stage};

const FUNCTION: &str = "arn:aws:lambda:sa-east-1:123456789012:function:check";

fn details(native: &mut Native, deployment: &str) -> Vec<(String, String)> {
    let record = native.record(deployment);
    let list = record["lifecycleHookDetails"].as_array();
    let detail = |one: &Value| {
        assert!(text(&one["hookId"]).starts_with("ecs-lambda-"));
        (text(&one["targetArn"]), text(&one["status"]))
    };
    list.map_or(Vec::new(), |list| list.iter().map(detail).collect())
}

#[test]
fn a_hook_that_succeeds_holds_its_stage_only_shortly() {
    let mut native = Native::new();
    let hooks = with_hooks(blue_green(0), &[lambda(&["POST_TEST_TRAFFIC_SHIFT"])]);
    let new = native.deploy("v2", &hooks);
    native.until_stage(&new, "POST_TEST_TRAFFIC_SHIFT");
    let in_progress = (FUNCTION.to_owned(), "IN_PROGRESS".to_owned());
    assert_eq!(details(&mut native, &new), [in_progress]);
    native.until_status(&new, "SUCCESSFUL");
    let succeeded = (FUNCTION.to_owned(), "SUCCEEDED".to_owned());
    assert_eq!(details(&mut native, &new), [succeeded]);
}

#[rstest]
#[case::failed(
    HookAnswer::Failed,
    "Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed. Lifecycle hook target \
     arn:aws:lambda:sa-east-1:123456789012:function:check returned FAILED status."
)]
#[case::no_answer(
    HookAnswer::Nothing,
    "Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed. ECS was unable to parse the \
     response from arn:aws:lambda:sa-east-1:123456789012:function:check due to: HookStatus must not be null."
)]
fn a_hook_that_does_not_succeed_rolls_back(#[case] answer: HookAnswer, #[case] reason: &str) {
    let mut native = Native::new();
    native.script(Stage::PostTestTrafficShift, &[answer]);
    let hooks = with_hooks(blue_green(0), &[lambda(&["POST_TEST_TRAFFIC_SHIFT"])]);
    let new = native.deploy("v2", &hooks);
    native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    let record = native.record(&new);
    assert_eq!(record["statusReason"], reason);
    assert_eq!(record["rollback"]["reason"], reason);
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert_eq!(native.weights(), [(100, 0), (100, 0)]);
    assert_eq!(native.running().len(), 1);
    let told = format!("deployment failed: {reason}");
    let web = native.stage.web();
    let mut events = web["events"].as_array().expect("events").iter();
    assert!(events.any(|event| text(&event["message"]).ends_with(&told)));
    let picture = &native.stage.world.picture().services["web"];
    assert_eq!(picture.task_definition, "web:1");
    native.no_violations();
}

/// 30 s by default; `callBackDelay` says otherwise (B8 [DOC]).
#[rstest]
#[case::by_default(None, 34)]
#[case::as_asked(Some(90), 94)]
fn a_hook_in_progress_is_called_again(#[case] call_back_delay: Option<u32>, #[case] after_s: u64) {
    let mut native = Native::new();
    let waits = HookAnswer::InProgress { call_back_delay };
    native.script(Stage::PostScaleUp, &[waits, HookAnswer::Succeeded]);
    let hooks = with_hooks(blue_green(0), &[lambda(&["POST_SCALE_UP"])]);
    let new = native.deploy("v2", &hooks);
    let begun_s = native.until_stage(&new, "POST_SCALE_UP");
    let over_s = native.until_stage(&new, "TEST_TRAFFIC_SHIFT");
    assert_eq!(over_s - begun_s, after_s);
}

#[test]
fn a_hook_that_is_in_progress_for_ever_times_out_after_a_day() {
    let mut native = Native::new();
    let waits = HookAnswer::InProgress {
        call_back_delay: Some(3_600),
    };
    native.script(Stage::PreScaleUp, &[waits]);
    let hooks = with_hooks(blue_green(0), &[lambda(&["PRE_SCALE_UP"])]);
    let new = native.deploy("v2", &hooks);
    let begun_s = native.until_stage(&new, "PRE_SCALE_UP");
    let over_s = native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    assert_eq!(over_s - begun_s, 24 * 3_600);
    assert_eq!(details(&mut native, &new)[0].1, "TIMED_OUT");
}

#[test]
fn a_lambda_hook_may_time_out_and_go_on() {
    let mut native = Native::new();
    let waits = HookAnswer::InProgress {
        call_back_delay: None,
    };
    native.script(Stage::PreScaleUp, &[waits]);
    let mut hook = lambda(&["PRE_SCALE_UP"]);
    hook["timeoutConfiguration"] = json!({ "timeoutInMinutes": 5, "action": "CONTINUE" });
    let new = native.deploy("v2", &with_hooks(blue_green(0), &[hook]));
    let begun_s = native.until_stage(&new, "PRE_SCALE_UP");
    assert_eq!(native.until_stage(&new, "SCALE_UP") - begun_s, 300);
    native.until_status(&new, "SUCCESSFUL");
}

#[test]
fn hooks_of_one_stage_run_side_by_side_and_one_is_enough_to_fail() {
    let mut native = Native::new();
    native.script(
        Stage::PreScaleUp,
        &[HookAnswer::Succeeded, HookAnswer::Failed],
    );
    let hooks = [lambda(&["PRE_SCALE_UP"]), lambda(&["PRE_SCALE_UP"])];
    let new = native.deploy("v2", &with_hooks(blue_green(0), &hooks));
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    let statuses: Vec<String> = details(&mut native, &new)
        .into_iter()
        .map(|(_, status)| status)
        .collect();
    assert_eq!(statuses, ["SUCCEEDED", "FAILED"]);
    assert_eq!(native.running()["web:1"], (2, 2));
}

#[test]
fn hooks_of_the_shifts_run_again_on_the_way_back() {
    let mut native = Native::new();
    native.script(Stage::PostProductionTrafficShift, &[HookAnswer::Failed]);
    let hooks = [
        lambda(&["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"]),
        lambda(&["POST_TEST_TRAFFIC_SHIFT"]),
        lambda(&["POST_PRODUCTION_TRAFFIC_SHIFT"]),
    ];
    let new = native.deploy("v2", &with_hooks(blue_green(0), &hooks));
    let stages = native.stages(&new);
    let names: Vec<&str> = stages
        .iter()
        .filter_map(|line| line.split(' ').nth(1))
        .skip_while(|stage| *stage != "POST_PRODUCTION_TRAFFIC_SHIFT")
        .collect();
    assert_eq!(
        names,
        [
            "POST_PRODUCTION_TRAFFIC_SHIFT",
            "PRODUCTION_TRAFFIC_SHIFT",
            "TEST_TRAFFIC_SHIFT",
            "CLEAN_UP",
            "ROLLBACK_SUCCESSFUL",
        ]
    );
    let statuses: Vec<String> = details(&mut native, &new)
        .into_iter()
        .map(|(_, status)| status)
        .collect();
    let succeeded = "SUCCEEDED";
    assert_eq!(
        statuses,
        [
            succeeded, succeeded, succeeded, "FAILED", succeeded, succeeded
        ]
    );
    assert_eq!(native.weights(), [(100, 0), (100, 0)]);
}

#[test]
fn a_hook_that_fails_on_the_way_back_does_not_keep_the_traffic() {
    let mut native = Native::new();
    native.script(
        Stage::ProductionTrafficShift,
        &[HookAnswer::Succeeded, HookAnswer::Failed],
    );
    native.script(Stage::PostProductionTrafficShift, &[HookAnswer::Failed]);
    let hooks = [lambda(&[
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
    ])];
    let new = native.deploy("v2", &with_hooks(blue_green(0), &hooks));
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert_eq!(native.weights(), [(100, 0), (100, 0)]);
}

#[test]
fn hooks_of_the_production_shift_run_at_every_step() {
    let mut native = Native::new();
    let hooks = [lambda(&[
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
    ])];
    let new = native.deploy("v2", &with_hooks(linear(25.0, 1, 0), &hooks));
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(details(&mut native, &new).len(), 8);
}

#[test]
fn hook_state_changes_are_told() {
    let mut native = Native::new();
    native.script(Stage::PreScaleUp, &[HookAnswer::Failed]);
    let hooks = with_hooks(blue_green(0), &[lambda(&["PRE_SCALE_UP"])]);
    let new = native.deploy("v2", &hooks);
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    let arn = text(&native.record(&new)["serviceDeploymentArn"]);
    let told = native.stage.world.events.told.iter();
    let told = told.filter(|told| told.detail_type == "ECS Hook State Change");
    let names: Vec<(String, String)> = told
        .inspect(|told| assert_eq!(told.resources, std::slice::from_ref(&arn)))
        .map(|told| told.detail.tree())
        .map(|detail| (text(&detail["eventName"]), text(&detail["hookType"])))
        .collect();
    let event = |name: &str| (name.to_owned(), "AWS_LAMBDA".to_owned());
    assert_eq!(names, [event("HOOK_IN_PROGRESS"), event("HOOK_FAILED")]);
}

#[test]
fn a_first_deployment_that_fails_has_nothing_to_go_back_to() {
    let mut native = Native::new();
    native.script(Stage::PreScaleUp, &[HookAnswer::Failed]);
    native.stage.call(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    native.stage.play_to_s(200);
    let configuration = with_hooks(blue_green(0), &[lambda(&["PRE_SCALE_UP"])]);
    let input = json!({
        "cluster": "main", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
        "loadBalancers": native.balancers(), "deploymentConfiguration": configuration,
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
    });
    let reply = native.stage.call("CreateService", input);
    let new = text(&reply["service"]["deployments"][0]["id"]);
    native.until_status(&new, "ROLLBACK_FAILED");
    let reason = "No rollback candidate was found to run the rollback.";
    assert_eq!(native.record(&new)["statusReason"], reason);
    let web = native.stage.web();
    assert_eq!(web["deployments"][0]["rolloutState"], "FAILED");
    assert!(native.running().is_empty());
}

/// As the control API takes it and shows it again.
#[test]
fn a_script_is_a_fault() {
    let posted = json!({
        "where": "hook", "service": "web", "stage": "POST_TEST_TRAFFIC_SHIFT",
        "answers": [{ "in-progress": { "call_back_delay": 5 } }, { "in-progress": {} }, "nothing", "failed", "succeeded"],
    });
    let fault: Fault = serde_json::from_value(posted).expect("a fault");
    let mut native = Native::new();
    native.stage.world.add_fault(fault.clone());
    assert_eq!(native.stage.world.faults(), [fault]);
    native.stage.world.clear_faults();
    assert!(native.stage.world.faults().is_empty());
}
