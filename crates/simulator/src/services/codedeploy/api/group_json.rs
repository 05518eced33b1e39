//! A deployment group as it is answered, and the parts of it that deployments answer too.

use serde_json::{Map, Value, json};

use super::group_input::alarms_json;
use crate::World;
use crate::services::codedeploy::deployment::Deployment;
use crate::services::codedeploy::group::{Group, Ready};
use crate::wire::instant;

/// `deploymentGroupInfo`. Both waits are always there: `aws ecs deploy` reads them without asking.
pub(super) fn group_json(world: &World, application: &str, name: &str, group: &Group) -> Value {
    let newest = world.codedeploy.of_group(application, name).next();
    let successful = world.codedeploy.last_successful(application, name);
    let mut members: Map<String, Value> = group.echoed.iter().cloned().collect();
    let fixed = json!({
        "applicationName": application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": name,
        "deploymentConfigName": group.config,
        "serviceRoleArn": group.role,
        "targetRevision": successful.and_then(|last| last.revision.clone()),
        "alarmConfiguration": alarms_json(&group.alarms),
        "autoRollbackConfiguration": group.rollback,
        "lastSuccessfulDeployment": successful.map(last_json),
        "lastAttemptedDeployment": newest.map(last_json),
        "computePlatform": "ECS",
        "ecsServices": [{ "serviceName": group.service, "clusterName": group.cluster }],
        "terminationHookEnabled": false,
    });
    for part in [fixed, shared_json(group)] {
        if let Value::Object(part) = part {
            members.extend(part);
        }
    }
    Value::Object(members)
}

/// What a group and its deployments have in common.
pub(super) fn shared_json(group: &Group) -> Value {
    let route = |listener: &String| json!({ "listenerArns": [listener] });
    let names = group.pair.groups.iter().map(|name| json!({ "name": name }));
    let (action, wait) = match group.ready {
        Ready::Continue => ("CONTINUE_DEPLOYMENT", 0),
        Ready::Stop { wait_minutes } => ("STOP_DEPLOYMENT", wait_minutes),
    };
    json!({
        "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": group.termination_wait_minutes,
            },
            "deploymentReadyOption": { "actionOnTimeout": action, "waitTimeInMinutes": wait },
        },
        "loadBalancerInfo": {
            "targetGroupPairInfoList": [{
                "targetGroups": names.collect::<Vec<Value>>(),
                "prodTrafficRoute": route(&group.pair.production),
                "testTrafficRoute": group.pair.test.as_ref().map(route),
            }],
        },
    })
}

fn last_json(deployment: &Deployment) -> Value {
    json!({
        "deploymentId": deployment.id,
        "status": deployment.status.text(),
        "createTime": instant(deployment.created_ms),
        "endTime": deployment.completed_ms.map(instant),
    })
}
