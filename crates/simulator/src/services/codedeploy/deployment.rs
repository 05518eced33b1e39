//! A deployment and its one target, as data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::app_spec::AppSpec;
use super::config::Routing;
use super::group::{AlarmSettings, AutoRollback, Group};
use super::lifecycle::{EventName, LifecycleEvent};
use crate::Millis;

/// `deploymentInfo`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// `d-` and nine characters.
    pub(crate) id: String,
    pub(crate) application: String,
    pub(crate) group_name: String,
    /// The group as it was when the deployment was created.
    pub(crate) group: Group,
    pub(crate) config: String,
    pub(crate) routing: Routing,
    /// As it was given; a rollback to the very first task set has none.
    pub(crate) revision: Option<Value>,
    pub(crate) previous_revision: Option<Value>,
    pub(crate) app_spec: Option<AppSpec>,
    pub(crate) description: Option<String>,
    pub(crate) creator: Creator,
    pub(crate) status: Status,
    pub(crate) created_ms: Millis,
    pub(crate) started_ms: Option<Millis>,
    pub(crate) completed_ms: Option<Millis>,
    pub(crate) error: Option<DeploymentError>,
    pub(crate) rollback: AutoRollback,
    pub(crate) alarms: AlarmSettings,
    pub(crate) overrides_alarms: bool,
    pub(crate) rollback_info: Option<RollbackInfo>,
    pub(crate) target: Target,
    pub(crate) stage: Stage,
    /// When the present stage is over by itself, or has taken too long.
    pub(crate) due_ms: Option<Millis>,
    /// When CodeDeploy looks again.
    pub(crate) next_ms: Option<Millis>,
    /// ContinueDeployment was called in the present stage.
    pub(crate) told_to_continue: bool,
    /// What a hook said: `true` is Succeeded.
    pub(crate) hook_answer: Option<bool>,
}

impl Deployment {
    /// The lifecycle event that is going on.
    pub(crate) fn event(&self) -> Option<EventName> {
        match self.stage {
            Stage::Event(index) => self.target.events.get(index).map(|event| event.name),
            Stage::Created
            | Stage::Queued
            | Stage::Ready
            | Stage::TerminationWait
            | Stage::Over => None,
        }
    }
}

/// The ECS service, as `ecsTarget` shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    /// Of the original task set.
    pub(crate) blue: Option<TargetSet>,
    /// Of the replacement.
    pub(crate) green: Option<TargetSet>,
    pub(crate) events: Vec<LifecycleEvent>,
    pub(crate) updated_ms: Millis,
    /// Percent of production traffic that the replacement has.
    pub(crate) shifted: u32,
    /// desiredCount when traffic began to shift.
    pub(crate) desired: u32,
    /// It changed since then, and the replacement has not been steady since.
    pub(crate) rescaled_ms: Option<Millis>,
}

/// A task set as CodeDeploy knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSet {
    pub(crate) digits: String,
    /// Name of its target group.
    pub(crate) target_group: String,
}

/// Where a deployment is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    Created,
    Queued,
    /// Index in the target's events.
    Event(usize),
    /// The replacement is ready; rerouting waits.
    Ready,
    /// Traffic is shifted; the original waits for its end.
    TerminationWait,
    Over,
}

/// `status` [MODEL].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Created,
    Queued,
    InProgress,
    Ready,
    Succeeded,
    Failed,
    Stopped,
}

impl Status {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }

    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Stopped => true,
            Self::Created | Self::Queued | Self::InProgress | Self::Ready => false,
        }
    }
}

/// `creator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Creator {
    User,
    Rollback,
}

impl Creator {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Rollback => "codeDeployRollback",
        }
    }
}

/// `errorInformation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeploymentError {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

/// `errorInformation.code` [MODEL], those that happen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ErrorCode {
    AlarmActive,
    EcsUpdateError,
    ElasticLoadBalancingInvalid,
    HealthConstraints,
    HookExecutionFailure,
    InternalError,
    InvalidEcsService,
    ManualStop,
    Timeout,
}

impl ErrorCode {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::AlarmActive => "ALARM_ACTIVE",
            Self::EcsUpdateError => "ECS_UPDATE_ERROR",
            Self::ElasticLoadBalancingInvalid => "ELASTIC_LOAD_BALANCING_INVALID",
            Self::HealthConstraints => "HEALTH_CONSTRAINTS",
            Self::HookExecutionFailure => "HOOK_EXECUTION_FAILURE",
            Self::InternalError => "INTERNAL_ERROR",
            Self::InvalidEcsService => "INVALID_ECS_SERVICE",
            Self::ManualStop => "MANUAL_STOP",
            Self::Timeout => "TIMEOUT",
        }
    }
}

/// `rollbackInfo`, of either side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RollbackInfo {
    /// This one is rolled back by that one.
    By(String),
    /// This one rolls that one back.
    Of(String),
}
