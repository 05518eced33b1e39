//! Lifecycle hooks of a rolling deployment: what they hold, and what comes of their answers.

use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};
use crate::{Fault, HookAnswer, LifecycleStage};

const FUNCTION: &str = "arn:aws:lambda:sa-east-1:123456789012:function:check";

fn lambda(stage: &str) -> Value {
    json!({ "hookTargetArn": FUNCTION, "roleArn": "arn:aws:iam::123456789012:role/invoke", "lifecycleStages": [stage] })
}

fn pause(stage: &str) -> Value {
    json!({ "targetType": "PAUSE", "lifecycleStages": [stage] })
}

fn deploy(stage: &mut Stage, hooks: &[Value]) -> String {
    let definition = stage.register("web", &pinned("v2"), false);
    let input = json!({
        "cluster": "main", "service": "web", "taskDefinition": definition,
        "deploymentConfiguration": { "strategy": "ROLLING", "lifecycleHooks": hooks },
    });
    let reply = stage.call("UpdateService", input);
    text(&reply["service"]["deployments"][0]["id"])
}

/// Stage of each hook and its status; and the status of the deployment.
fn told(stage: &mut Stage, deployment: &str) -> (Vec<String>, String) {
    let record = stage.record(deployment);
    let hooks = record["lifecycleHookDetails"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let hooks = hooks.iter().map(|hook| text(&hook["status"])).collect();
    (hooks, text(&record["status"]))
}

/// Tasks of the new revision that were ever started.
fn new_tasks(stage: &Stage) -> usize {
    let tasks = stage.world.ecs.tasks.values();
    tasks.filter(|task| task.definition.revision == 2).count()
}

#[test]
fn a_pause_before_the_first_task_holds_it() {
    let mut stage = Stage::new(&Setting::default());
    let new = deploy(&mut stage, &[pause("PRE_SCALE_UP")]);
    stage.play_to_s(3_600);
    assert_eq!(new_tasks(&stage), 0);
    assert_eq!(stage.web()["runningCount"], 2);
    let record = stage.record(&new);
    assert!(record.get("lifecycleStage").is_none(), "{record}");
    let input = json!({
        "serviceDeploymentArn": record["serviceDeploymentArn"],
        "hookId": record["lifecycleHookDetails"][0]["hookId"], "action": "CONTINUE",
    });
    stage.call("ContinueServiceDeployment", input);
    let ended = stage.play_until(7_200, |stage| told(stage, &new).1 == "SUCCESSFUL");
    assert!(ended.is_some(), "{:?}", told(&mut stage, &new));
    assert_eq!(new_tasks(&stage), 2);
    assert!(stage.world.violations().is_empty());
}

/// A hook holds the new revision, not the old one: what serves and is lost is replaced.
#[test]
fn a_serving_task_that_is_lost_while_a_hook_holds_is_replaced() {
    let mut stage = Stage::new(&Setting::default());
    deploy(&mut stage, &[pause("PRE_SCALE_UP")]);
    stage.play_to_s(600);
    let listed = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web" }),
    );
    let input = json!({ "cluster": "main", "task": listed["taskArns"][0] });
    stage.call("StopTask", input);
    stage.play_to_s(1_200);
    assert_eq!(stage.web()["runningCount"], 2);
    assert_eq!(new_tasks(&stage), 0);
}

#[test]
fn a_hook_after_the_last_task_holds_the_end() {
    let mut stage = Stage::new(&Setting::default());
    stage.world.add_fault(Fault::Hook {
        service: "web".to_owned(),
        stage: LifecycleStage::PostScaleUp,
        answers: vec![
            HookAnswer::InProgress {
                call_back_delay: Some(1_800),
            },
            HookAnswer::Succeeded,
        ],
    });
    let new = deploy(&mut stage, &[lambda("POST_SCALE_UP")]);
    stage.play_to_s(1_200);
    assert_eq!(
        told(&mut stage, &new),
        (vec!["IN_PROGRESS".to_owned()], "IN_PROGRESS".to_owned())
    );
    assert_eq!(new_tasks(&stage), 2);
    let ended = stage.play_until(4_000, |stage| told(stage, &new).1 == "SUCCESSFUL");
    assert!(ended.is_some_and(|ended_s| ended_s > 1_800), "{ended:?}");
    assert_eq!(told(&mut stage, &new).0, ["SUCCEEDED"]);
}

#[test]
fn a_hook_that_fails_takes_a_rolling_deployment_back() {
    for hook in ["PRE_SCALE_UP", "POST_SCALE_UP"] {
        let mut stage = Stage::new(&Setting::default());
        let at = match hook {
            "PRE_SCALE_UP" => LifecycleStage::PreScaleUp,
            _ => LifecycleStage::PostScaleUp,
        };
        stage.world.add_fault(Fault::Hook {
            service: "web".to_owned(),
            stage: at,
            answers: vec![HookAnswer::Failed],
        });
        let new = deploy(&mut stage, &[lambda(hook)]);
        let back = stage.play_until(3_600, |stage| told(stage, &new).1 == "ROLLBACK_SUCCESSFUL");
        assert!(back.is_some(), "{hook}: {:?}", told(&mut stage, &new));
        let reason = text(&stage.record(&new)["statusReason"]);
        let expected = format!(
            "{hook} lifecycle hook(s) failed. Lifecycle hook target {FUNCTION} returned FAILED status."
        );
        assert!(reason.ends_with(&expected), "{reason}");
        let web = stage.web();
        assert!(text(&web["taskDefinition"]).ends_with(":1"));
        assert_eq!(web["runningCount"], 2);
    }
}

#[test]
fn a_second_deployment_reconciles_first() {
    let mut stage = Stage::new(&Setting::default());
    deploy(&mut stage, &[]);
    stage.play_to_s(20);
    let new = deploy(&mut stage, &[pause("RECONCILE_SERVICE")]);
    stage.play_to_s(60);
    assert_eq!(told(&mut stage, &new).0, ["AWAITING_ACTION"]);
}
