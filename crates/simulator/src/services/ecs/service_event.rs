//! Service events: their texts, newest first, at most 100, duplicates suppressed (A7, A8 [DOC, OBS]).

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

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

/// What happened, in the words of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    service: &'a str,
    what: &'a Happening,
}

/// The parenthesis is around `service NAME` (A8 [OBS]).
impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service;
        match self.what {
            Happening::Draining { digits, .. } => {
                write!(f, "(service {service}, taskSet ecs-svc/{digits}) ")?;
            }
            _ => write!(f, "(service {service}) ")?,
        }
        self.what.predicate(f)
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Happening {
    pub(crate) fn told<'a>(&'a self, service: &'a str) -> Told<'a> {
        Told {
            service,
            what: self,
        }
    }

    fn predicate(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { tasks, replaced } => {
                write!(f, "has started {} tasks: {}.", tasks.len(), Named(tasks))?;
                match replaced {
                    0 => Ok(()),
                    _ => write!(f, " Amazon ECS replaced {replaced} tasks due to an unhealthy status."),
                }
            }
            Self::Stopped { tasks } => {
                write!(f, "has stopped {} running tasks: {}.", tasks.len(), Named(tasks))
            }
            Self::StoppedPending { count } => write!(f, "stopped {count} pending tasks."),
            Self::Registered { count, group_arn } => {
                write!(f, "registered {count} targets in (target-group {group_arn})")
            }
            Self::Deregistered { count, group_arn } => {
                write!(f, "deregistered {count} targets in (target-group {group_arn})")
            }
            Self::Draining { count, .. } => {
                write!(f, "has begun draining connections on {count} tasks.")
            }
            Self::TargetUnhealthy { task, port, group_arn, reason } => write!(
                f,
                "(task {task}) (port {port}) is unhealthy in (target-group {group_arn}) due to (reason {reason})."
            ),
            Self::ContainerUnhealthy { task } => {
                write!(f, "(task {task}) failed container health checks.")
            }
            // The two limits end without a full stop (A8 [DOC]).
            Self::CannotPlace { reason } if reason.starts_with("You") => {
                write!(f, "was unable to place a task. Reason: {reason}")
            }
            // Of instances, not of Fargate (A8 [DOC]).
            Self::CannotPlace { reason } if reason == NO_INSTANCE => {
                write!(f, "was unable to place a task because {reason}.")
            }
            Self::CannotPlace { reason } => {
                write!(f, "was unable to place a task. Reason: {}.", reason.trim_end_matches('.'))
            }
            Self::Throttled => f.write_str("operations are being throttled. Will try again later."),
            Self::CannotStart => f.write_str("is unable to consistently start tasks successfully."),
            Self::Protected { count, digits } => write!(
                f,
                "was unable to reach steady state because (taskSet ecs-svc/{digits}) was unable to scale in due to (reason \
                 {count} tasks under protection)"
            ),
            Self::Stuck => f.write_str(
                "was unable to stop or start tasks during a deployment because of the service deployment configuration. \
                 Update the minimumHealthyPercent or maximumPercent value and try again.",
            ),
            Self::DeploymentFailed { digits, cause } => {
                write!(f, "(deployment ecs-svc/{digits}) deployment failed: {cause}")
            }
            Self::RollingBack { digits } => write!(f, "rolling back to deployment ecs-svc/{digits}."),
            Self::Completed { digits } => {
                write!(f, "(deployment ecs-svc/{digits}) deployment completed.")
            }
            Self::Steady => f.write_str("has reached a steady state."),
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
struct Named<'a>(&'a [String]);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, task) in self.0.iter().enumerate() {
            let blank = if place == 0 { "" } else { " " };
            write!(f, "{blank}(task {task})")?;
        }
        Ok(())
    }
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
            let text = event.what.told("").to_string();
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
