//! A task set: what a deployment has besides when CodeDeploy moves the service, as data (E [MODEL]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ServiceLoadBalancer;

/// `deploymentController.type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Controller {
    #[default]
    Ecs,
    CodeDeploy,
}

impl Controller {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CODE_DEPLOY",
        }
    }
}

/// The tasks of one revision behind one target group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskSet {
    pub(crate) status: TaskSetStatus,
    pub(crate) balancer: ServiceLoadBalancer,
    /// The CodeDeploy deployment that made it; the first of a service has none [OBS].
    pub(crate) external_id: Option<String>,
    /// Members that are answered as they came (networkConfiguration, platformVersion, ...).
    pub(crate) settings: BTreeMap<String, Value>,
}

impl TaskSet {
    /// Percent of the service's desired count; CodeDeploy knows all and nothing [OBS].
    pub(crate) fn scale_percent(&self) -> u32 {
        match self.status {
            TaskSetStatus::Primary | TaskSetStatus::Active => 100,
            TaskSetStatus::Draining => 0,
        }
    }

    /// `ceil(desiredCount * scale)` [MODEL].
    pub(crate) fn computed_desired(&self, desired: u32) -> u32 {
        let product = u64::from(desired) * u64::from(self.scale_percent());
        u32::try_from(product.div_ceil(100)).unwrap_or(u32::MAX)
    }
}

/// `status` of a task set [MODEL].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaskSetStatus {
    /// Serves production traffic.
    Primary,
    /// Does not, or not alone.
    Active,
    /// Its tasks are being stopped.
    Draining,
}

impl TaskSetStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
        }
    }
}
