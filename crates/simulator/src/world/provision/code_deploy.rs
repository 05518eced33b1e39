//! The application and the deployment group of a service whose controller is CODE_DEPLOY, as Terraform would have made them.

use serde_json::{Value, json};

use super::ProvisionError;
use crate::base::arn::global_arn;
use crate::front::{Service, ask};
use crate::{CodeDeployBlueprint, ServiceBlueprint, World};

impl World {
    /// Between the service's target group and its alternate, behind the listener that leads to the first; all events roll back.
    pub(super) fn provision_group(
        &mut self,
        cluster: &str,
        blueprint: &ServiceBlueprint,
        wanted: &CodeDeployBlueprint,
    ) -> Result<(), ProvisionError> {
        let name = &blueprint.name;
        let lacks = |what: &'static str| ProvisionError::Unknown(what, name.clone());
        let first = blueprint.target_group.as_ref();
        let first = first.ok_or_else(|| lacks("target group of"))?;
        let traffic = blueprint.traffic.as_ref();
        let alternate = traffic.and_then(|traffic| traffic.alternate.as_ref());
        let alternate = alternate.ok_or_else(|| lacks("second target group of"))?;
        let listener = self.elb.listener_to(&first.name);
        let listener = listener.ok_or_else(|| lacks("listener to"))?.to_owned();
        self.codedeploy_has(
            name,
            "CreateApplication",
            &json!({ "applicationName": name, "computePlatform": "ECS" }),
        )?;
        let ready = match wanted.ready_minutes {
            None => json!({ "actionOnTimeout": "CONTINUE_DEPLOYMENT" }),
            Some(minutes) => {
                json!({ "actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": minutes })
            }
        };
        let group = json!({
            "applicationName": name,
            "deploymentGroupName": name,
            "deploymentConfigName": wanted.config,
            "serviceRoleArn": global_arn("iam", &self.region, &self.account, "role/codeDeployRole"),
            "ecsServices": [{ "clusterName": cluster, "serviceName": name }],
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": ready,
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE",
                    "terminationWaitTimeInMinutes": wanted.termination_minutes,
                },
            },
            "autoRollbackConfiguration": {
                "enabled": true,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
            },
            "loadBalancerInfo": {
                "targetGroupPairInfoList": [{
                    "targetGroups": [{ "name": first.name }, { "name": alternate }],
                    "prodTrafficRoute": { "listenerArns": [listener] },
                }],
            },
        });
        self.codedeploy_has(name, "CreateDeploymentGroup", &group)
    }

    fn codedeploy_has(
        &mut self,
        name: &str,
        operation: &'static str,
        input: &Value,
    ) -> Result<(), ProvisionError> {
        let refused = |error| ProvisionError::Refused {
            what: format!("{operation} of service `{name}`"),
            error,
        };
        ask(self, Service::CodeDeploy, operation, input).map_err(refused)?;
        Ok(())
    }
}
