//! A registered target and its health, as data.

use serde::{Deserialize, Serialize};

use super::observed::Observed;
use crate::Millis;
use crate::base::agenda::TaskSerial;

/// One registered address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    /// Its number in the account.
    pub(super) serial: u64,
    /// An address, or the id of an instance.
    pub(crate) ip: String,
    pub(crate) port: u16,
    /// Whose address it is, if ECS registered it.
    pub(crate) task: Option<TaskSerial>,
    pub(crate) registered_ms: Millis,
    /// When its first health check is made; the others follow at the interval.
    pub(crate) first_check_ms: Millis,
    pub(crate) state: TargetState,
    /// The next change of state, if what it answers will cause one; how it goes, while it drains.
    pub(crate) next: Option<(Millis, TargetState)>,
    pub(crate) answers: Answers,
    /// Until then it only gets a growing share.
    #[serde(default)]
    pub(super) slow_until_ms: Option<Millis>,
    /// What it has left of its share.
    #[serde(default)]
    pub(super) credit: i64,
    /// What its checks have shown, while it is reached for real.
    #[serde(skip)]
    pub(super) observed: Observed,
    /// Requests that it has got and not answered yet.
    #[serde(skip)]
    pub(super) in_flight: u32,
}

impl Target {
    /// Its number in the account.
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// It leaves, and still has requests to answer that it had got before.
    pub(crate) fn is_answering(&self) -> bool {
        self.drains() && self.in_flight > 0
    }

    /// It is leaving already.
    pub(crate) fn drains(&self) -> bool {
        self.state == TargetState::Draining
    }
}

/// What a target will answer to health checks, known from its start because faults are decided there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answers {
    /// Nothing listens before; `None`: never.
    pub(crate) ready_ms: Option<Millis>,
    /// 503 from here on.
    pub(crate) bad_from_ms: Option<Millis>,
    /// What it answers while it is well.
    #[serde(default = "ok")]
    pub(crate) status: u16,
}

fn ok() -> u16 {
    200
}

impl Answers {
    /// Nobody has the address.
    pub(crate) const NEVER: Self = Self {
        ready_ms: None,
        bad_from_ms: None,
        status: 200,
    };

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
    /// Nobody took the connection, or what came back was no HTTP.
    UnhealthyFailed,
    /// Leaving; requests in flight may end.
    Draining,
    /// No rule forwards to the group.
    Unused,
}

impl TargetState {
    pub(crate) fn is_unhealthy(self) -> bool {
        matches!(
            self,
            Self::UnhealthyCode(_) | Self::UnhealthyTimeout | Self::UnhealthyFailed
        )
    }

    /// The three texts of DescribeTargetHealth. A healthy target has neither reason nor description (D [MODEL]).
    pub(crate) fn health(self) -> TargetHealth {
        let code;
        let (state, reason, description) = match self {
            Self::Initial => (
                "initial",
                "Elb.InitialHealthChecking",
                "Initial health checks in progress",
            ),
            Self::Healthy => return TargetHealth::HEALTHY,
            Self::UnhealthyCode(found) => {
                code = format!("Health checks failed with these codes: [{found}]");
                ("unhealthy", "Target.ResponseCodeMismatch", code.as_str())
            }
            Self::UnhealthyTimeout => ("unhealthy", "Target.Timeout", "Request timed out"),
            Self::UnhealthyFailed => (
                "unhealthy",
                "Target.FailedHealthChecks",
                "Health checks failed",
            ),
            Self::Draining => (
                "draining",
                "Target.DeregistrationInProgress",
                "Target deregistration is in progress",
            ),
            Self::Unused => (
                "unused",
                "Target.NotInUse",
                "Target group is not configured to receive traffic from the load balancer",
            ),
        };
        TargetHealth::because(state, reason, description)
    }
}

/// `TargetHealth` of DescribeTargetHealth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TargetHealth {
    pub(crate) state: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) description: Option<String>,
}

impl TargetHealth {
    const HEALTHY: Self = Self {
        state: "healthy",
        reason: None,
        description: None,
    };

    fn because(state: &'static str, reason: &'static str, description: &str) -> Self {
        Self {
            state,
            reason: Some(reason),
            description: Some(description.to_owned()),
        }
    }

    /// Of an address that is not registered [MODEL].
    pub(crate) fn not_registered() -> Self {
        let description = "Target is not registered to the target group";
        Self::because("unused", "Target.NotRegistered", description)
    }
}
