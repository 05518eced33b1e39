//! Strategies with two rollouts side by side: how long they take as configured, where they wait for somebody, and where requests
//! go between them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How the traffic of a service moves to a new rollout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Task by task.
    #[default]
    Rolling,
    /// Two rollouts run side by side, and the traffic is shifted between them.
    Shifting(Shifting),
}

/// A strategy that shifts traffic, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shifting {
    /// In the cloud's own word.
    pub kind: String,
    /// How long it waits between its steps and after the last one.
    pub bakes: Duration,
    /// Stages at which it waits for somebody.
    pub pauses: Vec<String>,
    /// Where requests go now, for each load balancer.
    pub routes: Vec<Route>,
}

/// Where the requests of one load balancer go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The rule or the listener.
    pub rule: String,
    /// The two target groups that change places.
    pub groups: [String; 2],
    /// The weights by target group; nothing when it does not forward, or is not there.
    pub weights: Option<BTreeMap<String, u32>>,
}

/// Where a rollout stands that shifts traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// The stage, in the cloud's own word.
    pub stage: String,
    /// Percent of the users' requests that its tasks get, rounded down.
    pub percent: u32,
    /// Whether that may change at this stage.
    pub moves: Moves,
    /// It waits for somebody.
    pub hold: Option<Hold>,
}

/// Whether requests move at a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moves {
    /// Not any more: it bakes, or is cleaned up.
    NoMore,
    /// They may, or nobody knows.
    Maybe,
}

/// A rollout waits for somebody to say whether it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What an answer has to name.
    pub id: String,
    /// Until when.
    pub until: Option<Timestamp>,
    /// What becomes of it when nobody answers.
    pub then: Answer,
}

/// What is said to a rollout that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Go on.
    GoOn,
    /// Return to the rollout before.
    TurnBack,
}

impl Strategy {
    /// How long a rollout waits by its configuration alone.
    #[must_use]
    pub fn bakes(&self) -> Duration {
        match self {
            Self::Rolling => Duration::ZERO,
            Self::Shifting(shifting) => shifting.bakes,
        }
    }

    /// What is shifted, where something is.
    #[must_use]
    pub fn shifting(&self) -> Option<&Shifting> {
        match self {
            Self::Rolling => None,
            Self::Shifting(shifting) => Some(shifting),
        }
    }
}

impl Route {
    /// Why the cloud could not shift from here: it shifts without looking where requests go, and takes for granted that all of
    /// them go to one of the two groups.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let Some(weights) = &self.weights else {
            return Some(format!("{} does not forward requests", self.rule));
        };
        let getting: Vec<(&String, &u32)> =
            weights.iter().filter(|(_, weight)| **weight > 0).collect();
        match getting.as_slice() {
            [(only, _)] if self.groups.contains(only) => None,
            [] => Some(format!("{} sends requests to no target group", self.rule)),
            several => {
                let shares: Vec<String> = several
                    .iter()
                    .map(|(group, weight)| format!("{group} ({weight})"))
                    .collect();
                Some(format!(
                    "{} sends requests to {}",
                    self.rule,
                    shares.join(" and ")
                ))
            }
        }
    }
}

impl Shift {
    /// All requests go to its tasks, nothing shifts any more, and nobody is waited for.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.percent == 100 && self.moves == Moves::NoMore && self.hold.is_none()
    }

    /// Whether its tasks have begun to get requests: what is configured to bake, bakes from then on.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.percent > 0
    }
}

impl fmt::Display for Shifting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        match self.bakes.as_secs() {
            0 => Ok(()),
            seconds if seconds.is_multiple_of(60) => write!(f, ", bakes {} min", seconds / 60),
            seconds => write!(f, ", bakes {seconds} s"),
        }
    }
}
