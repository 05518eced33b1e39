//! What a service is configured to do with its traffic: `strategy`, its percentages and its lifecycle hooks, as data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Millis, PauseAction};

/// `strategy` of a deploymentConfiguration, with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Strategy {
    pub(crate) kind: Kind,
    /// In the order they were given.
    pub(crate) hooks: Vec<Hook>,
}

/// `strategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[default]
    Rolling,
    BlueGreen,
    /// `linearConfiguration`.
    Linear(Shift),
    /// `canaryConfiguration`.
    Canary(Shift),
}

impl Kind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Rolling => "ROLLING",
            Self::BlueGreen => "BLUE_GREEN",
            Self::Linear(_) => "LINEAR",
            Self::Canary(_) => "CANARY",
        }
    }

    pub(crate) fn is_native(self) -> bool {
        self != Self::Rolling
    }

    /// How the production traffic moves, step by step. After the last step the deployment's own bake time begins, so that one
    /// has no bake of its own (B8 [MODEL]).
    pub(crate) fn steps(self) -> Vec<Shift> {
        let all = Shift {
            percent: Percent::ALL,
            bake_minutes: 0,
        };
        let before: Vec<Shift> = match self {
            Self::Rolling | Self::BlueGreen => Vec::new(),
            Self::Canary(canary) => vec![canary],
            Self::Linear(step) => (1..)
                .map(|times| Shift {
                    percent: Percent(step.percent.0.max(1).saturating_mul(times)),
                    ..step
                })
                .take_while(|step| step.percent < Percent::ALL)
                .collect(),
        };
        let below = before
            .into_iter()
            .filter(|step| step.percent < Percent::ALL);
        below.chain([all]).collect()
    }
}

/// So much traffic, and how long it stays at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shift {
    pub(crate) percent: Percent,
    pub(crate) bake_minutes: u32,
}

impl Shift {
    /// 5.0 % for 10 min (B8 [MODEL]).
    pub(crate) const CANARY: Self = Self {
        percent: Percent(50),
        bake_minutes: 10,
    };
    /// 10.0 % every 6 min (B8 [MODEL]).
    pub(crate) const LINEAR: Self = Self {
        percent: Percent(100),
        bake_minutes: 6,
    };

    pub(crate) fn bake_ms(self) -> Millis {
        Millis::from(self.bake_minutes) * 60_000
    }
}

/// A percentage in multiples of 0.1, which is as fine as they may be (B8 [MODEL]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Percent(pub(crate) u32);

impl Percent {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(1_000);

    /// As on the wire.
    pub(crate) fn number(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    pub(crate) fn rest(self) -> Self {
        Self(Self::ALL.0.saturating_sub(self.0))
    }
}

/// One entry of `lifecycleHooks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hook {
    pub(crate) target: HookTarget,
    pub(crate) stages: Vec<LifecycleStage>,
    pub(crate) timeout_minutes: Option<u32>,
    pub(crate) timeout_action: Option<PauseAction>,
}

impl Hook {
    /// 24 h unless it says otherwise (B8 [MODEL]).
    pub(crate) fn timeout_ms(&self) -> Millis {
        Millis::from(self.timeout_minutes.unwrap_or(1_440)) * 60_000
    }
}

/// `targetType`, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum HookTarget {
    /// AWS_LAMBDA. What the function would answer is scripted by a fault.
    Lambda {
        arn: String,
        role: Option<String>,
        details: Option<Value>,
    },
    /// PAUSE: waits for ContinueServiceDeployment.
    Pause,
}

impl HookTarget {
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::Lambda { .. } => "AWS_LAMBDA",
            Self::Pause => "PAUSE",
        }
    }
}

/// The stages of a native deployment, in their order (B8 \[DOC\]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LifecycleStage {
    /// More than one service revision was ACTIVE at the start: back to one.
    ReconcileService,
    /// Green has not started.
    PreScaleUp,
    /// Green comes to 100 % of its tasks.
    ScaleUp,
    /// Green runs and has no traffic.
    PostScaleUp,
    /// The test traffic goes to green.
    TestTrafficShift,
    /// Green has all test traffic.
    PostTestTrafficShift,
    /// Before each step of production traffic. In the documentation and the hooks' enum, not in this one's (B8 \[MODEL\]).
    PreProductionTrafficShift,
    /// One step of production traffic goes to green.
    ProductionTrafficShift,
    /// Green has all production traffic.
    PostProductionTrafficShift,
    /// Both run.
    BakeTime,
    /// Blue goes.
    CleanUp,
}

impl LifecycleStage {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 11] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::PreProductionTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    /// No hooks at SCALE_UP, BAKE_TIME and CLEAN_UP (B8 [MODEL]).
    pub(crate) fn takes_hooks(self) -> bool {
        !matches!(self, Self::ScaleUp | Self::BakeTime | Self::CleanUp)
    }

    /// All that take hooks, but those that shift traffic: "only valid for AWS_LAMBDA hooks" ([MODEL] lifecycleStages; [DOC] pause hooks).
    pub(crate) fn takes_pauses(self) -> bool {
        matches!(
            self,
            Self::ReconcileService
                | Self::PreScaleUp
                | Self::PostScaleUp
                | Self::PostTestTrafficShift
                | Self::PreProductionTrafficShift
                | Self::PostProductionTrafficShift
        )
    }

    /// The one after it; production traffic may go back to `PreProductionTrafficShift` for another step.
    pub(crate) fn next(self) -> Option<Self> {
        let place = Self::ALL.iter().position(|stage| *stage == self)?;
        Self::ALL.get(place + 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Percent, Shift};

    #[test]
    fn steps_of_production_traffic() {
        let shift = |tenths, bake_minutes| Shift {
            percent: Percent(tenths),
            bake_minutes,
        };
        for (kind, expected) in [
            (Kind::BlueGreen, vec![(1_000, 0)]),
            (Kind::Canary(Shift::CANARY), vec![(50, 10), (1_000, 0)]),
            (Kind::Canary(shift(1, 0)), vec![(1, 0), (1_000, 0)]),
            (Kind::Canary(shift(1_000, 10)), vec![(1_000, 0)]),
            (
                Kind::Linear(shift(300, 2)),
                vec![(300, 2), (600, 2), (900, 2), (1_000, 0)],
            ),
            (Kind::Linear(shift(500, 1)), vec![(500, 1), (1_000, 0)]),
            (Kind::Linear(shift(1_000, 6)), vec![(1_000, 0)]),
        ] {
            let found: Vec<(u32, u32)> = kind
                .steps()
                .iter()
                .map(|step| (step.percent.0, step.bake_minutes))
                .collect();
            assert_eq!(found, expected, "{kind:?}");
        }
        assert_eq!(Kind::Linear(Shift::LINEAR).steps().len(), 10);
        assert_eq!(Kind::Linear(shift(30, 6)).steps().len(), 34);
    }
}
