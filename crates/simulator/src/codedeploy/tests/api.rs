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
            "GetApplication",
            json!({ "name": "app" }),
            "ValidationException",
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

/// What is changed in a good group, and the exception.
#[test]
fn groups_that_cannot_be() {
    let mut stage = Stage::with_service();
    stage.call(
        "CreateApplication",
        json!({ "applicationName": "app", "computePlatform": "ECS" }),
    );
    let good = stage.group(&Setting::default());
    let blue_green = "/blueGreenDeploymentConfiguration";
    for (path, value, code) in [
        (
            "/deploymentConfigName".to_owned(),
            json!("other"),
            "DeploymentConfigDoesNotExistException",
        ),
        (
            "/serviceRoleArn".to_owned(),
            Value::Null,
            "RoleRequiredException",
        ),
        (
            "/ecsServices".to_owned(),
            json!([]),
            "InvalidECSServiceException",
        ),
        (
            "/ecsServices/0/serviceName".to_owned(),
            json!("other"),
            "InvalidECSServiceException",
        ),
        (
            "/deploymentStyle/deploymentType".to_owned(),
            json!("IN_PLACE"),
            "InvalidDeploymentStyleException",
        ),
        (
            "/loadBalancerInfo/targetGroupPairInfoList".to_owned(),
            json!([]),
            "InvalidTargetGroupPairException",
        ),
        (
            "/loadBalancerInfo".to_owned(),
            Value::Null,
            "InvalidLoadBalancerInfoException",
        ),
        (
            blue_green.to_owned(),
            Value::Null,
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
        (
            format!("{blue_green}/deploymentReadyOption/actionOnTimeout"),
            json!("STOP_DEPLOYMENT"),
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
        (
            format!(
                "{blue_green}/terminateBlueInstancesOnDeploymentSuccess/terminationWaitTimeInMinutes"
            ),
            json!(2_881),
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
        (
            "/autoRollbackConfiguration/events".to_owned(),
            json!([]),
            "InvalidAutoRollbackConfigException",
        ),
        (
            "/alarmConfiguration/enabled".to_owned(),
            json!(true),
            "InvalidAlarmConfigException",
        ),
    ] {
        let mut input = good.clone();
        *input.pointer_mut(&path).expect("a member") = value;
        let refusal = stage.refusal("CreateDeploymentGroup", input);
        assert_eq!(refusal.code, code, "{path}");
    }
    stage.call("CreateDeploymentGroup", good.clone());
    let again = stage.refusal("CreateDeploymentGroup", good.clone());
    assert_eq!(again.code, "DeploymentGroupAlreadyExistsException");
    let mut second = good;
    second["deploymentGroupName"] = json!("second");
    let taken = stage.refusal("CreateDeploymentGroup", second);
    assert_eq!(taken.code, "ECSServiceMappingLimitExceededException");
}

#[test]
fn a_group_is_answered_as_aws_ecs_deploy_reads_it() {
    let mut stage = Stage::new(&Setting::default());
    let name = json!({ "applicationName": "app", "deploymentGroupName": "group" });
    let group = stage.call("GetDeploymentGroup", name.clone())["deploymentGroupInfo"].clone();
    assert_eq!(group["computePlatform"], "ECS");
    assert_eq!(
        group["ecsServices"],
        json!([{ "serviceName": "web", "clusterName": "main" }])
    );
    let waits = &group["blueGreenDeploymentConfiguration"];
    assert_eq!(waits["deploymentReadyOption"]["waitTimeInMinutes"], 0);
    assert_eq!(
        waits["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"],
        5
    );
    let id = stage.deploy("v2");
    let group = stage.call("GetDeploymentGroup", name)["deploymentGroupInfo"].clone();
    assert_eq!(group["lastAttemptedDeployment"]["deploymentId"], json!(id));
    assert_eq!(group["lastSuccessfulDeployment"], Value::Null);
}

#[test]
fn a_group_can_be_changed_and_renamed() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    stage.call("UpdateDeploymentGroup", json!({
        "applicationName": "app", "currentDeploymentGroupName": "group", "newDeploymentGroupName": "renamed",
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
    }));
    let groups = stage.call("ListDeploymentGroups", json!({ "applicationName": "app" }));
    assert_eq!(groups["deploymentGroups"], json!(["renamed"]));
    // The one that runs keeps its pace.
    assert_eq!(
        stage.info(&id)["deploymentConfigName"],
        "CodeDeployDefault.ECSAllAtOnce"
    );
    let listed = stage.call(
        "ListDeployments",
        json!({ "applicationName": "app", "deploymentGroupName": "renamed" }),
    );
    assert_eq!(listed["deployments"], json!([id]));
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

#[test]
fn configurations_of_ones_own() {
    let mut stage = Stage::new(&Setting::default());
    let canary = |percent: u32| {
        json!({
            "deploymentConfigName": "mine", "computePlatform": "ECS",
            "trafficRoutingConfig": { "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": percent, "canaryInterval": 2 } },
        })
    };
    let wrong = stage.refusal("CreateDeploymentConfig", canary(100));
    assert_eq!(wrong.code, "InvalidTrafficRoutingConfigurationException");
    stage.call("CreateDeploymentConfig", canary(25));
    let shown = stage.call(
        "GetDeploymentConfig",
        json!({ "deploymentConfigName": "mine" }),
    );
    assert_eq!(
        shown["deploymentConfigInfo"]["trafficRoutingConfig"],
        canary(25)["trafficRoutingConfig"]
    );
    let names = stage.call("ListDeploymentConfigs", json!({}))["deploymentConfigsList"].clone();
    assert_eq!(names.as_array().unwrap().len(), 6);
    stage.call("UpdateDeploymentGroup", json!({
        "applicationName": "app", "currentDeploymentGroupName": "group", "deploymentConfigName": "mine",
    }));
    let used = stage.refusal(
        "DeleteDeploymentConfig",
        json!({ "deploymentConfigName": "mine" }),
    );
    assert_eq!(used.code, "DeploymentConfigInUseException");
}

#[test]
fn tags_come_and_go() {
    let mut stage = Stage::new(&Setting::default());
    for resource in ["application:app", "deploymentgroup:app/group"] {
        let arn = format!("arn:aws:codedeploy:sa-east-1:123456789012:{resource}");
        let input = json!({ "ResourceArn": arn, "Tags": [{ "Key": "team", "Value": "cats" }, { "Key": "gone", "Value": "" }] });
        stage.call("TagResource", input);
        stage.call(
            "UntagResource",
            json!({ "ResourceArn": arn, "TagKeys": ["gone"] }),
        );
        let tags = stage.call("ListTagsForResource", json!({ "ResourceArn": arn }));
        assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "cats" }]));
    }
}
