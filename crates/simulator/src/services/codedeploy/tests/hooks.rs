//! Lifecycle event hooks: each can end a deployment.

use serde_json::{Value, json};

use super::stage::{Setting, Stage};
use crate::FunctionAnswer;

const HOOKS: [&str; 5] = [
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
];

fn hooks() -> Value {
    let arn = |name: &str| format!("arn:aws:lambda:sa-east-1:123456789012:function:{name}");
    HOOKS.map(|name| json!({ name: arn(name) })).to_vec().into()
}

#[test]
fn a_hook_that_fails_ends_the_deployment() {
    for failing in HOOKS {
        let mut stage = Stage::new(&Setting::default());
        stage.script(failing, FunctionAnswer::Failed);
        let id = stage.deploy_with("v2", hooks());
        stage.play_until_status(&id, "Failed");
        assert_eq!(
            stage.error(&id),
            (
                "HOOK_EXECUTION_FAILURE".to_owned(),
                "The deployment failed because one or more of the lifecycle event validation functions failed.".to_owned()
            )
        );
        assert!(
            stage.events(&id).contains(&format!("{failing}=Failed")),
            "{failing}"
        );
        let target = stage.target(&id);
        let events = target["lifecycleEvents"].as_array().unwrap();
        let event = events
            .iter()
            .find(|event| event["lifecycleEventName"] == failing)
            .unwrap();
        assert_eq!(
            event["diagnostics"]["errorCode"], "ScriptFailed",
            "{failing}"
        );
        // "A rollback is not possible" at BeforeInstall.
        let rollback = stage.rollback_of(&id);
        assert_eq!(rollback.is_some(), failing != "BeforeInstall", "{failing}");
        if let Some(rollback) = rollback {
            stage.play_until_status(&rollback, "Succeeded");
        }
        assert_eq!(stage.weights(), "blue=100 green=0", "{failing}");
        assert_eq!(
            stage.sets()[0],
            "PRIMARY web:1 2/2 STEADY_STATE",
            "{failing}"
        );
    }
}

#[test]
fn hooks_succeed_unless_they_are_scripted() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy_with("v2", hooks());
    stage.play_until_status(&id, "Succeeded");
    let target = stage.target(&id);
    let shown = &target["lifecycleEvents"][0]["diagnostics"];
    assert_eq!(shown["errorCode"], "Success");
}

#[test]
fn a_hook_may_be_answered_from_outside() {
    for (answer, expected) in [("Succeeded", "Succeeded"), ("Failed", "Failed")] {
        let mut stage = Stage::new(&Setting::default());
        stage.script("BeforeAllowTraffic", FunctionAnswer::Wait);
        let id = stage.deploy_with("v2", hooks());
        let said = |event: &str, status: &str| {
            json!({
                "deploymentId": id, "lifecycleEventHookExecutionId": format!("{id}/{event}"), "status": status,
            })
        };
        stage.play_until_event(&id, "BeforeAllowTraffic=InProgress");
        for (event, status, code) in [
            (
                "BeforeAllowTraffic",
                "Skipped",
                "InvalidLifecycleEventHookExecutionStatusException",
            ),
            (
                "Install",
                "Succeeded",
                "InvalidLifecycleEventHookExecutionIdException",
            ),
            (
                "AfterAllowTraffic",
                "Succeeded",
                "InvalidLifecycleEventHookExecutionIdException",
            ),
            (
                "AfterInstall",
                "Succeeded",
                "LifecycleEventAlreadyCompletedException",
            ),
        ] {
            let refusal =
                stage.refusal("PutLifecycleEventHookExecutionStatus", said(event, status));
            assert_eq!(refusal.code, code, "{event} {status}");
        }
        stage.call(
            "PutLifecycleEventHookExecutionStatus",
            said("BeforeAllowTraffic", answer),
        );
        stage.play_until_status(&id, expected);
    }
}

#[test]
fn a_hook_that_says_nothing_times_out_after_an_hour() {
    let mut stage = Stage::new(&Setting::default());
    stage.script("AfterInstall", FunctionAnswer::Wait);
    let id = stage.deploy_with("v2", hooks());
    let begun_s = stage.play_until_event(&id, "AfterInstall=InProgress");
    let failed_s = stage.play_until_status(&id, "Failed");
    assert_eq!(failed_s - begun_s, 3_600);
    let (code, message) = stage.error(&id);
    assert_eq!(code, "TIMEOUT");
    assert!(message.starts_with("The deployment timed out while waiting for a status callback."));
}
