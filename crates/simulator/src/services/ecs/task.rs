//! A task and its containers, as data.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cluster::CapacityProvider;
use super::{Behaviour, Container, TaskDefinition};
use crate::Millis;
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::services::elb::Answers;

/// One task, until it is forgotten an hour after it stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) serial: TaskSerial,
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) cluster: String,
    pub(crate) definition: Arc<TaskDefinition>,
    pub(crate) owner: Owner,
    pub(crate) status: TaskStatus,
    /// Counts its changes.
    #[serde(default)]
    pub(crate) version: u32,
    /// desiredStatus STOPPED.
    pub(crate) told_to_stop: bool,
    pub(crate) times: Times,
    pub(crate) stop_code: Option<StopCode>,
    pub(crate) stopped_reason: Option<String>,
    /// The container that does what it is for; nothing in worlds that were saved before it was kept.
    #[serde(default)]
    pub(crate) app: String,
    pub(crate) containers: Vec<ContainerState>,
    pub(crate) ip: String,
    pub(crate) health: ContainerHealth,
    /// The next turn of the container health.
    pub(crate) next_health: Option<(Millis, ContainerHealth)>,
    /// Counts as healthy now (A3).
    pub(crate) healthy: bool,
    /// Has ever counted as healthy.
    pub(crate) was_healthy: bool,
    pub(crate) behaviour: Behaviour,
    /// When its next lifecycle step is due.
    pub(crate) step_ms: Option<Millis>,
    pub(crate) exit_ms: Option<Millis>,
    pub(crate) started_by: Option<String>,
    pub(crate) group: String,
    pub(crate) overrides: Value,
    /// Not stopped by scaling in or by a deployment before this time.
    #[serde(default)]
    pub(crate) protected_until_ms: Option<Millis>,
    /// The capacity provider it runs on; none when it was started by launch type.
    #[serde(default)]
    pub(crate) provider: Option<CapacityProvider>,
    /// Target groups it is registered in.
    pub(crate) registered: Vec<Arc<str>>,
    /// Where its ports are reached, by port, while its containers run for real; empty while they are scripted. Nothing of it
    /// outlives the process that started them.
    #[serde(skip)]
    pub(crate) reached: BTreeMap<u16, SocketAddr>,
}

impl Task {
    /// The service and the deployment it belongs to.
    pub(crate) fn service(&self) -> Option<(&ServiceKey, &str)> {
        match &self.owner {
            Owner::Service { key, digits } => Some((key, digits)),
            Owner::OneOff => None,
        }
    }

    pub(crate) fn deployment(&self) -> Option<&str> {
        self.service().map(|(_, digits)| digits)
    }

    /// Whether UpdateTaskProtection keeps it from being stopped.
    pub(crate) fn is_protected(&self, now_ms: Millis) -> bool {
        self.protected_until_ms
            .is_some_and(|until_ms| until_ms > now_ms)
    }

    /// desiredStatus RUNNING.
    pub(crate) fn is_live(&self) -> bool {
        !self.told_to_stop
    }

    /// The container that does what it is for: it answers, its end is the task's end, faults are its own.
    pub(crate) fn app(&self) -> Option<&Container> {
        let own = self.definition.container(&self.app);
        own.or_else(|| self.definition.app())
    }

    /// What it answers to health checks once it is RUNNING.
    pub(crate) fn answers(&self) -> Answers {
        let Some(started_ms) = self.times.started else {
            return Answers {
                ready_ms: None,
                bad_from_ms: None,
                status: 200,
            };
        };
        Answers {
            ready_ms: self
                .behaviour
                .ready_after_ms
                .map(|after_ms| started_ms + after_ms),
            bad_from_ms: self
                .behaviour
                .unhealthy_after_ms
                .map(|after_ms| started_ms + after_ms),
            status: 200,
        }
    }
}

/// Who wanted it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Owner {
    Service {
        key: ServiceKey,
        digits: String,
    },
    /// RunTask.
    OneOff,
}

/// `lastStatus` (C [DOC]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum TaskStatus {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl TaskStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// The timestamps of DescribeTasks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) created: Millis,
    pub(crate) pull_started: Option<Millis>,
    pub(crate) pull_stopped: Option<Millis>,
    pub(crate) started: Option<Millis>,
    pub(crate) stopping: Option<Millis>,
    pub(crate) execution_stopped: Option<Millis>,
    pub(crate) stopped: Option<Millis>,
}

/// `stopCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StopCode {
    TaskFailedToStart,
    EssentialContainerExited,
    UserInitiated,
    ServiceSchedulerInitiated,
    SpotInterruption,
}

impl StopCode {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::TaskFailedToStart => "TaskFailedToStart",
            Self::EssentialContainerExited => "EssentialContainerExited",
            Self::UserInitiated => "UserInitiated",
            Self::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            Self::SpotInterruption => "SpotInterruption",
        }
    }
}

/// `healthStatus` of the essential containers that have a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ContainerHealth {
    Unknown,
    Healthy,
    Unhealthy,
}

impl ContainerHealth {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Healthy => "HEALTHY",
            Self::Unhealthy => "UNHEALTHY",
        }
    }
}

/// One container of a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ContainerState {
    pub(crate) name: String,
    /// A UUID-like id for its ARN.
    pub(crate) id: String,
    pub(crate) image: String,
    pub(crate) digest: Option<String>,
    /// Absent when the container never started (C): never a default of 0.
    pub(crate) exit_code: Option<i32>,
    /// It ends by itself, and the task goes on without it: when, and with which code.
    #[serde(default)]
    pub(crate) ends: Option<(Millis, i32)>,
    pub(crate) reason: Option<String>,
}

impl ContainerState {
    /// Its exit code now, if it has ended.
    pub(crate) fn code_at(&self, now_ms: Millis) -> Option<i32> {
        let ended = self.ends.filter(|(at_ms, _)| *at_ms <= now_ms);
        self.exit_code.or(ended.map(|(_, code)| code))
    }
}
