//! What the account has of it, what the world tells of what is scaled, and what is ordered of it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Millis;
use crate::base::schedule::Course;
use crate::wire::Tags;

/// Scalable targets of an account and Region, their policies, schedules and activities.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AutoScaling {
    pub(super) targets: BTreeMap<Place, Target>,
    /// By target, then by name.
    pub(super) policies: BTreeMap<Place, BTreeMap<String, Policy>>,
    /// By target, then by name.
    pub(super) scheduled: BTreeMap<Place, BTreeMap<String, Scheduled>>,
    /// Oldest first.
    pub(super) activities: VecDeque<Activity>,
    /// What can be scaled, by resource id: whoever calls has told it before.
    #[serde(skip)]
    pub(crate) capacities: BTreeMap<String, Capacity>,
    /// Alarms that have a policy as their action: whoever calls has told it before.
    #[serde(skip)]
    pub(crate) alarms: Vec<PolicyAlarm>,
    /// What is to be done elsewhere: whoever has called carries it on.
    #[serde(skip)]
    pub(crate) outbox: Vec<Ordered>,
}

/// Which dimension of what is scaled; each one has at most one target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(super) namespace: String,
    pub(super) resource: String,
    pub(super) dimension: String,
}

/// As one text: the key of a JSON object.
impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}|{}|{}", self.namespace, self.dimension, self.resource);
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut parts = text.splitn(3, '|').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(namespace), Some(dimension), Some(resource)) => Ok(Self {
                namespace,
                resource,
                dimension,
            }),
            _ => Err(serde::de::Error::custom(
                "expected namespace, dimension and resource",
            )),
        }
    }
}

/// A scalable target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) arn: String,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) role: String,
    pub(super) created_ms: Millis,
    pub(super) suspended: Suspended,
    pub(super) tags: Tags,
    /// The last time that a policy has scaled out, and in.
    pub(super) last_out: Option<Moved>,
    pub(super) last_in: Option<Moved>,
}

/// SuspendedState.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Suspended {
    pub(super) dynamic_scaling_in_suspended: bool,
    pub(super) dynamic_scaling_out_suspended: bool,
    pub(super) scheduled_scaling_suspended: bool,
}

/// A policy has scaled: from what, when, and until when it is given time to take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moved {
    pub(super) from: u32,
    pub(super) until_ms: Millis,
}

/// A scaling policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) arn: String,
    pub(super) created_ms: Millis,
    pub(super) rule: Rule,
    /// Of target tracking: who made its alarms.
    pub(super) created_by: String,
    pub(super) high: Option<String>,
    pub(super) low: Option<String>,
    /// When its lower alarm has last asked for less.
    pub(super) low_ms: Option<Millis>,
    /// For how many it has asked then.
    #[serde(default)]
    pub(super) low_wanted: Option<u32>,
}

/// What a policy does, as it was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Rule {
    /// StepScalingPolicyConfiguration.
    Step(Value),
    /// TargetTrackingScalingPolicyConfiguration.
    Tracking(Value),
}

impl Rule {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Step(_) => "StepScaling",
            Self::Tracking(_) => "TargetTrackingScaling",
        }
    }
}

/// A scheduled action.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Scheduled {
    pub(super) arn: String,
    pub(super) course: Course,
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
}

/// A scaling activity, or why there was none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Activity {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) description: String,
    pub(super) cause: String,
    pub(super) start_ms: Millis,
    pub(super) end_ms: Option<Millis>,
    pub(super) status: Status,
    pub(super) message: String,
    /// How many it wanted.
    pub(super) wanted: Option<u32>,
    /// Of one that was none: code, and the capacities that it names.
    pub(super) not_scaled: Option<Value>,
}

/// ScalingActivityStatusCode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    InProgress,
    Successful,
    Overridden,
    Failed,
}

/// What can be scaled, as its service tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    pub(crate) desired: u32,
    /// What is there: scaling starts from it ([DOC] ECS service auto scaling, considerations).
    pub(crate) running: u32,
    pub(crate) change: Deploying,
}

/// Whether a deployment of ECS is running: "Application Auto Scaling turns off scale-in processes" then [DOC].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deploying {
    No,
    Yes,
}

/// An alarm of CloudWatch that has a policy as its action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyAlarm {
    pub(crate) action: String,
    pub(crate) name: String,
    pub(crate) arn: String,
}

/// What is to be done elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ordered {
    /// A resource of ECS, `service/CLUSTER/NAME`, is to have so many tasks.
    Count {
        resource: String,
        count: u32,
    },
    /// The input of PutMetricAlarm.
    PutAlarm(Value),
    DeleteAlarms(Vec<String>),
}
