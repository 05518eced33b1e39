//! What starts tasks when they are due, as Terraform would have made it.

use serde_json::{Value, json};

use super::ProvisionError;
use crate::base::arn::{global_arn, regional_arn};
use crate::front::{Service, ask};
use crate::{ScheduleBlueprint, TriggerBlueprint, World};

/// What every account and Region has one of.
const DEFAULT: &str = "default";

impl World {
    pub(super) fn provision_schedule(
        &mut self,
        blueprint: &ScheduleBlueprint,
    ) -> Result<(), ProvisionError> {
        let name = self.provision_definition(&blueprint.task_definition)?;
        let arn =
            |service: &str, rest: &str| regional_arn(service, &self.region, &self.account, rest);
        let revision = arn("ecs", &format!("task-definition/{name}"));
        let cluster = arn("ecs", &format!("cluster/{}", blueprint.cluster));
        let role = global_arn("iam", &self.region, &self.account, "role/scheduled-tasks");
        let state = match blueprint.enabled {
            true => "ENABLED",
            false => "DISABLED",
        };
        let task = json!({
            "TaskDefinitionArn": revision,
            "TaskCount": 1,
            "LaunchType": "FARGATE",
        });
        match &blueprint.trigger {
            TriggerBlueprint::Rule { bus, rule, target } => {
                let mut parameters = task;
                parameters["NetworkConfiguration"] =
                    json!({ "awsvpcConfiguration": { "Subnets": ["subnet-5b1a7a11"] } });
                if bus != DEFAULT {
                    let input = json!({ "Name": bus });
                    self.has(rule, Service::Events, "CreateEventBus", &input)?;
                }
                let input = json!({ "Name": rule, "EventBusName": bus, "State": state,
                    "ScheduleExpression": blueprint.expression });
                self.has(rule, Service::Events, "PutRule", &input)?;
                let input = json!({ "Rule": rule, "EventBusName": bus, "Targets": [
                    { "Id": target, "Arn": cluster, "RoleArn": role, "EcsParameters": parameters }] });
                self.has(rule, Service::Events, "PutTargets", &input)
            }
            TriggerBlueprint::Schedule { group, schedule } => {
                let mut parameters = task;
                parameters["NetworkConfiguration"] =
                    json!({ "awsvpcConfiguration": { "Subnets": ["subnet-5b1a7a11"] } });
                if group != DEFAULT {
                    let input = json!({ "Name": group });
                    self.has(schedule, Service::Scheduler, "CreateScheduleGroup", &input)?;
                }
                let input = json!({ "Name": schedule, "GroupName": group, "State": state,
                    "ScheduleExpression": blueprint.expression,
                    "FlexibleTimeWindow": { "Mode": "OFF" },
                    "Target": { "Arn": cluster, "RoleArn": role, "EcsParameters": parameters } });
                self.has(schedule, Service::Scheduler, "CreateSchedule", &input)
            }
        }
    }

    fn has(
        &mut self,
        name: &str,
        service: Service,
        operation: &'static str,
        input: &Value,
    ) -> Result<(), ProvisionError> {
        let refused = |error| ProvisionError::Refused {
            what: format!("{operation} of `{name}`"),
            error,
        };
        ask(self, service, operation, input).map_err(refused)?;
        Ok(())
    }
}
