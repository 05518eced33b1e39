//! What a cluster has besides its name, and the capacity providers that Fargate offers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of a cluster that is ACTIVE, or was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ClusterDetails {
    /// `settings[]` by name.
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) configuration: Option<Value>,
    pub(crate) service_connect: Option<Value>,
    pub(crate) capacity_providers: Vec<CapacityProvider>,
    pub(crate) default_strategy: Vec<StrategyItem>,
}

impl ClusterDetails {
    /// As the console makes it: both Fargate capacity providers, no default strategy.
    pub(crate) fn from_console() -> Self {
        Self {
            capacity_providers: vec![CapacityProvider::Fargate, CapacityProvider::FargateSpot],
            ..Self::default()
        }
    }
}

/// The capacity providers that every account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum CapacityProvider {
    Fargate,
    FargateSpot,
}

impl CapacityProvider {
    pub(crate) const ALL: [Self; 2] = [Self::Fargate, Self::FargateSpot];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::FargateSpot => "FARGATE_SPOT",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.text() == name)
    }
}

/// Where the tasks of a service run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LaunchType {
    #[default]
    Fargate,
    /// On instances, of which there are none: nothing is ever placed.
    Ec2,
}

impl LaunchType {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::Ec2 => "EC2",
        }
    }
}

/// One item of a `capacityProviderStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StrategyItem {
    pub(crate) provider: CapacityProvider,
    pub(crate) weight: u32,
    pub(crate) base: u32,
}

/// Where the next task goes when so many are on each provider: first the base, then by weight [MODEL].
pub(crate) fn next_provider(
    strategy: &[StrategyItem],
    placed: impl Fn(CapacityProvider) -> usize,
) -> Option<CapacityProvider> {
    let count = |item: &StrategyItem| u64::try_from(placed(item.provider)).unwrap_or(u64::MAX);
    let lacking = |item: &&StrategyItem| count(item) < u64::from(item.base);
    if let Some(item) = strategy.iter().find(lacking) {
        return Some(item.provider);
    }
    let weighted = strategy.iter().filter(|item| item.weight > 0);
    // The one that is furthest behind: (placed above base + 1) / weight is least.
    let behind = |item: &&StrategyItem| {
        let above = count(item).saturating_sub(u64::from(item.base)) + 1;
        above.saturating_mul(1_000_000) / u64::from(item.weight)
    };
    weighted.min_by_key(behind).map(|item| item.provider)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{CapacityProvider, StrategyItem, next_provider};

    #[test]
    fn tasks_are_spread_by_base_and_weight() {
        let item = |provider, weight, base| StrategyItem {
            provider,
            weight,
            base,
        };
        let (fargate, spot) = (CapacityProvider::Fargate, CapacityProvider::FargateSpot);
        for (strategy, tasks, expected) in [
            (vec![item(fargate, 1, 0)], 5, (5, 0)),
            (vec![item(fargate, 1, 2), item(spot, 3, 0)], 10, (4, 6)),
            (vec![item(fargate, 0, 1), item(spot, 1, 0)], 4, (1, 3)),
            (vec![item(fargate, 1, 0), item(spot, 1, 0)], 6, (3, 3)),
        ] {
            let mut placed: BTreeMap<CapacityProvider, usize> = BTreeMap::new();
            for _ in 0..tasks {
                let of = |provider| placed.get(&provider).copied().unwrap_or(0);
                let next = next_provider(&strategy, of).expect("a provider");
                *placed.entry(next).or_default() += 1;
            }
            let of = |provider| placed.get(&provider).copied().unwrap_or(0);
            assert_eq!((of(fargate), of(spot)), expected, "{strategy:?}");
        }
    }
}
