//! What others do to deployments: they deploy, restart, stop, and alarms take back; by ECS or by CodeDeploy, whoever has the service.
//! Each says false where it has made nothing.

use std::sync::Arc;

use serde_json::json;

use crate::World;
use crate::base::agenda::ServiceKey;
use crate::front::{Service, ask};
use crate::services::codedeploy;
use crate::services::ecs::{Cause, Controller, Rollout, TaskDefinition, begin_rollback};

impl World {
    /// Someone else puts the service's earlier task definition back, by force. CodeDeploy's has no earlier one by name: what it runs.
    pub(super) fn deploy_foreign(&mut self, service: &str) -> bool {
        let mut has_deployed = false;
        for key in self.active(service) {
            let Some(service) = self.ecs.service(&key) else {
                continue;
            };
            let completed = service
                .deployments
                .iter()
                .skip(1)
                .find(|deployment| deployment.rollout == Rollout::Completed);
            let earlier = completed.map_or_else(
                || service.definition.clone(),
                |older| older.definition.clone(),
            );
            has_deployed |= self.deploy_by_whom(&key, earlier);
        }
        has_deployed
    }

    /// Someone else deploys what runs once more.
    pub(super) fn deploy_once_more(&mut self, service: &str) -> bool {
        let mut has_deployed = false;
        for key in self.active(service) {
            let running = self.ecs.service(&key);
            if let Some(definition) = running.map(|service| service.definition.clone()) {
                has_deployed |= self.deploy_by_whom(&key, definition);
            }
        }
        has_deployed
    }

    /// UpdateService refuses services of CodeDeploy (E [OBS]); CreateDeployment refuses a second deployment beside another one.
    fn deploy_by_whom(&mut self, key: &ServiceKey, definition: Arc<TaskDefinition>) -> bool {
        let moved = self.ecs.service(key).map(|service| service.controller);
        if moved != Some(Controller::CodeDeploy) {
            self.deploy(key, definition);
            return true;
        }
        let group = self.codedeploy.group_that_deploys(key);
        let Some((application, group)) = group else {
            return false;
        };
        let Some(spec) = self.app_spec_of(key, &definition.arn) else {
            return false;
        };
        let input = json!({
            "applicationName": application,
            "deploymentGroupName": group,
            "revision": {
                "revisionType": "AppSpecContent",
                "appSpecContent": { "content": spec.to_string() },
            },
        });
        ask(self, Service::CodeDeploy, "CreateDeployment", &input).is_ok()
    }

    /// An alarm takes the running deployment back.
    pub(super) fn roll_back_by_alarm(&mut self, service: &str) -> bool {
        let mut has_stopped = false;
        for key in self.active(service) {
            let running = self.ecs.service(&key).and_then(|service| service.primary());
            let running = running.map(|primary| primary.rollout);
            has_stopped |= match self.ecs.service(&key).map(|service| service.controller) {
                Some(Controller::CodeDeploy) => codedeploy::stop_by_alarm(self, &key),
                Some(Controller::Ecs) if running == Some(Rollout::InProgress) => {
                    begin_rollback(self, &key, Cause::Alarm)
                }
                Some(Controller::Ecs) | None => false,
            };
        }
        has_stopped
    }

    /// Somebody stops the running deployment in the console of CodeDeploy.
    pub(super) fn stop_by_hand(&mut self, service: &str) -> bool {
        let mut found = false;
        for key in self.active(service) {
            let Some(id) = self.codedeploy.busy_with(&key) else {
                continue;
            };
            let input = json!({ "deploymentId": id });
            found |= ask(self, Service::CodeDeploy, "StopDeployment", &input).is_ok();
        }
        found
    }
}
