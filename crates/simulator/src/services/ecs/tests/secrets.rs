//! Tasks that name secrets and parameters: what is gone keeps them from starting (C).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, text};

/// Deploys `web` with one more secret and plays three minutes.
fn deployed(value_from: &str, prepare: impl FnOnce(&mut Stage)) -> Vec<String> {
    let mut stage = Stage::new(&Setting::default());
    prepare(&mut stage);
    let live = json!({ "taskDefinition": "web" });
    let mut input = stage.call("DescribeTaskDefinition", live)["taskDefinition"].clone();
    let members = [
        "family",
        "containerDefinitions",
        "cpu",
        "memory",
        "networkMode",
        "executionRoleArn",
    ];
    if let Some(input) = input.as_object_mut() {
        input.retain(|name, _| members.contains(&name.as_str()));
    }
    input["containerDefinitions"][0]["secrets"] =
        json!([{ "name": "SECRET", "valueFrom": value_from }]);
    let made = stage.call("RegisterTaskDefinition", input);
    let arn = made["taskDefinition"]["taskDefinitionArn"].clone();
    let update = json!({ "cluster": "main", "service": "web", "taskDefinition": arn });
    stage.call("UpdateService", update);
    stage.play_to_s(180);
    let stopped = json!({ "cluster": "main", "desiredStatus": "STOPPED" });
    let tasks = stage.call("ListTasks", stopped)["taskArns"].clone();
    if tasks.as_array().is_none_or(Vec::is_empty) {
        return Vec::new();
    }
    let described = stage.call(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": tasks }),
    );
    let failed = described["tasks"].as_array().into_iter().flatten();
    failed
        .filter(|task| task["stopCode"] == "TaskFailedToStart")
        .map(|task| text(&task["stoppedReason"]))
        .collect()
}

fn secrets(stage: &mut Stage, operation: &str, input: Value) {
    let service = crate::front::Service::SecretsManager;
    crate::front::ask(&mut stage.world, service, operation, &input).expect("served");
}

#[rstest]
#[case::never_listed(false, false, None)]
#[case::there(true, false, None)]
#[case::deleted(
    true,
    true,
    Some(
        "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion."
    )
)]
fn a_deleted_secret_keeps_new_tasks_from_starting(
    #[case] there: bool,
    #[case] deleted: bool,
    #[case] expected: Option<&str>,
) {
    let value_from = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:db";
    let failures = deployed(value_from, |stage| {
        if there {
            let made = json!({ "Name": "db", "SecretString": "hunter2" });
            secrets(stage, "CreateSecret", made);
        }
        if deleted {
            secrets(stage, "DeleteSecret", json!({ "SecretId": "db" }));
        }
    });
    match expected {
        None => assert_eq!(failures, Vec::<String>::new()),
        Some(words) => {
            assert!(!failures.is_empty());
            for failure in &failures {
                assert!(
                    failure.starts_with("ResourceInitializationError: "),
                    "{failure}"
                );
                assert!(failure.ends_with(words), "{failure}");
                assert!(!failure.contains("hunter2"), "{failure}");
            }
        }
    }
}

#[test]
fn an_account_without_a_blueprint_has_only_the_parameters_that_were_put() {
    let failures = deployed("/app/url", |stage| stage.world.secrets_unlisted = false);
    assert!(!failures.is_empty());
    for failure in failures {
        assert!(
            failure.ends_with("invalid parameters: /app/url"),
            "{failure}"
        );
    }
}
