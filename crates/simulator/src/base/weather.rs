//! The numbers AWS does not promise: each is a knob with a default from `ecs-semantics.md` section L.

use serde::{Deserialize, Serialize};

/// How the simulated cloud feels. Everything drawn comes from the world's seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weather {
    /// Fixed values at the quick end of every observed range: stories read the same for every seed.
    #[default]
    Calm,
    /// Drawn from the observed ranges of section L.
    Typical,
    /// The slow end of every range, with eventual consistency and latency.
    Rough,
}
