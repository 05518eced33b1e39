//! `deploymentConfiguration` of a service as it comes in, `loadBalancers` in and out, and what the simulator does not model.

use serde::Deserialize;
use serde_json::{Value, json};

use super::advanced::{self, Advanced};
use super::lookup::invalid;
use super::strategy::{CanaryConfiguration, LifecycleHook, LinearConfiguration, Wish};
use crate::services::ecs::alarms::AlarmSettings;
use crate::services::ecs::early::{Cleanup, EarlySuccess};
use crate::services::ecs::service::{BreakerSettings, Threshold};
use crate::services::ecs::{Service, ServiceLoadBalancer};
use crate::{ApiError, World};

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeploymentConfiguration {
    minimum_healthy_percent: Option<u32>,
    maximum_percent: Option<u32>,
    deployment_circuit_breaker: Option<CircuitBreaker>,
    alarms: Option<Alarms>,
    strategy: Option<String>,
    bake_time_in_minutes: Option<u32>,
    linear_configuration: Option<LinearConfiguration>,
    canary_configuration: Option<CanaryConfiguration>,
    lifecycle_hooks: Option<Vec<LifecycleHook>>,
    early_success_criteria: Option<EarlySuccessCriteria>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CircuitBreaker {
    enable: bool,
    rollback: bool,
    reset_on_healthy_task: Option<bool>,
    threshold_configuration: Option<ThresholdConfiguration>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ThresholdConfiguration {
    r#type: String,
    value: u32,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Alarms {
    alarm_names: Vec<String>,
    rollback: bool,
    enable: bool,
}

impl DeploymentConfiguration {
    /// Changes what is given and keeps the rest. It starts no deployment (A1 [MODEL]).
    pub(super) fn apply(&self, service: &mut Service) -> Result<(), ApiError> {
        let wish = Wish {
            strategy: self.strategy.as_deref(),
            linear: self.linear_configuration.as_ref(),
            canary: self.canary_configuration.as_ref(),
            hooks: self.lifecycle_hooks.as_deref(),
        };
        service.traffic = wish.fulfil(&service.traffic)?;
        service.minimum_healthy_percent = self
            .minimum_healthy_percent
            .unwrap_or(service.minimum_healthy_percent);
        service.maximum_percent = self.maximum_percent.unwrap_or(service.maximum_percent);
        if service.maximum_percent <= service.minimum_healthy_percent
            && service.maximum_percent < 100
        {
            return Err(invalid(
                "maximumPercent must be greater than minimumHealthyPercent.",
            ));
        }
        if let Some(breaker) = &self.deployment_circuit_breaker {
            service.breaker = breaker.settings()?;
        }
        if let Some(alarms) = &self.alarms {
            service.alarms = alarms.settings()?;
        }
        if let Some(minutes) = self.bake_time_in_minutes {
            if minutes > 1_440 {
                return Err(invalid("bakeTimeInMinutes must be between 0 and 1440."));
            }
            service.bake_minutes = Some(minutes);
        }
        if let Some(criteria) = &self.early_success_criteria {
            service.early = criteria.settings()?;
        }
        if service
            .early
            .is_some_and(|early| early.percent < service.minimum_healthy_percent)
        {
            return Err(invalid(
                "healthyPercent must be greater than or equal to minimumHealthyPercent.",
            ));
        }
        Ok(())
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EarlySuccessCriteria {
    enable: bool,
    healthy_percent: Option<u32>,
    source_service_revision_cleanup: Option<String>,
}

impl EarlySuccessCriteria {
    /// `None`: not enabled. Enabled, it needs both other members (A6 [DOC]); the texts are [INF].
    fn settings(&self) -> Result<Option<EarlySuccess>, ApiError> {
        let cleanup = match self.source_service_revision_cleanup.as_deref() {
            None => None,
            Some("BLOCKING") => Some(Cleanup::Blocking),
            Some("DEFERRED") => Some(Cleanup::Deferred),
            Some(other) => {
                return Err(invalid(format!(
                    "sourceServiceRevisionCleanup {other} is not valid."
                )));
            }
        };
        if !self.enable {
            return Ok(None);
        }
        let (Some(percent @ 0..=100), Some(cleanup)) = (self.healthy_percent, cleanup) else {
            return Err(invalid(
                "earlySuccessCriteria needs a healthyPercent between 0 and 100 and a sourceServiceRevisionCleanup.",
            ));
        };
        Ok(Some(EarlySuccess { percent, cleanup }))
    }
}

impl Alarms {
    fn settings(&self) -> Result<AlarmSettings, ApiError> {
        if self.enable && self.alarm_names.is_empty() {
            return Err(invalid(
                "alarmNames cannot be empty when alarms are enabled.",
            ));
        }
        Ok(AlarmSettings {
            names: self.alarm_names.clone(),
            enable: self.enable,
            rollback: self.rollback,
        })
    }
}

impl CircuitBreaker {
    fn settings(&self) -> Result<BreakerSettings, ApiError> {
        let threshold = match &self.threshold_configuration {
            None => Threshold::BoundedPercent(50),
            Some(threshold) => match (threshold.r#type.as_str(), threshold.value) {
                (_, 0) => return Err(invalid("thresholdConfiguration.value must be at least 1.")),
                ("COUNT", value) => Threshold::Count(value),
                ("BOUNDED_PERCENT", value @ 1..=100) => Threshold::BoundedPercent(value),
                ("UNBOUNDED_PERCENT", value @ 1..=100) => Threshold::UnboundedPercent(value),
                (kind, value) => {
                    return Err(invalid(format!(
                        "thresholdConfiguration {kind} {value} is not valid."
                    )));
                }
            },
        };
        Ok(BreakerSettings {
            enable: self.enable,
            rollback: self.rollback,
            reset_on_healthy_task: self.reset_on_healthy_task.unwrap_or(true),
            threshold,
        })
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LoadBalancer {
    target_group_arn: String,
    container_name: String,
    container_port: u16,
    advanced_configuration: Option<Advanced>,
}

/// `loadBalancers[]`: at most 5 target groups (F3), each must exist.
pub(super) fn load_balancers(
    world: &World,
    input: &[LoadBalancer],
) -> Result<Vec<ServiceLoadBalancer>, ApiError> {
    if input.len() > 5 {
        return Err(invalid("load balancers can have at most 5 items."));
    }
    let one = |balancer: &LoadBalancer| {
        let missing = || {
            invalid(format!(
                "The target group {} does not exist.",
                balancer.target_group_arn
            ))
        };
        let group = world
            .elb
            .group_by_arn(&balancer.target_group_arn)
            .ok_or_else(missing)?;
        if !world.elb.in_use(&group.name) {
            let arn = &group.arn;
            return Err(invalid(format!(
                "The target group with targetGroupArn {arn} does not have an associated load balancer."
            )));
        }
        Ok(ServiceLoadBalancer {
            group: group.name.clone(),
            group_arn: group.arn.clone(),
            container_name: balancer.container_name.clone(),
            container_port: balancer.container_port,
            advanced: balancer
                .advanced_configuration
                .as_ref()
                .map(|given| given.read(world))
                .transpose()?,
        })
    };
    input.iter().map(one).collect()
}

/// `loadBalancers` of a service.
pub(super) fn load_balancers_json(service: &Service) -> Value {
    balancers_json(&service.load_balancers)
}

/// `loadBalancers` of a reply.
pub(super) fn balancers_json(balancers: &[ServiceLoadBalancer]) -> Value {
    let balancers = balancers.iter().map(|balancer| {
        let mut members = json!({
            "targetGroupArn": balancer.group_arn,
            "containerName": balancer.container_name,
            "containerPort": balancer.container_port,
        });
        if let Some(given) = &balancer.advanced {
            members["advancedConfiguration"] = advanced::json_of(given);
        }
        members
    });
    balancers.collect()
}
