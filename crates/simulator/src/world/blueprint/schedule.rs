//! What starts tasks when they are due, as Terraform would have made it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A rule or a schedule whose target is a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleBlueprint {
    /// Which of both.
    pub trigger: TriggerBlueprint,
    /// `rate(…)` or `cron(…)`.
    pub expression: String,
    /// Whether it starts anything.
    pub enabled: bool,
    /// The ECS cluster of the task.
    pub cluster: String,
    /// RegisterTaskDefinition input; its revision is what is started.
    pub task_definition: Value,
}

/// What starts a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerBlueprint {
    /// A rule of EventBridge.
    Rule {
        /// EventBusName; it is made where it is not `default`.
        bus: String,
        /// Name.
        rule: String,
        /// The target's Id.
        target: String,
    },
    /// A schedule of EventBridge Scheduler.
    Schedule {
        /// GroupName; it is made where it is not `default`.
        group: String,
        /// Name.
        schedule: String,
    },
}
