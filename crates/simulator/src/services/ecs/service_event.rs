//! Service events: their texts, newest first, at most 100, duplicates suppressed (A7, A8 [DOC, OBS]).

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::base::agenda::ServiceKey;
use crate::base::timings::EVENT_WINDOW_MS;
use crate::{Millis, World};

/// `events[]` of a service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Events {
    newest_first: VecDeque<ServiceEvent>,
    /// When a text that may repeat was last shown.
    shown: BTreeMap<String, Millis>,
}

/// One event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServiceEvent {
    pub(crate) id: String,
    pub(crate) at_ms: Millis,
    pub(crate) what: Happening,
}

/// Why a task of launch type EC2 is not placed: there are no instances here (A8 [DOC]).
pub(crate) const NO_INSTANCE: &str = "no container instance met all of its requirements";

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Happening {
    Started {
        tasks: Vec<String>,
        replaced: usize,
    },
    Stopped {
        tasks: Vec<String>,
    },
    StoppedPending {
        count: usize,
    },
    Registered {
        count: usize,
        group_arn: String,
    },
    Deregistered {
        count: usize,
        group_arn: String,
    },
    Draining {
        count: usize,
        digits: String,
    },
    TargetUnhealthy {
        task: String,
        port: u16,
        group_arn: String,
        reason: String,
    },
    ContainerUnhealthy {
        task: String,
    },
    CannotPlace {
        reason: String,
    },
    CannotStart,
    Throttled,
    Protected {
        count: usize,
        digits: String,
    },
    Stuck,
    DeploymentFailed {
        digits: String,
        cause: String,
    },
    RollingBack {
        digits: String,
    },
    Completed {
        digits: String,
    },
    Steady,
}

impl Happening {
    /// The text of the API: the parenthesis is around `service NAME` (A8 [OBS]).
    pub(crate) fn text(&self, service: &str) -> String {
        let predicate = self.predicate();
        if let Self::Draining { digits, .. } = self {
            return format!("(service {service}, taskSet ecs-svc/{digits}) {predicate}");
        }
        format!("(service {service}) {predicate}")
    }

    fn predicate(&self) -> String {
        match self {
            Self::Started { tasks, replaced } => {
                let why = match replaced {
                    0 => String::new(),
                    _ => format!(" Amazon ECS replaced {replaced} tasks due to an unhealthy status."),
                };
                format!("has started {} tasks: {}.{why}", tasks.len(), named(tasks))
            }
            Self::Stopped { tasks } => format!("has stopped {} running tasks: {}.", tasks.len(), named(tasks)),
            Self::StoppedPending { count } => format!("stopped {count} pending tasks."),
            Self::Registered { count, group_arn } => format!("registered {count} targets in (target-group {group_arn})"),
            Self::Deregistered { count, group_arn } => {
                format!("deregistered {count} targets in (target-group {group_arn})")
            }
            Self::Draining { count, .. } => format!("has begun draining connections on {count} tasks."),
            Self::TargetUnhealthy { task, port, group_arn, reason } => format!(
                "(task {task}) (port {port}) is unhealthy in (target-group {group_arn}) due to (reason {reason})."
            ),
            Self::ContainerUnhealthy { task } => format!("(task {task}) failed container health checks."),
            // The two limits end without a full stop (A8 [DOC]).
            Self::CannotPlace { reason } if reason.starts_with("You") => {
                format!("was unable to place a task. Reason: {reason}")
            }
            // Of instances, not of Fargate (A8 [DOC]).
            Self::CannotPlace { reason } if reason == NO_INSTANCE => {
                format!("was unable to place a task because {reason}.")
            }
            Self::CannotPlace { reason } => {
                format!("was unable to place a task. Reason: {}.", reason.trim_end_matches('.'))
            }
            Self::Throttled => "operations are being throttled. Will try again later.".to_owned(),
            Self::CannotStart => "is unable to consistently start tasks successfully.".to_owned(),
            Self::Protected { count, digits } => format!(
                "was unable to reach steady state because (taskSet ecs-svc/{digits}) was unable to scale in due to (reason \
                 {count} tasks under protection)"
            ),
            Self::Stuck => "was unable to stop or start tasks during a deployment because of the service deployment \
                            configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
                .to_owned(),
            Self::DeploymentFailed { digits, cause } => {
                format!("(deployment ecs-svc/{digits}) deployment failed: {cause}")
            }
            Self::RollingBack { digits } => format!("rolling back to deployment ecs-svc/{digits}."),
            Self::Completed { digits } => format!("(deployment ecs-svc/{digits}) deployment completed."),
            Self::Steady => "has reached a steady state.".to_owned(),
        }
    }

    /// Whether the same text is suppressed until its cause is resolved or 6 hours pass (A7 [DOC]).
    fn is_suppressed_when_repeated(&self) -> bool {
        matches!(
            self,
            Self::CannotPlace { .. }
                | Self::CannotStart
                | Self::Throttled
                | Self::Protected { .. }
                | Self::Stuck
        )
    }

    /// Two events of one kind at one instant are told as one.
    fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Registered { count, group_arn },
                Self::Registered {
                    count: more,
                    group_arn: same,
                },
            )
            | (
                Self::Deregistered { count, group_arn },
                Self::Deregistered {
                    count: more,
                    group_arn: same,
                },
            ) if group_arn == same => {
                *count += more;
                true
            }
            (
                Self::Draining { count, digits },
                Self::Draining {
                    count: more,
                    digits: same,
                },
            ) if digits == same => {
                *count += more;
                true
            }
            _ => false,
        }
    }
}

/// `(task T1) (task T2)`.
fn named(tasks: &[String]) -> String {
    let names: Vec<String> = tasks.iter().map(|task| format!("(task {task})")).collect();
    names.join(" ")
}

impl Events {
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &ServiceEvent> {
        self.newest_first.iter()
    }

    /// The causes of suppressed events are gone.
    pub(crate) fn resolve(&mut self) {
        self.shown.clear();
    }

    /// `false`: it was suppressed, or told together with an earlier one.
    fn add(&mut self, event: ServiceEvent) -> bool {
        let same_instant = self
            .newest_first
            .iter_mut()
            .take(4)
            .filter(|earlier| earlier.at_ms == event.at_ms);
        for earlier in same_instant {
            if earlier.what.absorb(&event.what) {
                return false;
            }
        }
        if event.what.is_suppressed_when_repeated() {
            let text = event.what.text("");
            if self
                .shown
                .get(&text)
                .is_some_and(|shown_ms| event.at_ms < shown_ms + EVENT_WINDOW_MS)
            {
                return false;
            }
            self.shown.insert(text, event.at_ms);
        }
        let place = self
            .newest_first
            .iter()
            .position(|earlier| earlier.at_ms <= event.at_ms);
        self.newest_first
            .insert(place.unwrap_or(self.newest_first.len()), event);
        self.newest_first.truncate(100);
        true
    }
}

impl World {
    /// Adds a service event at this instant.
    pub(crate) fn announce(&mut self, key: &ServiceKey, what: Happening) {
        self.announce_later(key, 0, what);
    }

    /// Adds a service event some milliseconds from now (A8: `rolling back` comes 1 ms after `deployment failed` [OBS]).
    pub(crate) fn announce_later(&mut self, key: &ServiceKey, later_ms: Millis, what: Happening) {
        let event = ServiceEvent {
            id: self.draw_uuid(),
            at_ms: self.now_ms + later_ms,
            what,
        };
        let what = event.what.clone();
        let shown = self
            .ecs
            .service_mut(key)
            .is_some_and(|service| service.events.add(event));
        if shown {
            self.tell_happening(key, &what);
        }
    }
}
