//! Deployment groups, configurations and tags: what can be, and what is answered.

use serde_json::{Value, json};

use super::stage::{Setting, Stage};

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
