//! CloudWatch Logs: groups, streams, events. S2 fills this.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Logs {}
