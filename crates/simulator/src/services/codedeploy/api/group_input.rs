//! What CreateDeploymentGroup and UpdateDeploymentGroup take, read once: refused is what is wrong and what is not of platform ECS.

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusals::refuse;
use super::tags::Tag;
use crate::ApiError;
use crate::services::codedeploy::group::{AlarmSettings, AutoRollback, Pair, Ready, RollbackEvent};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GroupInput {
    pub(super) application_name: Option<String>,
    /// Only of CreateDeploymentGroup.
    pub(super) deployment_group_name: Option<String>,
    /// Only of UpdateDeploymentGroup.
    pub(super) current_deployment_group_name: Option<String>,
    /// Only of UpdateDeploymentGroup.
    pub(super) new_deployment_group_name: Option<String>,
    pub(super) deployment_config_name: Option<String>,
    pub(super) service_role_arn: Option<String>,
    pub(super) trigger_configurations: Option<Value>,
    pub(super) alarm_configuration: Option<AlarmConfiguration>,
    pub(super) auto_rollback_configuration: Option<AutoRollbackConfiguration>,
    pub(super) outdated_instances_strategy: Option<Value>,
    deployment_style: Option<DeploymentStyle>,
    pub(super) blue_green_deployment_configuration: Option<BlueGreen>,
    load_balancer_info: Option<LoadBalancerInfo>,
    ecs_services: Option<Vec<EcsService>>,
    pub(super) tags: Option<Vec<Tag>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AlarmConfiguration {
    enabled: Option<bool>,
    ignore_poll_alarm_failure: Option<bool>,
    alarms: Option<Vec<Alarm>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Alarm {
    name: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AutoRollbackConfiguration {
    enabled: Option<bool>,
    events: Option<Vec<RollbackEvent>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeploymentStyle {
    deployment_type: Option<String>,
    deployment_option: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BlueGreen {
    terminate_blue_instances_on_deployment_success: Option<Termination>,
    deployment_ready_option: Option<ReadyOption>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Termination {
    action: Option<String>,
    termination_wait_time_in_minutes: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReadyOption {
    action_on_timeout: Option<String>,
    wait_time_in_minutes: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LoadBalancerInfo {
    target_group_pair_info_list: Option<Vec<PairInfo>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PairInfo {
    target_groups: Vec<Named>,
    prod_traffic_route: Route,
    test_traffic_route: Option<Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Route {
    listener_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EcsService {
    pub(super) service_name: String,
    pub(super) cluster_name: String,
}

impl AlarmConfiguration {
    pub(super) fn settings(self) -> Result<AlarmSettings, ApiError> {
        let names: Vec<String> = self
            .alarms
            .unwrap_or_default()
            .into_iter()
            .map(|alarm| alarm.name)
            .collect();
        if names.len() > 10 {
            return Err(refuse(
                "AlarmsLimitExceededException",
                "The maximum number of alarms is 10",
            ));
        }
        let enabled = self.enabled.unwrap_or(false);
        if enabled && names.is_empty() {
            return Err(refuse(
                "InvalidAlarmConfigException",
                "The alarm configuration is enabled but has no alarms",
            ));
        }
        Ok(AlarmSettings {
            enabled,
            ignore_poll_failure: self.ignore_poll_alarm_failure.unwrap_or(false),
            names,
        })
    }
}

impl AutoRollbackConfiguration {
    pub(super) fn settings(self) -> Result<AutoRollback, ApiError> {
        let enabled = self.enabled.unwrap_or(false);
        let events = self.events.unwrap_or_default();
        if enabled && events.is_empty() {
            return Err(refuse(
                "InvalidAutoRollbackConfigException",
                "The automatic rollback configuration is enabled but has no events",
            ));
        }
        Ok(AutoRollback { enabled, events })
    }
}

impl BlueGreen {
    /// `deploymentReadyOption` and the minutes before the original is terminated.
    pub(super) fn settings(self) -> Result<(Ready, u32), ApiError> {
        let wrong =
            |message: &str| refuse("InvalidBlueGreenDeploymentConfigurationException", message);
        let ready = self.deployment_ready_option.map_or(Ok(Ready::Continue), |ready| {
            match (ready.action_on_timeout.as_deref(), ready.wait_time_in_minutes) {
                (None | Some("CONTINUE_DEPLOYMENT"), None | Some(0)) => Ok(Ready::Continue),
                (Some("STOP_DEPLOYMENT"), Some(wait_minutes @ 1..=2_880)) => Ok(Ready::Stop { wait_minutes }),
                _ => Err(wrong("waitTimeInMinutes must be 0 for CONTINUE_DEPLOYMENT and 1 to 2880 for STOP_DEPLOYMENT")),
            }
        })?;
        let Some(termination) = self.terminate_blue_instances_on_deployment_success else {
            return Ok((ready, 0));
        };
        if termination
            .action
            .as_deref()
            .is_some_and(|action| action != "TERMINATE")
        {
            return Err(wrong(
                "ECS deployments terminate the original task set: action must be TERMINATE",
            ));
        }
        let minutes = termination.termination_wait_time_in_minutes.unwrap_or(0);
        if minutes > 2_880 {
            return Err(wrong("terminationWaitTimeInMinutes is at most 2880"));
        }
        Ok((ready, minutes))
    }
}

impl GroupInput {
    /// Platform ECS knows only blue/green with traffic control [DOC].
    pub(super) fn check_style(&self) -> Result<(), ApiError> {
        let Some(style) = &self.deployment_style else {
            return Ok(());
        };
        let fits = style.deployment_type.as_deref().unwrap_or("BLUE_GREEN") == "BLUE_GREEN"
            && style
                .deployment_option
                .as_deref()
                .unwrap_or("WITH_TRAFFIC_CONTROL")
                == "WITH_TRAFFIC_CONTROL";
        if fits {
            return Ok(());
        }
        Err(refuse(
            "InvalidDeploymentStyleException",
            "For the ECS compute platform, deployment type must be BLUE_GREEN and deployment option must be WITH_TRAFFIC_CONTROL",
        ))
    }

    /// "An array of TargetGroupPairInfo objects with a maximum size of one" [MODEL].
    pub(super) fn pair(&self) -> Result<Option<Pair>, ApiError> {
        let wrong = |message: &str| refuse("InvalidTargetGroupPairException", message);
        let Some(info) = &self.load_balancer_info else {
            return Ok(None);
        };
        let Some([pair]) = info.target_group_pair_info_list.as_deref() else {
            return Err(wrong("targetGroupPairInfoList must have one item"));
        };
        let [one, two] = pair.target_groups.as_slice() else {
            return Err(wrong("targetGroups must have two items"));
        };
        let listener = |route: &Route| match route.listener_arns.as_slice() {
            [arn] => Ok(arn.clone()),
            _ => Err(wrong("listenerArns must have one item")),
        };
        Ok(Some(Pair {
            groups: [one.name.clone(), two.name.clone()],
            production: listener(&pair.prod_traffic_route)?,
            test: pair.test_traffic_route.as_ref().map(listener).transpose()?,
        }))
    }

    /// The one service.
    pub(super) fn service(&self) -> Result<Option<&EcsService>, ApiError> {
        match self.ecs_services.as_deref() {
            None => Ok(None),
            Some([service]) => Ok(Some(service)),
            Some(_) => Err(refuse(
                "InvalidECSServiceException",
                "A deployment group must have one ECS service",
            )),
        }
    }

    /// Members that are answered as they came.
    pub(super) fn echoed(&self) -> impl Iterator<Item = (String, Value)> {
        let members = [
            ("triggerConfigurations", self.trigger_configurations.clone()),
            (
                "outdatedInstancesStrategy",
                self.outdated_instances_strategy.clone(),
            ),
        ];
        members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    }
}

/// `alarmConfiguration` of a reply.
pub(super) fn alarms_json(alarms: &AlarmSettings) -> Value {
    let names = alarms.names.iter().map(|name| json!({ "name": name }));
    json!({
        "enabled": alarms.enabled,
        "ignorePollAlarmFailure": alarms.ignore_poll_failure,
        "alarms": names.collect::<Vec<Value>>(),
    })
}
