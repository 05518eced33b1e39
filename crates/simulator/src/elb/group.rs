//! Target groups and their targets, as data.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Listener, LoadBalancer};
use crate::Millis;
use crate::agenda::TaskSerial;

/// All of ELBv2 in the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Elb {
    /// By name.
    pub(crate) groups: BTreeMap<Arc<str>, TargetGroup>,
    pub(crate) balancers: Vec<LoadBalancer>,
}

impl Elb {
    pub(crate) fn group_by_arn(&self, arn: &str) -> Option<&TargetGroup> {
        self.groups.values().find(|group| group.arn == arn)
    }

    /// Whether any listener or rule names the group, at weight 0 too; otherwise its targets stay `unused` (D [MODEL]).
    pub(crate) fn in_use(&self, name: &str) -> bool {
        let listeners = self.balancers.iter().flat_map(|it| &it.listeners);
        listeners
            .flat_map(Listener::actions)
            .any(|action| action.names(name))
    }

    pub(crate) fn target(&self, group: &str, task: TaskSerial) -> Option<&Target> {
        self.groups
            .get(group)?
            .targets
            .iter()
            .find(|target| target.task == task)
    }

    pub(crate) fn target_mut(&mut self, group: &str, task: TaskSerial) -> Option<&mut Target> {
        self.groups
            .get_mut(group)?
            .targets
            .iter_mut()
            .find(|target| target.task == task)
    }
}

/// A target group of type `ip`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: Arc<str>,
    pub(crate) port: u16,
    pub(crate) health_check_path: String,
    pub(crate) interval_seconds: u64,
    pub(crate) timeout_seconds: u64,
    pub(crate) healthy_threshold: u32,
    pub(crate) unhealthy_threshold: u32,
    pub(crate) deregistration_delay_seconds: u64,
    pub(crate) targets: Vec<Target>,
    /// Round robin.
    pub(crate) turn: u64,
}

/// One registered address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) ip: String,
    pub(crate) port: u16,
    pub(crate) task: TaskSerial,
    pub(crate) registered_ms: Millis,
    /// When its first health check is made; the others follow at the interval.
    pub(crate) first_check_ms: Millis,
    pub(crate) state: TargetState,
    /// The next change of state, if what the task answers will cause one.
    pub(crate) next: Option<(Millis, TargetState)>,
    pub(crate) answers: Answers,
}

/// What a task will answer to health checks, known from its start because faults are decided there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answers {
    /// Nothing listens before; `None`: never.
    pub(crate) ready_ms: Option<Millis>,
    /// 503 from here on.
    pub(crate) bad_from_ms: Option<Millis>,
}

impl Answers {
    /// Whether a connection at this instant is accepted.
    pub(crate) fn listens_at(&self, at_ms: Millis) -> bool {
        self.ready_ms.is_some_and(|ready_ms| at_ms >= ready_ms)
    }

    /// Whether a check at this instant succeeds.
    pub(crate) fn good_at(&self, at_ms: Millis) -> bool {
        self.listens_at(at_ms) && self.bad_from_ms.is_none_or(|bad_ms| at_ms < bad_ms)
    }
}

/// The health of a target (D [MODEL]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TargetState {
    /// No check has succeeded yet.
    Initial,
    /// In service.
    Healthy,
    /// Checks answered with a wrong code.
    UnhealthyCode(u16),
    /// Checks were not answered.
    UnhealthyTimeout,
    /// Leaving; requests in flight may end.
    Draining,
    /// No rule forwards to the group.
    Unused,
}

impl TargetState {
    pub(crate) fn is_unhealthy(self) -> bool {
        matches!(self, Self::UnhealthyCode(_) | Self::UnhealthyTimeout)
    }

    /// The three texts of DescribeTargetHealth. A healthy target has neither reason nor description (D [MODEL]).
    pub(crate) fn health(self) -> TargetHealth {
        let (state, reason, description) = match self {
            Self::Initial => (
                "initial",
                Some("Elb.InitialHealthChecking"),
                Some("Initial health checks in progress".to_owned()),
            ),
            Self::Healthy => ("healthy", None, None),
            Self::UnhealthyCode(code) => (
                "unhealthy",
                Some("Target.ResponseCodeMismatch"),
                Some(format!("Health checks failed with these codes: [{code}]")),
            ),
            Self::UnhealthyTimeout => (
                "unhealthy",
                Some("Target.Timeout"),
                Some("Request timed out".to_owned()),
            ),
            Self::Draining => (
                "draining",
                Some("Target.DeregistrationInProgress"),
                Some("Target deregistration is in progress".to_owned()),
            ),
            Self::Unused => (
                "unused",
                Some("Target.NotInUse"),
                Some(
                    "Target group is not configured to receive traffic from the load balancer"
                        .to_owned(),
                ),
            ),
        };
        TargetHealth {
            state,
            reason,
            description,
        }
    }
}

/// `TargetHealth` of DescribeTargetHealth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TargetHealth {
    pub(crate) state: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) description: Option<String>,
}
