//! A service and its settings, as data, with the arithmetic of its bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alarms::AlarmSettings;
use super::cluster::{LaunchType, StrategyItem};
use super::early::EarlySuccess;
use super::native::Strategy;
use super::record::{Record, RecordStatus, Revision};
use super::service_event::Events;
use super::{Controller, Deployment, TaskDefinition};
use crate::Millis;
use crate::base::agenda::TaskSerial;
use crate::world::floor::Floor;

/// A service with controller ECS or CODE_DEPLOY.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) cluster: String,
    pub(crate) status: ServiceStatus,
    pub(crate) created_ms: Millis,
    pub(crate) desired: u32,
    pub(crate) minimum_healthy_percent: u32,
    pub(crate) maximum_percent: u32,
    pub(crate) breaker: BreakerSettings,
    #[serde(default)]
    pub(crate) alarms: AlarmSettings,
    /// bakeTimeInMinutes.
    #[serde(default)]
    pub(crate) bake_minutes: Option<u32>,
    /// How its traffic moves to a new revision.
    #[serde(default)]
    pub(crate) traffic: Strategy,
    #[serde(default)]
    pub(crate) early: Option<EarlySuccess>,
    pub(crate) grace_ms: Millis,
    pub(crate) load_balancers: Vec<ServiceLoadBalancer>,
    /// capacityProviderStrategy; empty with a launch type.
    #[serde(default)]
    pub(crate) strategy: Vec<StrategyItem>,
    #[serde(default)]
    pub(crate) launched: LaunchType,
    /// Members that are echoed but move nothing in the simulator (networkConfiguration, platformVersion, ...).
    pub(crate) settings: BTreeMap<String, Value>,
    /// `taskDefinition` of the service.
    pub(crate) definition: Arc<TaskDefinition>,
    /// The first is PRIMARY.
    pub(crate) deployments: Vec<Deployment>,
    /// Service deployments, oldest first.
    pub(crate) records: Vec<Record>,
    /// Service revisions by digits.
    pub(crate) revisions: BTreeMap<String, Revision>,
    pub(crate) events: Events,
    /// Tasks that are not yet forgotten, oldest first.
    pub(crate) tasks: Vec<TaskSerial>,
    pub(crate) pass_ms: Option<Millis>,
    /// Something changed since the last steady state.
    pub(crate) unsteady: bool,
    pub(crate) steady_ms: Option<Millis>,
    pub(crate) floor: Floor,
    pub(crate) client_token: Option<String>,
    /// The CreateService input.
    #[serde(default)]
    pub(crate) created_from: Value,
    #[serde(default)]
    pub(crate) controller: Controller,
}

impl Service {
    /// `ceil(desiredCount * minimumHealthyPercent / 100)` (A2 [DOC]).
    pub(crate) fn lower(&self) -> usize {
        let product = u64::from(self.desired) * u64::from(self.minimum_healthy_percent);
        usize::try_from(product.div_ceil(100)).unwrap_or(usize::MAX)
    }

    /// `floor(desiredCount * maximumPercent / 100)` (A2 [DOC]).
    pub(crate) fn upper(&self) -> usize {
        let product = u64::from(self.desired) * u64::from(self.maximum_percent);
        usize::try_from(product / 100).unwrap_or(usize::MAX)
    }

    pub(crate) fn wanted(&self) -> usize {
        usize::try_from(self.desired).unwrap_or(usize::MAX)
    }

    /// desiredCount of the PRIMARY deployment: 0 until the scheduler has looked at it (A7 [OBS]).
    pub(crate) fn requested(&self) -> usize {
        let pending = self
            .primary()
            .and_then(|primary| self.records.iter().find(|one| one.id == primary.record))
            .is_some_and(|record| record.status == RecordStatus::Pending);
        if pending { 0 } else { self.wanted() }
    }

    pub(crate) fn deployment(&self, digits: &str) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.digits == digits)
    }

    pub(crate) fn deployment_mut(&mut self, digits: &str) -> Option<&mut Deployment> {
        self.deployments
            .iter_mut()
            .find(|deployment| deployment.digits == digits)
    }

    pub(crate) fn primary(&self) -> Option<&Deployment> {
        self.deployments.first()
    }

    pub(crate) fn primary_mut(&mut self) -> Option<&mut Deployment> {
        self.deployments.first_mut()
    }

    /// Where the tasks of a deployment are registered: a task set has a target group of its own (E [MODEL]).
    pub(crate) fn balancers_of(&self, digits: &str) -> Vec<ServiceLoadBalancer> {
        match self
            .deployment(digits)
            .and_then(|deployment| deployment.task_set.as_ref())
        {
            Some(set) => vec![set.balancer.clone()],
            None => self.load_balancers.clone(),
        }
    }

    /// The record of the deployment that is PRIMARY.
    pub(crate) fn current_record_mut(&mut self) -> Option<&mut Record> {
        let id = self.primary()?.record.clone();
        self.records.iter_mut().find(|record| record.id == id)
    }
}

/// ACTIVE, or on its way out after DeleteService.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ServiceStatus {
    Active,
    Draining,
    Inactive,
}

impl ServiceStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

/// `deploymentCircuitBreaker`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BreakerSettings {
    pub(crate) enable: bool,
    pub(crate) rollback: bool,
    /// resetOnHealthyTask, default true (B1 [DOC]).
    pub(crate) reset_on_healthy_task: bool,
    pub(crate) threshold: Threshold,
}

/// `thresholdConfiguration` (B1 [DOC, MODEL]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Threshold {
    Count(u32),
    BoundedPercent(u32),
    UnboundedPercent(u32),
}

impl Threshold {
    /// How many failures trip the breaker at this desired count: `clamp(ceil(desired * value / 100), 3, 200)` by default.
    pub(crate) fn at(self, desired: u32) -> u32 {
        let percent = |value: u32| {
            let failures = (u64::from(desired) * u64::from(value)).div_ceil(100);
            u32::try_from(failures).unwrap_or(u32::MAX)
        };
        match self {
            Self::Count(count) => count,
            Self::BoundedPercent(value) => percent(value).clamp(3, 200),
            Self::UnboundedPercent(value) => percent(value).max(1),
        }
    }
}

/// `loadBalancers[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceLoadBalancer {
    pub(crate) group: Arc<str>,
    pub(crate) group_arn: String,
    pub(crate) container_name: String,
    pub(crate) container_port: u16,
    #[serde(default)]
    pub(crate) advanced: Option<AdvancedConfiguration>,
}

/// `advancedConfiguration`: what a strategy other than ROLLING needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AdvancedConfiguration {
    pub(crate) alternate: Arc<str>,
    pub(crate) alternate_arn: String,
    pub(crate) production_rule: String,
    pub(crate) test_rule: Option<String>,
    pub(crate) role_arn: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Threshold;

    #[test]
    fn breaker_thresholds() {
        for (threshold, desired, expected) in [
            (Threshold::BoundedPercent(50), 0, 3),
            (Threshold::BoundedPercent(50), 1, 3),
            (Threshold::BoundedPercent(50), 6, 3),
            (Threshold::BoundedPercent(50), 7, 4),
            (Threshold::BoundedPercent(50), 25, 13),
            (Threshold::BoundedPercent(50), 400, 200),
            (Threshold::BoundedPercent(50), 800, 200),
            (Threshold::Count(1), 25, 1),
            (Threshold::UnboundedPercent(10), 1, 1),
            (Threshold::UnboundedPercent(100), 800, 800),
        ] {
            assert_eq!(
                threshold.at(desired),
                expected,
                "{threshold:?} at {desired}"
            );
        }
    }
}
