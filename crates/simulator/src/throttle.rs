//! Token buckets per API category (ecs-semantics F2). S2 fills this.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Throttle {}
