//! Deployment configurations: how much of the traffic moves at which pace. The predefined ones of ECS, and those a user made.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Millis;

const MINUTE_MS: Millis = 60_000;

/// A configuration that a user made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) id: String,
    pub(crate) created_ms: Millis,
    pub(crate) routing: Routing,
}

/// `trafficRoutingConfig` [MODEL].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Routing {
    AllAtOnce,
    /// First so many percent, the rest after the interval.
    Canary {
        percent: u32,
        minutes: u32,
    },
    /// So many percent more after each interval.
    Linear {
        percent: u32,
        minutes: u32,
    },
}

impl Routing {
    /// What the replacement has after the next increment.
    pub(crate) fn next_percent(self, now_percent: u32) -> u32 {
        match self {
            Self::Canary { percent, .. } if now_percent == 0 => percent.min(100),
            Self::AllAtOnce | Self::Canary { .. } => 100,
            Self::Linear { percent, .. } => now_percent.saturating_add(percent.max(1)).min(100),
        }
    }

    /// Between two increments.
    pub(crate) fn interval_ms(self) -> Millis {
        match self {
            Self::AllAtOnce => 0,
            Self::Canary { minutes, .. } | Self::Linear { minutes, .. } => {
                Millis::from(minutes) * MINUTE_MS
            }
        }
    }

    pub(crate) fn json(self) -> Value {
        match self {
            Self::AllAtOnce => json!({ "type": "AllAtOnce" }),
            Self::Canary { percent, minutes } => json!({
                "type": "TimeBasedCanary",
                "timeBasedCanary": { "canaryPercentage": percent, "canaryInterval": minutes },
            }),
            Self::Linear { percent, minutes } => json!({
                "type": "TimeBasedLinear",
                "timeBasedLinear": { "linearPercentage": percent, "linearInterval": minutes },
            }),
        }
    }
}

/// What a group of platform ECS uses unless it says otherwise, and what every rollback uses [OBS].
pub(crate) const ALL_AT_ONCE: &str = "CodeDeployDefault.ECSAllAtOnce";

/// The five of ECS, as a real account lists them [OBS].
pub(crate) const PREDEFINED: [(&str, Routing); 5] = [
    (ALL_AT_ONCE, Routing::AllAtOnce),
    (
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 15,
        },
    ),
    (
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 5,
        },
    ),
    (
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 1,
        },
    ),
    (
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 3,
        },
    ),
];

impl super::CodeDeploy {
    /// A predefined configuration of ECS, or one of the account.
    pub(crate) fn routing(&self, name: &str) -> Option<Routing> {
        let predefined = PREDEFINED.iter().find(|(known, _)| *known == name);
        let own = || self.configs.get(name).map(|config| config.routing);
        predefined.map(|(_, routing)| *routing).or_else(own)
    }
}

#[cfg(test)]
mod tests {
    use super::{PREDEFINED, Routing};

    /// Every increment of a shift from nothing to everything.
    fn increments(routing: Routing) -> Vec<u32> {
        let mut percent = 0;
        let mut all = Vec::new();
        while percent < 100 {
            percent = routing.next_percent(percent);
            all.push(percent);
        }
        all
    }

    #[test]
    fn shifts_reach_everything() {
        for (routing, expected) in [
            (Routing::AllAtOnce, vec![100]),
            (
                Routing::Canary {
                    percent: 10,
                    minutes: 5,
                },
                vec![10, 100],
            ),
            (
                Routing::Linear {
                    percent: 10,
                    minutes: 1,
                },
                vec![10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
            ),
            (
                Routing::Linear {
                    percent: 33,
                    minutes: 1,
                },
                vec![33, 66, 99, 100],
            ),
        ] {
            assert_eq!(increments(routing), expected, "{routing:?}");
        }
        assert_eq!(
            PREDEFINED.map(|(_, routing)| routing.interval_ms() / 60_000),
            [0, 15, 5, 1, 3]
        );
    }
}
