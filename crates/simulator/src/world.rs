//! The discrete-event machine: what exists, what time it is, and what happens next. No I/O, no clock, no outside randomness.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cloudfront::CloudFront;
use crate::ecr::Ecr;
use crate::ecs::Ecs;
use crate::elb::Elb;
use crate::faults::Faults;
use crate::logs::Logs;
use crate::random::Random;
use crate::s3::S3;
use crate::throttle::Throttle;
use crate::{Millis, Weather};

/// One simulated account and Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    pub(crate) now_ms: Millis,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) weather: Weather,
    pub(crate) random: Random,
    pub(crate) ecs: Ecs,
    pub(crate) elb: Elb,
    pub(crate) ecr: Ecr,
    pub(crate) logs: Logs,
    pub(crate) s3: S3,
    pub(crate) cloudfront: CloudFront,
    pub(crate) faults: Faults,
    pub(crate) throttle: Throttle,
    /// Calls since the start (or the last `take_calls`), by `service.Operation`.
    pub(crate) calls: BTreeMap<String, u64>,
}

impl World {
    /// An empty account at virtual time `now_ms`.
    #[must_use]
    pub fn new(account: &str, region: &str, seed: u64, weather: Weather, now_ms: Millis) -> Self {
        Self {
            now_ms,
            account: account.to_owned(),
            region: region.to_owned(),
            weather,
            random: Random::seeded(seed),
            ecs: Ecs::default(),
            elb: Elb::default(),
            ecr: Ecr::default(),
            logs: Logs::default(),
            s3: S3::default(),
            cloudfront: CloudFront::default(),
            faults: Faults::default(),
            throttle: Throttle::default(),
            calls: BTreeMap::new(),
        }
    }

    /// Virtual now, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        self.now_ms
    }

    /// Calls served so far, by `service.Operation`.
    #[must_use]
    pub fn calls(&self) -> &BTreeMap<String, u64> {
        &self.calls
    }
}
