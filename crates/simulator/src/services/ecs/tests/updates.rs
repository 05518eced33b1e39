//! UpdateService and CreateService, member by member: what starts a deployment and what does not (A1).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};
use crate::ServiceHistory;

fn update(stage: &mut Stage, more: &Value) -> Value {
    let mut input = json!({ "cluster": "main", "service": "web" });
    for (name, value) in more.as_object().expect("members") {
        input[name] = value.clone();
    }
    stage.call("UpdateService", input)["service"].clone()
}

/// The member docs of UpdateService [MODEL]; what is not listed there does not trigger.
#[rstest]
#[case::network(json!({ "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-2"] } } }), true)]
#[case::platform(json!({ "platformVersion": "1.4.0" }), true)]
#[case::registries(json!({ "serviceRegistries": [{ "registryArn": "arn:aws:servicediscovery:x" }] }), true)]
#[case::connect(json!({ "serviceConnectConfiguration": { "enabled": true } }), true)]
#[case::volumes(json!({ "volumeConfigurations": [{ "name": "data" }] }), true)]
#[case::lattice(json!({ "vpcLatticeConfigurations": [{ "roleArn": "r", "targetGroupArn": "t", "portName": "p" }] }), true)]
#[case::balancers(json!({ "loadBalancers": [] }), true)]
#[case::force(json!({ "forceNewDeployment": true }), true)]
#[case::desired(json!({ "desiredCount": 3 }), false)]
#[case::providers(json!({ "capacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }] }), false)]
#[case::configuration(json!({ "deploymentConfiguration": { "minimumHealthyPercent": 50 } }), false)]
#[case::grace(json!({ "healthCheckGracePeriodSeconds": 30 }), false)]
#[case::zones(json!({ "availabilityZoneRebalancing": "DISABLED" }), false)]
#[case::constraints(json!({ "placementConstraints": [] }), false)]
#[case::placement(json!({ "placementStrategy": [] }), false)]
#[case::tags(json!({ "propagateTags": "SERVICE" }), false)]
#[case::managed_tags(json!({ "enableECSManagedTags": true }), false)]
#[case::null(json!({ "networkConfiguration": null }), false)]
fn what_starts_a_deployment(#[case] change: Value, #[case] deploys: bool) {
    let mut stage = Stage::new(&Setting::default());
    let old = text(&stage.web()["deployments"][0]["id"]);
    let service = update(&mut stage, &change);
    let new = text(&service["deployments"][0]["id"]);
    assert_eq!(new != old, deploys);
    let again = update(&mut stage, &change);
    let same = change.get("forceNewDeployment").is_none();
    assert_eq!(
        text(&again["deployments"][0]["id"]) == new,
        same,
        "the same value once more changes nothing"
    );
    if !deploys {
        return;
    }
    let new = text(&again["deployments"][0]["id"]);
    assert_eq!(stage.record(&new)["status"], "PENDING");
    stage.play_to_s(300);
    assert_eq!(stage.web()["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(stage.world.violations().is_empty());
}

/// What does not deploy does not reach running tasks; force rolls it out (A1 [MODEL]).
#[test]
fn a_strategy_takes_force_to_reach_tasks() {
    let mut stage = Stage::new(&Setting::default());
    let spot = json!({ "capacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }] });
    let service = update(&mut stage, &spot);
    assert_eq!(service.get("launchType"), None);
    assert_eq!(
        service["capacityProviderStrategy"][0]["capacityProvider"],
        "FARGATE_SPOT"
    );
    assert_eq!(service["deployments"][0]["launchType"], "FARGATE");
    update(&mut stage, &json!({ "forceNewDeployment": true }));
    stage.play_to_s(200);
    let tasks = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web" }),
    );
    let described = stage.call(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": tasks["taskArns"] }),
    );
    for task in described["tasks"].as_array().expect("tasks") {
        assert_eq!(task["capacityProviderName"], "FARGATE_SPOT");
    }
    let taken = stage.call(
        "DescribeServices",
        json!({ "cluster": "main", "services": ["web"] }),
    );
    assert_eq!(
        taken["services"][0]["deployments"][0].get("launchType"),
        None
    );
    let refusal = stage.refusal(
        "PutClusterCapacityProviders",
        json!({ "cluster": "main",
        "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": [] }),
    );
    assert_eq!(refusal.code, "ResourceInUseException");
}

/// A rollback brings the whole revision back, not only its task definition.
#[test]
fn a_rollback_restores_the_settings_of_the_revision() {
    let mut stage = Stage::new(&Setting::default());
    let before = stage.web()["networkConfiguration"].clone();
    let change =
        json!({ "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-9"] } } });
    let new = text(&update(&mut stage, &change)["deployments"][0]["id"]);
    stage.play_to_s(10);
    let arn = stage.record(&new)["serviceDeploymentArn"].clone();
    stage.call(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn }),
    );
    stage.play_to_s(200);
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(stage.web()["networkConfiguration"], before);
}

#[test]
fn more_than_two_deployments_are_normal_and_only_the_last_one_wins() {
    let mut stage = Stage::new(&Setting {
        maximum: 400,
        ..Setting::default()
    });
    let mut ids = Vec::new();
    let mut most = 0;
    for (place, image) in ["v2", "v3", "v2", "v3"].into_iter().enumerate() {
        ids.push(stage.deploy(&pinned(image)));
        most = most.max(stage.web()["deployments"].as_array().map_or(0, Vec::len));
        stage.play_to_s((place as u64 + 1) * 8);
    }
    assert_eq!(most, 3, "the new one, the superseded one, the source");
    stage.play_to_s(400);
    let statuses: Vec<String> = ids
        .iter()
        .map(|id| text(&stage.record(id)["status"]))
        .collect();
    assert_eq!(statuses, ["STOPPED", "STOPPED", "STOPPED", "SUCCESSFUL"]);
    assert_eq!(stage.web()["deployments"].as_array().map(Vec::len), Some(1));
    assert!(stage.world.violations().is_empty());
}

#[test]
fn an_inactive_definition_still_scales_but_is_no_way_back() {
    let mut stage = Stage::new(&Setting::default());
    stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    for revision in ["web:1", "web:2"] {
        stage.call(
            "DeregisterTaskDefinition",
            json!({ "taskDefinition": revision }),
        );
    }
    update(&mut stage, &json!({ "desiredCount": 4 }));
    stage.play_to_s(300);
    assert_eq!(stage.world.picture().services["web"].running, 4);
    let back = json!({ "cluster": "main", "service": "web", "taskDefinition": "web:1" });
    assert_eq!(
        stage.refusal("UpdateService", back).message,
        "TaskDefinition is inactive"
    );
}

fn create(more: &Value) -> (Stage, Value) {
    let mut stage = Stage::new(&Setting {
        history: ServiceHistory::Missing,
        ..Setting::default()
    });
    stage.register("web", &pinned("v1"), false);
    let mut input = json!({ "cluster": "main", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } });
    for (name, value) in more.as_object().expect("members") {
        input[name] = value.clone();
    }
    (stage, input)
}

#[rstest]
#[case::name(json!({ "serviceName": "a b" }), "Invalid service name")]
#[case::long_name(json!({ "serviceName": "a".repeat(256) }), "Invalid service name")]
#[case::token(json!({ "clientToken": "t".repeat(37) }), "36")]
#[case::too_many(json!({ "desiredCount": 5_001 }), "5000")]
#[case::both(json!({ "capacityProviderStrategy": [{ "capacityProvider": "FARGATE" }] }), "launch type and capacity provider")]
#[case::unknown_provider(json!({ "launchType": null, "capacityProviderStrategy": [{ "capacityProvider": "mine" }] }), "capacity provider was not found")]
#[case::constraints(json!({ "placementConstraints": [{ "type": "distinctInstance" }] }), "Placement constraints")]
#[case::placement(json!({ "placementStrategy": [{ "type": "random" }] }), "Placement strategies")]
#[case::exec(json!({ "enableExecuteCommand": true }), "a valid taskRoleArn is not being used")]
#[case::groups(json!({ "loadBalancers": vec![json!({ "targetGroupArn": "a", "containerName": "web", "containerPort": 1 }); 6] }), "at most 5")]
#[case::no_group(json!({ "loadBalancers": [{ "targetGroupArn": "a", "containerName": "web", "containerPort": 1 }] }), "does not exist")]
#[case::network(json!({ "networkConfiguration": null }), "Network Configuration must be provided")]
#[case::tags(json!({ "tags": vec![json!({ "key": "k", "value": "" }); 51] }), "50")]
fn a_service_that_cannot_be(#[case] change: Value, #[case] part: &str) {
    let (mut stage, input) = create(&change);
    let refusal = stage.refusal("CreateService", input);
    assert_eq!(refusal.code, "InvalidParameterException");
    assert!(refusal.message.contains(part), "{}", refusal.message);
}

#[test]
fn a_token_is_one_service() {
    let (mut stage, input) = create(&json!({ "clientToken": "t" }));
    let first = stage.call("CreateService", input.clone());
    assert_eq!(
        first["service"]["currentServiceRevisions"][0]["requestedTaskCount"], 0,
        "present at once, with zero counts"
    );
    let again = stage.call("CreateService", input.clone());
    assert_eq!(
        again["service"]["deployments"][0]["id"],
        first["service"]["deployments"][0]["id"]
    );
    for (member, value) in [("clientToken", json!("u")), ("desiredCount", json!(2))] {
        let mut other = input.clone();
        other[member] = value;
        let refusal = stage.refusal("CreateService", other);
        assert_eq!(refusal.message, "Creation of service was not idempotent.");
    }
}

#[test]
fn a_clusters_default_strategy_is_a_new_services_strategy() {
    let (mut stage, mut input) = create(&json!({}));
    input.as_object_mut().expect("members").remove("launchType");
    stage.call(
        "PutClusterCapacityProviders",
        json!({ "cluster": "main", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }] }),
    );
    let service = stage.call("CreateService", input)["service"].clone();
    assert_eq!(
        service["capacityProviderStrategy"][0]["capacityProvider"],
        "FARGATE_SPOT"
    );
}

#[test]
fn a_service_that_is_deleted() {
    let mut stage = Stage::new(&Setting::default());
    let input = json!({ "cluster": "main", "service": "web" });
    let refusal = stage.refusal("DeleteService", input.clone());
    assert_eq!(
        refusal.message,
        "The service cannot be stopped while it is scaled above 0."
    );
    update(&mut stage, &json!({ "desiredCount": 0 }));
    let reply = stage.call("DeleteService", input.clone());
    assert_eq!(reply["service"]["status"], "DRAINING");
    let refusal = stage.refusal("UpdateService", input.clone());
    assert_eq!(refusal.message, "Service was not ACTIVE.");
    let listed = stage.call("ListServices", json!({ "cluster": "main" }));
    assert_eq!(listed["serviceArns"], json!([]), "DRAINING is not listed");
    stage.play_to_s(100);
    assert_eq!(stage.web()["status"], "INACTIVE");
    assert_eq!(
        stage.refusal("UpdateService", input).code,
        "ServiceNotActiveException"
    );
}
