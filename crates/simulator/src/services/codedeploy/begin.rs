//! A deployment leaves the queue: what it starts from.

use super::deployment::{Creator, ErrorCode, Status, TargetSet};
use super::end::Failure;
use super::told;
use crate::World;
use crate::services::ecs::{Controller, ServiceStatus, TaskSetStatus};

/// InProgress; the original is the task set that is PRIMARY now.
pub(super) fn begin(world: &mut World, id: &str) -> Result<(), Failure> {
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return Ok(());
    };
    deployment.status = Status::InProgress;
    deployment.started_ms = Some(now_ms);
    let (creator, key) = (deployment.creator, deployment.group.key());
    told::tell(world, id);
    if creator == Creator::Rollback {
        return Ok(());
    }
    let blue = world.primary_set(&key).ok_or_else(|| {
        // The text is [INF].
        let message = "The ECS service does not exist, is not active, or has no primary task set.";
        Failure::failed(ErrorCode::InvalidEcsService, message)
    })?;
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        deployment.target.blue = Some(blue);
    }
    Ok(())
}

impl World {
    /// The task set that serves production traffic.
    pub(super) fn primary_set(&self, key: &crate::base::agenda::ServiceKey) -> Option<TargetSet> {
        let service = self.ecs.service(key)?;
        if service.controller != Controller::CodeDeploy || service.status != ServiceStatus::Active {
            return None;
        }
        let primary = service.primary()?;
        let set = primary.task_set.as_ref()?;
        (set.status == TaskSetStatus::Primary).then(|| TargetSet {
            digits: primary.digits.clone(),
            target_group: set.balancer.group.to_string(),
        })
    }
}
