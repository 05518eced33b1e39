//! Services whose traffic is shifted between two revisions, and who answers when a deployment pauses.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the traffic of a service moves to a new revision (B8 `[MODEL]`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficBlueprint {
    /// Members of deploymentConfiguration: `strategy`, `bakeTimeInMinutes`, `linearConfiguration`, `canaryConfiguration` and
    /// `lifecycleHooks`.
    pub configuration: Value,
    /// `alternateTargetGroupArn` of its first target group, by name.
    #[serde(default)]
    pub alternate: Option<String>,
}

/// Somebody who answers deployments that pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseAnswer {
    /// Milliseconds until they do.
    pub after_ms: u64,
    /// `CONTINUE` or `ROLLBACK`.
    pub action: PauseAction,
}

/// `action` of ContinueServiceDeployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PauseAction {
    /// It goes on.
    Continue,
    /// It turns back.
    Rollback,
}
