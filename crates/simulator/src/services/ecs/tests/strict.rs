//! What the API refuses: unknown members and operations, sizes, names (F1, F3).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, definition, text};

#[rstest]
#[case("DescribeServices", json!({ "cluster": "main", "services": ["web"], "include": ["COLOUR"] }), "InvalidParameterException", "1 validation error detected: Value '[COLOUR]' at 'include'")]
#[case("DescribeServices", json!({ "cluster": "other", "services": ["web"] }), "ClusterNotFoundException", "Cluster not found.")]
#[case("DescribeServices", json!({ "cluster": "main", "services": vec!["web"; 11] }), "InvalidParameterException", "10")]
#[case("DescribeTasks", json!({ "cluster": "main", "tasks": vec!["t"; 101] }), "InvalidParameterException", "100")]
#[case("DescribeServiceDeployments", json!({ "serviceDeploymentArns": vec!["a"; 21] }), "InvalidParameterException", "20")]
#[case("UpdateService", json!({ "cluster": "main", "service": "no" }), "ServiceNotFoundException", "Service not found.")]
#[case("UpdateService", json!({ "cluster": "main", "service": "web", "taskDefinition": "web:9" }), "ClientException", "TaskDefinition not found.")]
#[case("DescribeTaskDefinition", json!({ "taskDefinition": "no" }), "ClientException", "Unable to describe task definition.")]
#[case("ListTasks", json!({ "cluster": "main", "startedBy": "x", "family": "web" }), "InvalidParameterException", "startedBy")]
#[case("ListServices", json!({ "cluster": "main", "maxResults": 101 }), "InvalidParameterException", "between 1 and 100")]
#[case("ListTasks", json!({ "cluster": "main", "maxResults": 0 }), "InvalidParameterException", "between 1 and 100")]
#[case("ListServiceDeployments", json!({ "cluster": "main", "service": "no" }), "ServiceNotFoundException", "Service not found.")]
#[case("DescribeServiceRevisions", json!({ "serviceRevisionArns": vec!["a"; 21] }), "InvalidParameterException", "20")]
#[case("StopServiceDeployment", json!({ "serviceDeploymentArn": "a", "stopType": "ABORT" }), "InvalidParameterException", "ROLLBACK")]
#[case("StopServiceDeployment", json!({ "serviceDeploymentArn": "a" }), "ServiceDeploymentNotFoundException", "not found")]
#[case("DeregisterTaskDefinition", json!({ "taskDefinition": "web" }), "InvalidParameterException", "revision")]
#[case("StopTask", json!({ "cluster": "main", "task": "no" }), "InvalidParameterException", "not found")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "networkConfiguration": {} }), "InvalidParameterException", "No Container Instances were found in your cluster.")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": {}, "clientToken": "t".repeat(65) }), "InvalidParameterException", "64")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": {}, "startedBy": "t".repeat(129) }), "InvalidParameterException", "128")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": {}, "overrides": { "containerOverrides": [{ "name": "web", "command": ["x".repeat(8_192)] }] } }), "InvalidParameterException", "8192")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": {}, "overrides": { "containerOverrides": [{ "name": "other" }] } }), "InvalidParameterException", "Override for container named other is not a container in the TaskDefinition.")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": {}, "tags": vec![json!({ "key": "k" }); 51] }), "InvalidParameterException", "50")]
#[case("RegisterTaskDefinition", json!({ "family": "f", "containerDefinitions": [{ "name": "c", "image": "x".repeat(65_536), "memory": 64 }] }), "ClientException", "Max allowed length is '65536' bytes.")]
#[case("RegisterTaskDefinition", json!({ "family": "f", "containerDefinitions": [{ "name": "c", "image": "x".repeat(256), "memory": 64 }] }), "ClientException", "255")]
#[case("RegisterTaskDefinition", json!({ "family": "f", "containerDefinitions": [{ "name": "c", "image": "x", "memory": 64, "memoryReservation": 65 }] }), "ClientException", "'memory'")]
#[case("RegisterTaskDefinition", json!({ "family": "f", "containerDefinitions": [{ "name": "c", "image": "x", "memory": 5 }] }), "ClientException", "'memory'")]
#[case("RegisterTaskDefinition", json!({ "family": "f", "containerDefinitions": [{ "name": "c", "image": "x", "memory": 64, "essential": false }] }), "ClientException", "essential")]
#[case("RegisterTaskDefinition", json!({ "family": "f g", "containerDefinitions": [{ "name": "c", "image": "x", "memory": 64 }] }), "ClientException", "Family")]
#[case("RegisterTaskDefinition", json!({ "family": "f", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{ "name": "c", "image": "x", "memory": 64 }] }), "ClientException", "awsvpc")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web" }), "InvalidParameterException", "Network Configuration must be provided")]
#[case("RunTask", json!({ "cluster": "main", "taskDefinition": "web", "count": 11 }), "InvalidParameterException", "between 1 and 10")]
fn refused(#[case] operation: &str, #[case] input: Value, #[case] code: &str, #[case] part: &str) {
    let refusal = Stage::new(&Setting::default()).refusal(operation, input);
    assert_eq!(refusal.code, code);
    assert!(refusal.message.contains(part), "{}", refusal.message);
}

#[test]
fn a_missing_service_or_task_is_a_failure_inside_a_200() {
    let mut stage = Stage::new(&Setting::default());
    let services = stage.call(
        "DescribeServices",
        json!({ "cluster": "main", "services": ["web", "no"] }),
    );
    assert_eq!(services["failures"][0]["reason"], "MISSING");
    assert_eq!(services["services"].as_array().map(Vec::len), Some(1));
    let tasks = stage.call(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": ["no"] }),
    );
    assert_eq!(tasks["failures"][0]["reason"], "MISSING");
}

#[test]
fn task_definitions_are_normalised_tagged_and_deregistered() {
    let mut stage = Stage::new(&Setting::default());
    let mut input = definition("web", ":v2", true);
    input["cpu"] = json!(".25 vCPU");
    input["memory"] = json!("0.5 GB");
    input["tags"] = json!([{ "key": "release", "value": "r1" }]);
    stage.call("RegisterTaskDefinition", input);
    let described = stage.call(
        "DescribeTaskDefinition",
        json!({ "taskDefinition": "web", "include": ["TAGS"] }),
    );
    let document = &described["taskDefinition"];
    assert_eq!(
        (&document["cpu"], &document["memory"]),
        (&json!("256"), &json!("512"))
    );
    assert_eq!(document["revision"], 2);
    assert_eq!(document["containerDefinitions"][0]["essential"], true);
    assert_eq!(
        document["containerDefinitions"][0]["portMappings"][0]["hostPort"],
        8000
    );
    assert_eq!(described["tags"][0]["key"], "release");
    let arn = document["taskDefinitionArn"].clone();
    stage.call(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "release", "value": "r2" }] }),
    );
    let tags = stage.call("ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(tags["tags"], json!([{ "key": "release", "value": "r2" }]));
    stage.call("DeregisterTaskDefinition", json!({ "taskDefinition": arn }));
    let update = json!({ "cluster": "main", "service": "web", "taskDefinition": arn });
    assert_eq!(
        stage.refusal("UpdateService", update).message,
        "TaskDefinition is inactive"
    );
    let listed = stage.call("ListTaskDefinitions", json!({ "familyPrefix": "web" }));
    assert_eq!(
        listed["taskDefinitionArns"].as_array().map(Vec::len),
        Some(1)
    );
    let gone = stage.call(
        "ListTaskDefinitions",
        json!({ "familyPrefix": "web", "status": "INACTIVE" }),
    );
    assert_eq!(gone["taskDefinitionArns"], json!([arn]));
}

#[test]
fn lists_have_pages() {
    let mut stage = Stage::new(&Setting {
        services: 12,
        desired: 1,
        ..Setting::default()
    });
    let first = stage.call("ListServices", json!({ "cluster": "main" }));
    assert_eq!(first["serviceArns"].as_array().map(Vec::len), Some(10));
    let token = text(&first["nextToken"]);
    let second = stage.call(
        "ListServices",
        json!({ "cluster": "main", "nextToken": token }),
    );
    assert_eq!(second["serviceArns"].as_array().map(Vec::len), Some(2));
    assert_eq!(second.get("nextToken"), None);
}

#[test]
fn what_ecs_fills_in_is_answered() {
    let mut stage = Stage::new(&Setting::default());
    let mut input = definition("web", ":v2", true);
    input["volumes"] =
        json!([{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]);
    input["containerDefinitions"][0]["healthCheck"] = json!({"command": ["CMD", "true"]});
    for (mode, port) in [("awsvpc", 8000), ("host", 8000), ("bridge", 0)] {
        input["networkMode"] = json!(mode);
        if mode != "awsvpc" {
            input
                .as_object_mut()
                .unwrap()
                .remove("requiresCompatibilities");
        }
        stage.call("RegisterTaskDefinition", input.clone());
        let asked = json!({ "taskDefinition": "web" });
        let answer = stage.call("DescribeTaskDefinition", asked)["taskDefinition"].clone();
        assert_eq!(answer["enableFaultInjection"], json!(false), "{mode}");
        let root = &answer["volumes"][0]["efsVolumeConfiguration"]["rootDirectory"];
        assert_eq!(root, "/", "{mode}");
        let container = &answer["containerDefinitions"][0];
        assert_eq!(
            container["portMappings"][0]["hostPort"],
            json!(port),
            "{mode}"
        );
        assert_eq!(
            container["healthCheck"],
            json!({"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3})
        );
        let managed = json!(["EC2", "FARGATE", "MANAGED_INSTANCES"]);
        assert_eq!(
            answer["compatibilities"] == managed,
            mode == "awsvpc",
            "{mode}"
        );
    }
}
