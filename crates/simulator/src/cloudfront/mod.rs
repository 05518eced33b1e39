//! CloudFront: distributions, invalidations in time, the edge cache. S2 fills this.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CloudFront {}
