//! What happens next: the queue of future events in the order of virtual time. It knows when, never how.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// `cluster/service`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ServiceKey(pub(crate) Arc<str>);

impl ServiceKey {
    pub(crate) fn new(cluster: &str, service: &str) -> Self {
        Self(format!("{cluster}/{service}").into())
    }
}

/// The number of a task inside the simulator; its id for the outside is drawn.
pub(crate) type TaskSerial = u64;

/// Something that is due. An event says only where to look: what it finds there decides what happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {
    /// The service scheduler looks at a service.
    Pass(ServiceKey),
    /// A task takes the next step of its lifecycle.
    Step(TaskSerial),
    /// A task's main process ends by itself.
    Exit(TaskSerial),
    /// A task without any health check has been RUNNING for 40 s.
    Counts(TaskSerial),
    /// A task's container health turns.
    Check(TaskSerial),
    /// A target's health turns: target group name, number of the target.
    Target(Arc<str>, u64),
    /// A service deployment record takes its next step.
    Record(ServiceKey),
    /// ECS looks at the alarms of a running deployment.
    Alarms(ServiceKey),
    /// CodeDeploy looks at a deployment: its id.
    CodeDeploy(Arc<str>),
    /// A CloudWatch alarm is evaluated: its name.
    Alarm(Arc<str>),
    /// A database instance or snapshot of RDS comes into its next state.
    Rds,
    /// The steady state is repeated.
    Steady(ServiceKey),
    /// A world fault strikes: its index.
    Strike(u64),
    /// A request that was held on its way arrives: its number.
    Arrive(u64),
    /// A stopped task is forgotten.
    Forget(TaskSerial),
    /// A repository's lifecycle policy is applied.
    Lifecycle(Arc<str>),
    /// A scheduled action of Application Auto Scaling: its ARN.
    ScheduledScaling(Arc<str>),
    /// A target of a rule of EventBridge is called: the number of the call.
    Call(u64),
    /// A rule of EventBridge with a schedule: its name.
    Rule(Arc<str>),
    /// A schedule of EventBridge Scheduler: its ARN.
    Schedule(Arc<str>),
    /// Whether ECS has what a scaling activity has told it: the activity's id.
    ScalingActivity(Arc<str>),
    /// What services use of their processors and memory is measured.
    Utilization,
    /// The recovery window of a deleted secret may be over: its ARN.
    SecretGone(Arc<str>),
}

/// Future events, earliest first; those of one instant in the order they were added.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Agenda {
    due: BTreeSet<(Millis, u64, Due)>,
    sequence: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at_ms: Millis, event: Due) {
        self.sequence += 1;
        self.due.insert((at_ms, self.sequence, event));
    }

    /// The earliest event that is due at `to_ms` or before.
    pub(crate) fn next_due(&mut self, to_ms: Millis) -> Option<(Millis, Due)> {
        if self.due.first()?.0 > to_ms {
            return None;
        }
        self.due.pop_first().map(|(at_ms, _, event)| (at_ms, event))
    }

    /// When an event is due; `None` when it is not expected.
    pub(crate) fn when(&self, event: &Due) -> Option<Millis> {
        let expected = self.due.iter().find(|(_, _, expected)| expected == event);
        expected.map(|(at_ms, ..)| *at_ms)
    }

    /// How many events were ever expected: the work of a world.
    #[cfg(test)]
    pub(crate) fn added(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn next_ms(&self) -> Option<Millis> {
        self.due.first().map(|(at_ms, ..)| *at_ms)
    }
}
