//! What CodeDeploy tells EventBridge about a deployment [DOC].

use crate::base::arn::regional_arn;
use serde_json::json;

use super::deployment::Status;
use crate::World;
use crate::services::events::Detail;

/// `CodeDeploy Deployment State-change Notification` with the present status of the deployment.
pub(super) fn tell(world: &mut World, id: &str) {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return;
    };
    let state = match deployment.status {
        Status::Created | Status::Queued => return,
        Status::InProgress => "START",
        Status::Ready => "READY",
        Status::Succeeded => "SUCCESS",
        Status::Failed => "FAILURE",
        Status::Stopped => "STOP",
    };
    let (application, group) = (&deployment.application, &deployment.group_name);
    let arn = |resource: String| {
        let (region, account) = (&world.region, &world.account);
        regional_arn("codedeploy", region, account, resource)
    };
    let resources = vec![
        arn(format!("application:{application}")),
        arn(format!("deploymentgroup:{application}/{group}")),
    ];
    let detail = json!({
        "instanceGroupId": deployment.group.id,
        "region": world.region,
        "application": application,
        "deploymentId": id,
        "state": state,
        "deploymentGroup": group,
    });
    world.tell(
        "aws.codedeploy",
        "CodeDeploy Deployment State-change Notification",
        resources,
        Detail::of(&detail),
    );
}
