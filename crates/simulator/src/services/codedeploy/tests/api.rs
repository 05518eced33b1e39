//! The API around a deployment: what is refused, in whose name, and what is answered.

use serde_json::{Value, json};

use super::stage::{Setting, Stage, deployment, text};

#[test]
fn one_deployment_at_a_time() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    let refusal = stage.refusal("CreateDeployment", deployment("web:1", json!([])));
    assert_eq!(refusal.code, "DeploymentLimitExceededException");
    assert_eq!(
        refusal.message,
        format!("The Deployment Group 'group' already has an active Deployment '{id}'")
    );
    stage.play_until_status(&id, "Succeeded");
    stage.call("CreateDeployment", deployment("web:2", json!([])));
}

/// Operation, input, exception.
#[test]
fn what_is_not_there() {
    let mut stage = Stage::new(&Setting::default());
    let app = |name: &str| json!({ "applicationName": name });
    let group = |application: &str, name: &str| json!({ "applicationName": application, "deploymentGroupName": name });
    for (operation, input, code) in [
        (
            "GetApplication",
            json!({}),
            "ApplicationNameRequiredException",
        ),
        (
            "GetApplication",
            app("other"),
            "ApplicationDoesNotExistException",
        ),
        (
            "BatchGetApplications",
            json!({ "applicationNames": ["app", "other"] }),
            "ApplicationDoesNotExistException",
        ),
        (
            "CreateApplication",
            json!({ "applicationName": "app", "computePlatform": "ECS" }),
            "ApplicationAlreadyExistsException",
        ),
        (
            "CreateApplication",
            app("servers"),
            "InvalidComputePlatformException",
        ),
        (
            "GetDeploymentGroup",
            app("app"),
            "DeploymentGroupNameRequiredException",
        ),
        (
            "GetDeploymentGroup",
            group("app", "other"),
            "DeploymentGroupDoesNotExistException",
        ),
        (
            "GetDeploymentGroup",
            group("other", "group"),
            "ApplicationDoesNotExistException",
        ),
        (
            "ListDeploymentGroups",
            app("other"),
            "ApplicationDoesNotExistException",
        ),
        (
            "GetDeploymentConfig",
            json!({ "deploymentConfigName": "other" }),
            "DeploymentConfigDoesNotExistException",
        ),
        (
            "DeleteDeploymentConfig",
            json!({ "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce" }),
            "InvalidOperationException",
        ),
        ("GetDeployment", json!({}), "DeploymentIdRequiredException"),
        (
            "GetDeployment",
            json!({ "deploymentId": "other" }),
            "InvalidDeploymentIdException",
        ),
        (
            "GetDeployment",
            json!({ "deploymentId": "d-OTHER1234" }),
            "DeploymentDoesNotExistException",
        ),
        (
            "StopDeployment",
            json!({ "deploymentId": "d-OTHER1234" }),
            "DeploymentDoesNotExistException",
        ),
        (
            "ListDeployments",
            app("app"),
            "DeploymentGroupNameRequiredException",
        ),
        (
            "ListDeployments",
            json!({ "includeOnlyStatuses": ["Gone"] }),
            "InvalidDeploymentStatusException",
        ),
        (
            "ListDeployments",
            json!({ "nextToken": "x" }),
            "InvalidNextTokenException",
        ),
        (
            "CreateDeployment",
            group("app", "group"),
            "RevisionRequiredException",
        ),
        (
            "ListTagsForResource",
            json!({ "ResourceArn": "x" }),
            "InvalidArnException",
        ),
        (
            "ListTagsForResource",
            json!({ "ResourceArn": "arn:aws:codedeploy:sa-east-1:123456789012:application:other" }),
            "InvalidArnException",
        ),
        (
            "TagResource",
            json!({ "Tags": [] }),
            "ResourceArnRequiredException",
        ),
        (
            "GetApplication",
            json!({ "name": "app" }),
            "ApplicationNameRequiredException",
        ),
    ] {
        let refusal = stage.refusal(operation, input.clone());
        assert_eq!(refusal.code, code, "{operation} {input}");
    }
    let unknown = stage.refusal("RegisterOnPremisesInstance", json!({}));
    assert_eq!(unknown.status, 501);
}

#[test]
fn revisions_that_cannot_be_read() {
    let mut stage = Stage::new(&Setting::default());
    let good = deployment("web:1", json!([]));
    let content = text(&good["revision"]["appSpecContent"]["content"]);
    for (revision, part) in [
        (
            json!({ "revisionType": "S3", "s3Location": { "bucket": "b", "key": "k" } }),
            "S3",
        ),
        (
            json!({ "revisionType": "AppSpecContent" }),
            "content is missing",
        ),
        (
            json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": content, "sha256": "00" } }),
            "SHA-256",
        ),
        (
            json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": "version: 0.0" } }),
            "YAML",
        ),
    ] {
        let mut input = good.clone();
        input["revision"] = revision;
        let refusal = stage.refusal("CreateDeployment", input);
        assert_eq!(refusal.code, "InvalidRevisionException");
        assert!(refusal.message.contains(part), "{}", refusal.message);
    }
}

#[test]
fn deployments_are_listed_newest_first_and_by_status() {
    let mut stage = Stage::new(&Setting::default());
    let first = stage.deploy("v2");
    stage.play_until_status(&first, "Succeeded");
    let second = stage.deploy("v3");
    let of_group = json!({ "applicationName": "app", "deploymentGroupName": "group" });
    for (more, expected) in [
        (json!({}), vec![&second, &first]),
        (
            json!({ "includeOnlyStatuses": ["Succeeded"] }),
            vec![&first],
        ),
        (
            json!({ "includeOnlyStatuses": ["Failed", "Stopped"] }),
            vec![],
        ),
        (
            json!({ "createTimeRange": { "start": (super::stage::START_MS / 1_000) + 60 } }),
            vec![&second],
        ),
    ] {
        let mut input = of_group.clone();
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let listed = stage.call("ListDeployments", input);
        assert_eq!(listed["deployments"], json!(expected), "{more}");
    }
    let batch = stage.call(
        "BatchGetDeployments",
        json!({ "deploymentIds": [second, "d-OTHER1234"] }),
    );
    assert_eq!(batch["deploymentsInfo"].as_array().unwrap().len(), 1);
}

#[test]
fn the_target_is_the_service() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    let early = stage.refusal("ListDeploymentTargets", json!({ "deploymentId": id }));
    assert_eq!(early.code, "DeploymentNotStartedException");
    stage.play_until_status(&id, "InProgress");
    let targets = stage.call("ListDeploymentTargets", json!({ "deploymentId": id }));
    assert_eq!(targets["targetIds"], json!(["main:web"]));
    let filtered = stage.call(
        "ListDeploymentTargets",
        json!({ "deploymentId": id, "targetFilters": { "TargetStatus": ["Failed"] } }),
    );
    assert_eq!(filtered["targetIds"], json!([]));
    let missing = stage.refusal(
        "GetDeploymentTarget",
        json!({ "deploymentId": id, "targetId": "main:other" }),
    );
    assert_eq!(missing.code, "DeploymentTargetDoesNotExistException");
    let batch = stage.call(
        "BatchGetDeploymentTargets",
        json!({ "deploymentId": id, "targetIds": ["main:web"] }),
    );
    assert_eq!(
        batch["deploymentTargets"][0]["deploymentTargetType"],
        "ECSTarget"
    );
    // Nothing of the overview before the end [OBS].
    assert_eq!(stage.info(&id)["deploymentOverview"], Value::Null);
}
