//! Task protection: what scaling in and deployments leave alone (A8).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};

fn tasks(stage: &mut Stage) -> Vec<String> {
    let reply = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web" }),
    );
    reply["taskArns"]
        .as_array()
        .expect("a list")
        .iter()
        .map(text)
        .collect()
}

fn protect(stage: &mut Stage, arn: &str, minutes: Option<u64>) -> Value {
    let mut input =
        json!({ "cluster": "main", "tasks": [arn], "protectionEnabled": minutes.is_some() });
    if let Some(minutes) = minutes {
        input["expiresInMinutes"] = json!(minutes);
    }
    stage.call("UpdateTaskProtection", input)
}

#[test]
fn a_protected_task_is_not_scaled_in() {
    let mut stage = Stage::new(&Setting::default());
    let arns = tasks(&mut stage);
    let reply = protect(&mut stage, &arns[0], Some(60));
    assert_eq!(reply["protectedTasks"][0]["protectionEnabled"], true);
    assert_eq!(
        reply["protectedTasks"][0]["expirationDate"],
        json!((super::stage::START_MS / 1_000 + 3_600) as f64)
    );
    let update = json!({ "cluster": "main", "service": "web", "desiredCount": 0 });
    stage.call("UpdateService", update);
    stage.play_to_s(120);
    assert_eq!(tasks(&mut stage), [arns[0].clone()]);
    let told = "(service web) was unable to reach steady state because (taskSet D) was unable to scale in due to (reason 1 \
                tasks under protection)";
    let story = stage.story();
    let count = story.iter().filter(|line| line.ends_with(told)).count();
    assert_eq!(count, 1, "{story:#?}");
    stage.play_to_s(3_700);
    assert_eq!(
        tasks(&mut stage),
        [] as [String; 0],
        "the protection has expired"
    );
}

#[test]
fn a_deployment_waits_for_protected_tasks() {
    let mut stage = Stage::new(&Setting::default());
    let arns = tasks(&mut stage);
    protect(&mut stage, &arns[0], Some(10));
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(500);
    assert_eq!(stage.record(&new)["status"], "IN_PROGRESS");
    assert_eq!(stage.web()["runningCount"], 3);
    protect(&mut stage, &arns[0], None);
    stage.play_to_s(600);
    assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
    assert!(stage.world.violations().is_empty());
}

#[test]
fn who_can_be_protected() {
    let mut stage = Stage::new(&Setting::default());
    let run = stage.call(
        "RunTask",
        json!({ "cluster": "main", "taskDefinition": "migration", "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } }),
    );
    let one_off = text(&run["tasks"][0]["taskArn"]);
    let reply = protect(&mut stage, &one_off, Some(5));
    assert_eq!(reply["failures"][0]["reason"], "TASK_NOT_VALID");
    let reply = protect(&mut stage, "no", Some(5));
    assert_eq!(reply["failures"][0]["reason"], "MISSING");
    let arns = tasks(&mut stage);
    let reply = stage.call(
        "GetTaskProtection",
        json!({ "cluster": "main", "tasks": arns }),
    );
    assert_eq!(reply["protectedTasks"].as_array().map(Vec::len), Some(2));
    assert_eq!(reply["protectedTasks"][0]["protectionEnabled"], false);
}

#[rstest]
#[case(json!({ "cluster": "main", "tasks": vec!["t"; 11], "protectionEnabled": true }))]
#[case(json!({ "cluster": "main", "tasks": ["t"], "protectionEnabled": true, "expiresInMinutes": 2_881 }))]
#[case(json!({ "cluster": "main", "tasks": ["t"], "protectionEnabled": true, "expiresInMinutes": 0 }))]
fn refused(#[case] input: Value) {
    let refusal = Stage::new(&Setting::default()).refusal("UpdateTaskProtection", input);
    assert_eq!(refusal.code, "InvalidParameterException");
}
