//! `deploymentConfiguration` of a reply.

use serde::Serialize;
use serde_json::{Value, json};

use super::strategy::{self, StrategyShown};
use crate::services::ecs::Service;
use crate::services::ecs::service::Threshold;

/// What AWS answers, whether or not it was given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigurationShown<'a> {
    deployment_circuit_breaker: BreakerShown,
    /// There also when it was never given [OBS].
    alarms: AlarmsShown<'a>,
    maximum_percent: u32,
    minimum_healthy_percent: u32,
    bake_time_in_minutes: u32,
    #[serde(flatten)]
    strategy: StrategyShown,
    #[serde(skip_serializing_if = "Option::is_none")]
    early_success_criteria: Option<Value>,
}

/// AWS fills in resetOnHealthyTask (B1 [OBS]).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BreakerShown {
    enable: bool,
    rollback: bool,
    reset_on_healthy_task: bool,
    threshold_configuration: ThresholdShown,
}

#[derive(Serialize)]
struct ThresholdShown {
    r#type: &'static str,
    value: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlarmsShown<'a> {
    alarm_names: &'a [String],
    enable: bool,
    rollback: bool,
}

pub(super) fn configuration(service: &Service) -> ConfigurationShown<'_> {
    let (kind, value) = match service.breaker.threshold {
        Threshold::Count(value) => ("COUNT", value),
        Threshold::BoundedPercent(value) => ("BOUNDED_PERCENT", value),
        Threshold::UnboundedPercent(value) => ("UNBOUNDED_PERCENT", value),
    };
    ConfigurationShown {
        deployment_circuit_breaker: BreakerShown {
            enable: service.breaker.enable,
            rollback: service.breaker.rollback,
            reset_on_healthy_task: service.breaker.reset_on_healthy_task,
            threshold_configuration: ThresholdShown {
                r#type: kind,
                value,
            },
        },
        alarms: AlarmsShown {
            alarm_names: &service.alarms.names,
            enable: service.alarms.enable,
            rollback: service.alarms.rollback,
        },
        maximum_percent: service.maximum_percent,
        minimum_healthy_percent: service.minimum_healthy_percent,
        bake_time_in_minutes: service.bake_minutes.unwrap_or(0),
        strategy: strategy::shown(&service.traffic),
        early_success_criteria: service.early.map(|early| {
            json!({
                "enable": true,
                "healthyPercent": early.percent,
                "sourceServiceRevisionCleanup": early.cleanup.text(),
            })
        }),
    }
}
