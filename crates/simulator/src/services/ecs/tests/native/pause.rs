//! PAUSE hooks and ContinueServiceDeployment.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Native, blue_green, lambda, linear, with_hooks};
use crate::services::ecs::tests::stage::text;
use crate::{HookAnswer, LifecycleStage};

fn pause(stages: &[&str], timeout: Option<(u32, &str)>) -> Value {
    let mut hook = json!({ "targetType": "PAUSE", "lifecycleStages": stages });
    if let Some((minutes, action)) = timeout {
        hook["timeoutConfiguration"] = json!({ "timeoutInMinutes": minutes, "action": action });
    }
    hook
}

/// The pauses that wait now, by id.
fn waiting(native: &mut Native, deployment: &str) -> Vec<String> {
    let record = native.record(deployment);
    let list = record["lifecycleHookDetails"].as_array().cloned();
    list.unwrap_or_default()
        .iter()
        .filter(|detail| detail["status"] == "AWAITING_ACTION")
        .map(|detail| text(&detail["hookId"]))
        .collect()
}

fn answer(native: &mut Native, deployment: &str, hook: &str, action: &str) {
    let arn = native.record(deployment)["serviceDeploymentArn"].clone();
    let input = json!({ "serviceDeploymentArn": arn, "hookId": hook, "action": action });
    let reply = native.stage.call("ContinueServiceDeployment", input);
    assert_eq!(reply, json!({ "serviceDeploymentArn": arn }));
}

#[test]
fn a_pause_waits_until_it_is_continued() {
    let mut native = Native::new();
    let hooks = with_hooks(blue_green(0), &[pause(&["POST_TEST_TRAFFIC_SHIFT"], None)]);
    let new = native.deploy("v2", &hooks);
    let begun_s = native.until_stage(&new, "POST_TEST_TRAFFIC_SHIFT");
    let record = native.record(&new);
    let detail = &record["lifecycleHookDetails"][0];
    assert_eq!(detail["targetType"], "PAUSE");
    assert_eq!(detail["timeoutAction"], "ROLLBACK");
    assert!(detail["targetArn"].is_null());
    assert!(text(&detail["hookId"]).starts_with("ecs-pause-"));
    native.stage.play_to_s(begun_s + 20 * 3_600);
    assert_eq!(
        native.record(&new)["lifecycleStage"],
        "POST_TEST_TRAFFIC_SHIFT"
    );
    assert_eq!(native.record(&new)["status"], "IN_PROGRESS");
    let waiting = waiting(&mut native, &new);
    answer(&mut native, &new, &waiting[0], "CONTINUE");
    native.until_status(&new, "SUCCESSFUL");
    assert_eq!(native.weights()[0], (0, 100));
}

#[test]
fn a_pause_can_be_rolled_back() {
    let mut native = Native::new();
    let hooks = with_hooks(
        blue_green(0),
        &[pause(&["POST_PRODUCTION_TRAFFIC_SHIFT"], None)],
    );
    let new = native.deploy("v2", &hooks);
    native.until_stage(&new, "POST_PRODUCTION_TRAFFIC_SHIFT");
    assert_eq!(native.weights()[0], (0, 100));
    let waiting = waiting(&mut native, &new);
    answer(&mut native, &new, &waiting[0], "ROLLBACK");
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert_eq!(native.weights(), [(100, 0), (100, 0)]);
    assert_eq!(
        native.record(&new)["lifecycleHookDetails"][0]["status"],
        "FAILED"
    );
}

/// A pause may last 14 days, longer than any other stage (B8 [DOC]).
#[rstest]
#[case::by_default(None, 24 * 60, "ROLLBACK_SUCCESSFUL")]
#[case::rolls_back(Some((10, "ROLLBACK")), 10, "ROLLBACK_SUCCESSFUL")]
#[case::goes_on(Some((10, "CONTINUE")), 10, "SUCCESSFUL")]
#[case::fourteen_days(Some((20_160, "CONTINUE")), 20_160, "SUCCESSFUL")]
fn a_pause_times_out(
    #[case] timeout: Option<(u32, &str)>,
    #[case] minutes: u64,
    #[case] end: &str,
) {
    let mut native = Native::new();
    let hooks = with_hooks(blue_green(0), &[pause(&["POST_SCALE_UP"], timeout)]);
    let new = native.deploy("v2", &hooks);
    let begun_s = native.until_stage(&new, "POST_SCALE_UP");
    let over = native.stage.play_until(40 * 24 * 3_600, |play| {
        play.record(&new)["lifecycleHookDetails"][0]["status"] == "TIMED_OUT"
    });
    assert_eq!(over.map(|over_s| over_s - begun_s), Some(minutes * 60));
    native.until_status(&new, end);
    let reason = "Service deployment rolled back because POST_SCALE_UP pause hook timed out.";
    let rolled_back = end == "ROLLBACK_SUCCESSFUL";
    assert_eq!(native.record(&new)["statusReason"] == reason, rolled_back);
}

#[test]
fn the_whole_deployment_takes_at_most_thirty_days() {
    let mut native = Native::new();
    let stages = ["PRE_SCALE_UP", "POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT"];
    let hooks = with_hooks(blue_green(0), &[pause(&stages, Some((20_160, "CONTINUE")))]);
    let new = native.deploy("v2", &hooks);
    let over_s = native.until_status(&new, "ROLLBACK_IN_PROGRESS");
    assert_eq!(over_s, 30 * 24 * 3_600);
}

#[test]
fn a_pause_before_each_step_has_an_id_of_its_own() {
    let mut native = Native::new();
    let hooks = [pause(&["PRE_PRODUCTION_TRAFFIC_SHIFT"], None)];
    let new = native.deploy("v2", &with_hooks(linear(20.0, 1, 0), &hooks));
    let mut ids = Vec::new();
    while native.record(&new)["status"] == "PENDING" || native.record(&new)["finishedAt"].is_null()
    {
        for id in waiting(&mut native, &new) {
            answer(&mut native, &new, &id, "CONTINUE");
            ids.push(id);
        }
        let next_ms = native.stage.world.next_event_ms().expect("goes on");
        native.stage.world.advance(next_ms);
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((count, ids.len()), (5, 5));
    assert_eq!(native.record(&new)["status"], "SUCCESSFUL");
}

#[test]
fn a_stage_waits_for_its_pause_and_its_function() {
    let mut native = Native::new();
    let failed = [HookAnswer::Failed];
    native.script(LifecycleStage::PostScaleUp, &failed);
    let hooks = [pause(&["POST_SCALE_UP"], None), lambda(&["POST_SCALE_UP"])];
    let new = native.deploy("v2", &with_hooks(blue_green(0), &hooks));
    native.until_status(&new, "ROLLBACK_SUCCESSFUL");
    assert!(
        waiting(&mut native, &new).is_empty(),
        "its id is no longer good"
    );
}

#[test]
fn what_continue_refuses() {
    let mut native = Native::new();
    let hooks = with_hooks(blue_green(0), &[pause(&["PRE_SCALE_UP"], None)]);
    let new = native.deploy("v2", &hooks);
    native.until_stage(&new, "PRE_SCALE_UP");
    let id = waiting(&mut native, &new).remove(0);
    let arn = text(&native.record(&new)["serviceDeploymentArn"]);
    let form = "Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}";
    let other = "Provided hookId is either completed, unavailable, or not associated with the given Resource ARN";
    let missing = "The service deployment does not exist.";
    let nowhere = "arn:aws:ecs:sa-east-1:123456789012:service-deployment/main/web/x";
    for (arn, id, code, message) in [
        (arn.as_str(), "pause", "InvalidParameterException", form),
        (arn.as_str(), "ecs-pause", "InvalidParameterException", form),
        (
            arn.as_str(),
            "ecs-pause-x",
            "InvalidParameterException",
            other,
        ),
        (
            nowhere,
            id.as_str(),
            "ServiceDeploymentNotFoundException",
            missing,
        ),
    ] {
        let input = json!({ "serviceDeploymentArn": arn, "hookId": id });
        let refusal = native.stage.refusal("ContinueServiceDeployment", input);
        assert_eq!((refusal.code, refusal.message.as_str()), (code, message));
    }
    answer(&mut native, &new, &id, "CONTINUE");
    let again = json!({ "serviceDeploymentArn": arn, "hookId": id });
    let refusal = native
        .stage
        .refusal("ContinueServiceDeployment", again.clone());
    assert_eq!(refusal.message, other, "once is enough");
    native.until_status(&new, "SUCCESSFUL");
    let refusal = native.stage.refusal("ContinueServiceDeployment", again);
    assert_eq!(
        refusal.message,
        "Continuing a service deployment is not allowed for service deployment in terminal states."
    );
}
