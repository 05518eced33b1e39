//! What a task definition has to be where its tasks are to run: `compatibilities`, launch types, network, load balancers.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, definition, pinned};
use crate::ServiceHistory;

const UNFIT: &str = "Task definition does not support launch_type FARGATE.";
const NETWORK: &str =
    "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
const NO_NETWORK: &str =
    "Network Configuration is not valid for the given networkMode of this task definition.";

/// A stage without services, and a definition of `web` in this network mode (`""`: none is given) that asks for nothing.
fn stage(mode: &str) -> (Stage, String) {
    let mut stage = Stage::new(&Setting {
        history: ServiceHistory::Missing,
        ..Setting::default()
    });
    let mut input = definition("web", &pinned("v1"), false);
    let members = input.as_object_mut().expect("members");
    members.remove("requiresCompatibilities");
    if mode == "none" {
        let container = members["containerDefinitions"][0].as_object_mut();
        container.expect("a container").remove("portMappings");
    }
    match mode {
        "" => drop(members.remove("networkMode")),
        mode => drop(members.insert("networkMode".to_owned(), json!(mode))),
    }
    let made = stage.call("RegisterTaskDefinition", input)["taskDefinition"].clone();
    let fits = mode == "awsvpc";
    let fargate = json!(["EC2", "FARGATE", "MANAGED_INSTANCES"]);
    let expected = if fits { fargate } else { json!(["EC2"]) };
    assert_eq!(made["compatibilities"], expected);
    (stage, super::stage::text(&made["taskDefinitionArn"]))
}

fn network() -> Value {
    json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"] } })
}

#[rstest]
#[case::none_given("", "FARGATE", None, Some(UNFIT))]
#[case::bridge("bridge", "FARGATE", None, Some(UNFIT))]
#[case::host("host", "FARGATE", None, Some(UNFIT))]
#[case::none("none", "FARGATE", None, Some(UNFIT))]
#[case::bridge_with_network("bridge", "EC2", Some(network()), Some(NO_NETWORK))]
#[case::awsvpc_without_network("awsvpc", "FARGATE", None, Some(NETWORK))]
#[case::awsvpc("awsvpc", "FARGATE", Some(network()), None)]
#[case::provider("bridge", "", None, Some(UNFIT))]
#[case::instances_bridge("bridge", "EC2", None, None)]
#[case::instances_awsvpc("awsvpc", "EC2", None, Some(NETWORK))]
fn where_it_can_run(
    #[case] mode: &str,
    #[case] launch_type: &str,
    #[case] network: Option<Value>,
    #[case] expected: Option<&str>,
) {
    let (mut stage, arn) = stage(mode);
    let mut input = json!({ "cluster": "main", "taskDefinition": arn });
    match launch_type {
        "" => {
            input["capacityProviderStrategy"] =
                json!([{ "capacityProvider": "FARGATE", "weight": 1 }])
        }
        kind => input["launchType"] = json!(kind),
    }
    if let Some(network) = network {
        input["networkConfiguration"] = network;
    }
    let said = match (expected, launch_type) {
        // No instance is there to run it.
        (None, "EC2") => Some("No Container Instances were found in your cluster."),
        (expected, _) => expected,
    };
    match said {
        Some(said) => assert_eq!(stage.refusal("RunTask", input.clone()).message, said),
        None => drop(stage.call("RunTask", input.clone())),
    }
    input["serviceName"] = json!("web");
    match expected {
        Some(said) => {
            let refusal = stage.refusal("CreateService", input);
            assert_eq!(refusal.code, "InvalidParameterException");
            assert_eq!(refusal.message, said);
        }
        None => {
            let service = stage.call("CreateService", input)["service"].clone();
            assert_eq!(service["launchType"], launch_type);
        }
    }
}

#[test]
fn a_service_on_fargate_takes_no_definition_that_is_not_for_it() {
    let mut stage = Stage::new(&Setting::default());
    let mut input = definition("web", &pinned("v2"), false);
    input["networkMode"] = json!("bridge");
    input
        .as_object_mut()
        .expect("members")
        .remove("requiresCompatibilities");
    let made = stage.call("RegisterTaskDefinition", input);
    let arn = &made["taskDefinition"]["taskDefinitionArn"];
    let update = json!({ "cluster": "main", "service": "web", "taskDefinition": arn });
    assert_eq!(stage.refusal("UpdateService", update).message, UNFIT);
}

#[test]
fn on_instances_nothing_is_ever_placed() {
    let (mut stage, arn) = stage("bridge");
    let input = json!({ "cluster": "main", "serviceName": "web", "taskDefinition": arn, "desiredCount": 2 });
    assert_eq!(
        stage.call("CreateService", input)["service"]["launchType"],
        "EC2"
    );
    stage.play_to_s(300);
    let web = stage.service("web");
    assert_eq!(web["runningCount"], 0);
    assert_eq!(web["pendingCount"], 0);
    assert_eq!(
        web["events"][0]["message"],
        "(service web) was unable to place a task because no container instance met all of its requirements."
    );
}

#[rstest]
#[case(
    "other",
    8000,
    "The container other does not exist in the task definition."
)]
#[case(
    "web",
    80,
    "The container web did not have a container port 80 defined."
)]
fn what_is_balanced_is_in_the_definition(
    #[case] container: &str,
    #[case] port: u16,
    #[case] said: &str,
) {
    let (mut stage, arn) = stage("awsvpc");
    let group = stage.world.elb.groups["web"].arn.clone();
    let input = json!({
        "cluster": "main", "serviceName": "web", "taskDefinition": arn, "launchType": "FARGATE",
        "networkConfiguration": network(),
        "loadBalancers": [{ "targetGroupArn": group, "containerName": container, "containerPort": port }],
    });
    assert_eq!(stage.refusal("CreateService", input).message, said);
}

#[test]
fn a_lent_role() {
    let mut input = definition("web", &pinned("v2"), false);
    let members = input.as_object_mut().expect("members");
    members.remove("executionRoleArn");
    members["containerDefinitions"][0]
        .as_object_mut()
        .expect("a container")
        .remove("logConfiguration");
    let mut stage = Stage::new(&Setting::default());
    assert_eq!(
        stage
            .refusal("RegisterTaskDefinition", input.clone())
            .message,
        "Fargate requires task definition to have execution role ARN to support ECR images."
    );
    stage.world.lend_execution_roles();
    let made = stage.call("RegisterTaskDefinition", input)["taskDefinition"].clone();
    assert_eq!(made["compatibilities"][1], "FARGATE");
    assert_eq!(made.get("executionRoleArn"), None);
}
