//! What the world has to know of deployments: a fault, to do to a service what its people could do, and a picture.

use serde_json::{Value, json};

use super::deployment::{Creator, ErrorCode, Stage};
use super::end::{self, Failure};
use super::group::RollbackEvent;
use super::state::CodeDeploy;
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::last_part;

impl CodeDeploy {
    /// Names of the application and the group that deploy a service.
    pub(crate) fn group_that_deploys(&self, key: &ServiceKey) -> Option<(String, String)> {
        self.applications.iter().find_map(|(application, it)| {
            let mut groups = it.groups.iter();
            let (name, _) = groups.find(|(_, group)| group.key() == *key)?;
            Some((application.clone(), name.clone()))
        })
    }

    /// The deployment that a service's group is busy with.
    pub(crate) fn busy_with(&self, key: &ServiceKey) -> Option<String> {
        let (application, group) = self.group_that_deploys(key)?;
        let active = self.active(&application, &group)?;
        Some(active.id.clone())
    }

    /// Whether a task set gets no requests any more, and is only kept for the way back.
    pub(crate) fn keeps(&self, digits: &str) -> bool {
        self.deployments.iter().any(|deployment| {
            let blue = deployment.target.blue.as_ref();
            let is_original = blue.is_some_and(|blue| blue.digits == digits);
            is_original && deployment.stage == Stage::TerminationWait
        })
    }

    /// Every deployment that somebody started, by the name of its service and the `family:revision` it deploys.
    pub(crate) fn started(&self) -> impl Iterator<Item = (String, String)> {
        let by_somebody = self
            .deployments
            .iter()
            .filter(|deployment| deployment.creator == Creator::User);
        by_somebody.filter_map(|deployment| {
            let spec = deployment.app_spec.as_ref()?;
            let service = last_part(&deployment.group.service).to_owned();
            Some((service, last_part(&spec.definition).to_owned()))
        })
    }
}

impl World {
    /// An AppSpec of another definition behind the container that serves now.
    pub(crate) fn app_spec_of(&self, key: &ServiceKey, definition: &str) -> Option<Value> {
        let primary = self.ecs.service(key)?.primary()?;
        let balancer = &primary.task_set.as_ref()?.balancer;
        Some(json!({
            "version": 0.0,
            "Resources": [{ "TargetService": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "TaskDefinition": definition,
                    "LoadBalancerInfo": {
                        "ContainerName": balancer.container_name,
                        "ContainerPort": balancer.container_port,
                    },
                },
            } }],
        }))
    }
}

/// An alarm that nobody configured stops what the group is busy with; false if that is nothing.
pub(crate) fn stop_by_alarm(world: &mut World, key: &ServiceKey) -> bool {
    let Some(id) = world.codedeploy.busy_with(key) else {
        return false;
    };
    let message = "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the \
                   affected deployments have been stopped. Activated alarms: <latency>";
    let event = RollbackEvent::StopOnAlarm;
    let failure = Failure::stopped(ErrorCode::AlarmActive, message.to_owned(), event);
    end::fail(world, &id, failure);
    true
}
