//! Lifecycle events of an ECS target: their names, order and statuses (E [DOC, OBS]).

use serde::{Deserialize, Serialize};

use crate::Millis;

/// One lifecycle event of a target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LifecycleEvent {
    pub(crate) name: EventName,
    pub(crate) status: EventStatus,
    pub(crate) started_ms: Option<Millis>,
    pub(crate) ended_ms: Option<Millis>,
}

/// The events of a deployment; those of the test listener are only there with one [MEM].
pub(crate) fn events(with_test_listener: bool) -> Vec<LifecycleEvent> {
    let shown = EventName::ALL.into_iter().filter(|name| {
        with_test_listener
            || !matches!(
                name,
                EventName::AllowTestTraffic | EventName::AfterAllowTestTraffic
            )
    });
    let pending = |name| LifecycleEvent {
        name,
        status: EventStatus::Pending,
        started_ms: None,
        ended_ms: None,
    };
    shown.map(pending).collect()
}

/// `lifecycleEventName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum EventName {
    BeforeInstall,
    Install,
    AfterInstall,
    AllowTestTraffic,
    AfterAllowTestTraffic,
    BeforeAllowTraffic,
    AllowTraffic,
    AfterAllowTraffic,
}

impl EventName {
    /// In the order in which they happen [OBS].
    pub(crate) const ALL: [Self; 8] = [
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::AllowTestTraffic,
        Self::AfterAllowTestTraffic,
        Self::BeforeAllowTraffic,
        Self::AllowTraffic,
        Self::AfterAllowTraffic,
    ];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::BeforeInstall => "BeforeInstall",
            Self::Install => "Install",
            Self::AfterInstall => "AfterInstall",
            Self::AllowTestTraffic => "AllowTestTraffic",
            Self::AfterAllowTestTraffic => "AfterAllowTestTraffic",
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AllowTraffic => "AllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    /// Install, AllowTestTraffic and AllowTraffic "can't be scripted" (E [DOC]).
    pub(crate) fn is_scriptable(self) -> bool {
        match self {
            Self::Install | Self::AllowTestTraffic | Self::AllowTraffic => false,
            Self::BeforeInstall
            | Self::AfterInstall
            | Self::AfterAllowTestTraffic
            | Self::BeforeAllowTraffic
            | Self::AfterAllowTraffic => true,
        }
    }
}

/// Status of a lifecycle event [MODEL].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventStatus {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Skipped,
}

impl EventStatus {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        }
    }
}
