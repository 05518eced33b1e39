//! How fast Fargate launches tasks: a bucket per account and Region, on-demand and Spot each (F2 [DOC]).

use serde::{Deserialize, Serialize};

use super::cluster::CapacityProvider;
use crate::Millis;

/// At once.
const BURST: u64 = 100;
/// And then per second.
const PER_SECOND: u64 = 20;

/// The launches that are left.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct LaunchRates {
    on_demand: Bucket,
    spot: Bucket,
}

/// What was taken, so that a default bucket is a full one.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Bucket {
    /// Thousandths of a launch.
    taken: u64,
    at_ms: Millis,
}

impl LaunchRates {
    /// Takes one launch; `false`: there is none left now.
    pub(crate) fn take(&mut self, provider: Option<CapacityProvider>, now_ms: Millis) -> bool {
        let bucket = match provider {
            Some(CapacityProvider::FargateSpot) => &mut self.spot,
            Some(CapacityProvider::Fargate) | None => &mut self.on_demand,
        };
        let gained = now_ms
            .saturating_sub(bucket.at_ms)
            .saturating_mul(PER_SECOND);
        bucket.taken = bucket.taken.saturating_sub(gained);
        bucket.at_ms = now_ms;
        if bucket.taken + 1_000 > BURST * 1_000 {
            return false;
        }
        bucket.taken += 1_000;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::LaunchRates;
    use crate::services::ecs::cluster::CapacityProvider;

    #[test]
    fn a_hundred_at_once_then_twenty_a_second_each() {
        let mut rates = LaunchRates::default();
        let mut launched =
            |provider, at_ms| (0..200).filter(|_| rates.take(provider, at_ms)).count();
        let spot = Some(CapacityProvider::FargateSpot);
        let start_ms = 1_800_000_000_000;
        assert_eq!(launched(None, start_ms), 100);
        assert_eq!(launched(Some(CapacityProvider::Fargate), start_ms), 0);
        assert_eq!(launched(spot, start_ms), 100);
        assert_eq!(launched(None, start_ms + 1_000), 20);
        assert_eq!(launched(None, start_ms + 3_600_000), 100);
    }
}
