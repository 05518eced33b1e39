//! A deployment group, as data: which service, which target groups and listeners, and what is to happen when.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Millis;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::last_part;

/// `deploymentGroupInfo`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) config: String,
    pub(crate) role: String,
    /// Name or ARN, as they were given.
    pub(crate) cluster: String,
    pub(crate) service: String,
    pub(crate) pair: Pair,
    pub(crate) ready: Ready,
    pub(crate) termination_wait_minutes: u32,
    pub(crate) rollback: AutoRollback,
    pub(crate) alarms: AlarmSettings,
    /// Members that are answered as they came (triggerConfigurations, outdatedInstancesStrategy).
    pub(crate) echoed: Vec<(String, Value)>,
}

impl Group {
    pub(crate) fn key(&self) -> ServiceKey {
        ServiceKey::new(last_part(&self.cluster), last_part(&self.service))
    }

    pub(crate) fn termination_wait_ms(&self) -> Millis {
        Millis::from(self.termination_wait_minutes) * 60_000
    }
}

/// `targetGroupPairInfoList[0]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// Names.
    pub(crate) groups: [String; 2],
    /// Listener ARN.
    pub(crate) production: String,
    pub(crate) test: Option<String>,
}

impl Pair {
    /// The group that is not this one; `None` when this one is not of the pair.
    pub(crate) fn other(&self, group: &str) -> Option<&str> {
        let [one, two] = &self.groups;
        match group {
            _ if group == one => Some(two),
            _ if group == two => Some(one),
            _ => None,
        }
    }
}

/// `deploymentReadyOption`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ready {
    /// CONTINUE_DEPLOYMENT: reroute at once.
    Continue,
    /// STOP_DEPLOYMENT: wait so long for ContinueDeployment.
    Stop { wait_minutes: u32 },
}

/// `autoRollbackConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AutoRollback {
    pub(crate) enabled: bool,
    pub(crate) events: Vec<RollbackEvent>,
}

impl AutoRollback {
    pub(crate) fn covers(&self, event: RollbackEvent) -> bool {
        self.enabled && self.events.contains(&event)
    }
}

/// What may trigger a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RollbackEvent {
    #[serde(rename = "DEPLOYMENT_FAILURE")]
    Failure,
    #[serde(rename = "DEPLOYMENT_STOP_ON_ALARM")]
    StopOnAlarm,
    #[serde(rename = "DEPLOYMENT_STOP_ON_REQUEST")]
    StopOnRequest,
}

/// `alarmConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AlarmSettings {
    pub(crate) enabled: bool,
    pub(crate) ignore_poll_failure: bool,
    pub(crate) names: Vec<String>,
}
