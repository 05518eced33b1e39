//! Clusters, capacity providers, account settings, families and tags: what Terraform asks for besides services.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, text};

fn described(stage: &mut Stage, include: &[&str]) -> Value {
    stage.call(
        "DescribeClusters",
        json!({ "clusters": ["extra"], "include": include }),
    )["clusters"][0]
        .clone()
}

#[test]
fn a_cluster_from_its_creation_to_its_end() {
    let mut stage = Stage::new(&Setting::default());
    let input = json!({
        "clusterName": "extra",
        "settings": [{ "name": "containerInsights", "value": "enabled" }],
        "configuration": { "executeCommandConfiguration": { "logging": "DEFAULT" } },
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }],
        "tags": [{ "key": "team", "value": "cats" }],
    });
    let created = stage.call("CreateCluster", input.clone());
    assert_eq!(stage.call("CreateCluster", input), created, "idempotent");
    let bare = described(&mut stage, &[]);
    assert_eq!(
        (&bare["settings"], &bare["tags"], bare.get("configuration")),
        (&json!([]), &json!([]), None)
    );
    let full = described(
        &mut stage,
        &[
            "SETTINGS",
            "TAGS",
            "STATISTICS",
            "CONFIGURATIONS",
            "ATTACHMENTS",
        ],
    );
    assert_eq!(full["settings"][0]["value"], "enabled");
    assert_eq!(full["tags"][0]["key"], "team");
    assert_eq!(full["attachmentsStatus"], "UPDATE_COMPLETE");
    assert_eq!(full["statistics"].as_array().map(Vec::len), Some(8));
    assert_eq!(
        full["defaultCapacityProviderStrategy"],
        json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0 }])
    );
    let changes = [
        (
            "UpdateClusterSettings",
            json!({ "cluster": "extra", "settings": [{ "name": "containerInsights", "value": "enhanced" }] }),
        ),
        (
            "UpdateCluster",
            json!({ "cluster": "extra", "serviceConnectDefaults": { "namespace": "ns" } }),
        ),
        (
            "PutClusterCapacityProviders",
            json!({ "cluster": "extra", "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": [] }),
        ),
    ];
    for (operation, input) in changes {
        stage.call(operation, input);
    }
    let full = described(&mut stage, &["SETTINGS"]);
    assert_eq!(full["settings"][0]["value"], "enhanced");
    assert_eq!(full["serviceConnectDefaults"]["namespace"], "ns");
    assert_eq!(full["capacityProviders"], json!(["FARGATE"]));
    let listed = stage.call("ListClusters", json!({}));
    assert_eq!(listed["clusterArns"].as_array().map(Vec::len), Some(2));
    let deleted = stage.call("DeleteCluster", json!({ "cluster": "extra" }));
    assert_eq!(deleted["cluster"]["status"], "INACTIVE");
    assert_eq!(described(&mut stage, &[])["status"], "INACTIVE");
    let listed = stage.call("ListClusters", json!({}));
    assert_eq!(listed["clusterArns"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        stage
            .refusal("ListServices", json!({ "cluster": "extra" }))
            .code,
        "ClusterNotFoundException"
    );
}

#[test]
fn counts_of_a_cluster() {
    let mut stage = Stage::new(&Setting::default());
    let reply = stage.call(
        "DescribeClusters",
        json!({ "clusters": ["main", "no"], "include": ["STATISTICS"] }),
    );
    let main = &reply["clusters"][0];
    assert_eq!(
        (&main["runningTasksCount"], &main["activeServicesCount"]),
        (&json!(2), &json!(1))
    );
    let statistics = main["statistics"].as_array().expect("a list");
    let running = statistics
        .iter()
        .find(|one| one["name"] == "runningFargateTasksCount");
    assert_eq!(running.expect("a number")["value"], "2");
    assert_eq!(reply["failures"][0]["reason"], "MISSING");
}

#[rstest]
#[case("DeleteCluster", json!({ "cluster": "main" }), "ClusterContainsServicesException")]
#[case("DeleteCluster", json!({ "cluster": "no" }), "ClusterNotFoundException")]
#[case("CreateCluster", json!({ "clusterName": "a b" }), "InvalidParameterException")]
#[case("CreateCluster", json!({ "settings": [{ "name": "colour", "value": "red" }] }), "InvalidParameterException")]
#[case("CreateCluster", json!({ "capacityProviders": ["mine"] }), "InvalidParameterException")]
#[case("CreateCluster", json!({ "tags": vec![json!({ "key": "k", "value": "" }); 51] }), "InvalidParameterException")]
#[case("CreateCluster", json!({ "tags": [{ "key": "aws:x", "value": "" }] }), "InvalidParameterException")]
#[case("PutAccountSetting", json!({ "name": "colour", "value": "red" }), "InvalidParameterException")]
#[case("ListTaskDefinitionFamilies", json!({ "status": "red" }), "InvalidParameterException")]
#[case("ListTaskDefinitions", json!({ "sort": "UP" }), "InvalidParameterException")]
#[case("DeleteTaskDefinitions", json!({ "taskDefinitions": ["web"] }), "InvalidParameterException")]
#[case("DeleteTaskDefinitions", json!({ "taskDefinitions": vec!["web:1"; 11] }), "InvalidParameterException")]
#[case("UntagResource", json!({ "resourceArn": "arn:x", "tagKeys": ["a"] }), "InvalidParameterException")]
fn refused(#[case] operation: &str, #[case] input: Value, #[case] code: &str) {
    assert_eq!(
        Stage::new(&Setting::default())
            .refusal(operation, input)
            .code,
        code
    );
}

#[test]
fn a_cluster_with_tasks_stays() {
    let mut stage = Stage::new(&Setting::default());
    stage.call(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    stage.play_to_s(100);
    stage.call(
        "RunTask",
        json!({ "cluster": "main", "taskDefinition": "migration", "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } }),
    );
    let refusal = stage.refusal("DeleteCluster", json!({ "cluster": "main" }));
    assert_eq!(refusal.code, "ClusterContainsTasksException");
}

#[test]
fn fargate_and_spot_are_always_there() {
    let mut stage = Stage::new(&Setting::default());
    let reply = stage.call(
        "DescribeCapacityProviders",
        json!({ "capacityProviders": ["FARGATE_SPOT", "mine"] }),
    );
    assert_eq!(reply["capacityProviders"][0]["name"], "FARGATE_SPOT");
    assert_eq!(reply["failures"][0]["reason"], "MISSING");
    let all = stage.call("DescribeCapacityProviders", json!({}));
    assert_eq!(all["capacityProviders"].as_array().map(Vec::len), Some(2));
}

#[test]
fn account_settings_are_kept() {
    let mut stage = Stage::new(&Setting::default());
    let list = |stage: &mut Stage, input: Value| {
        let reply = stage.call("ListAccountSettings", input);
        reply["settings"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(list(&mut stage, json!({})), 0);
    assert_eq!(
        list(
            &mut stage,
            json!({ "effectiveSettings": true, "maxResults": 20 })
        ),
        11
    );
    stage.call(
        "PutAccountSettingDefault",
        json!({ "name": "containerInsights", "value": "enabled" }),
    );
    assert_eq!(
        list(
            &mut stage,
            json!({ "name": "containerInsights", "value": "enabled" })
        ),
        1
    );
    stage.call(
        "DeleteAccountSetting",
        json!({ "name": "containerInsights" }),
    );
    assert_eq!(list(&mut stage, json!({})), 0);
    let reply = stage.call("ListServicesByNamespace", json!({ "namespace": "ns" }));
    assert_eq!(reply["serviceArns"], json!([]));
}

#[test]
fn families_and_the_end_of_a_revision() {
    let mut stage = Stage::new(&Setting::default());
    stage.register("web", ":v2", false);
    let families = |stage: &mut Stage, status: &str| {
        stage.call("ListTaskDefinitionFamilies", json!({ "status": status }))["families"].clone()
    };
    assert_eq!(families(&mut stage, "ALL"), json!(["migration", "web"]));
    let failed = stage.call(
        "DeleteTaskDefinitions",
        json!({ "taskDefinitions": ["migration:1"] }),
    );
    assert!(text(&failed["failures"][0]["reason"]).contains("still in ACTIVE status"));
    stage.call(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": "migration:1" }),
    );
    assert_eq!(families(&mut stage, "ACTIVE"), json!(["web"]));
    assert_eq!(families(&mut stage, "INACTIVE"), json!(["migration"]));
    let gone = stage.call(
        "DeleteTaskDefinitions",
        json!({ "taskDefinitions": ["migration:1"] }),
    );
    assert_eq!(gone["taskDefinitions"][0]["status"], "DELETE_IN_PROGRESS");
    let listed = |stage: &mut Stage, input: Value| {
        let reply = stage.call("ListTaskDefinitions", input);
        reply["taskDefinitionArns"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(listed(&mut stage, json!({ "status": "INACTIVE" })).len(), 0);
    assert_eq!(
        listed(&mut stage, json!({ "status": "DELETE_IN_PROGRESS" })).len(),
        1
    );
    let newest_first = listed(&mut stage, json!({ "familyPrefix": "web", "sort": "DESC" }));
    assert!(text(&newest_first[0]).ends_with("web:2"));
}

/// Every kind of resource that has tags.
#[test]
fn tags_come_and_go() {
    let mut stage = Stage::new(&Setting::default());
    let tasks = stage.call("ListTasks", json!({ "cluster": "main" }));
    let web = stage.web();
    let cluster = web["clusterArn"].clone();
    let arns = [
        web["serviceArn"].clone(),
        web["taskDefinition"].clone(),
        tasks["taskArns"][0].clone(),
        cluster,
    ];
    for arn in arns {
        stage.call("TagResource", json!({ "resourceArn": arn, "tags": [{ "key": "a", "value": "1" }, { "key": "b", "value": "2" }] }));
        stage.call(
            "UntagResource",
            json!({ "resourceArn": arn, "tagKeys": ["a", "z"] }),
        );
        let tags = stage.call("ListTagsForResource", json!({ "resourceArn": arn }));
        assert_eq!(tags["tags"], json!([{ "key": "b", "value": "2" }]), "{arn}");
    }
}
