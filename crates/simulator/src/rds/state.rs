//! What the account has of it.

use serde::{Deserialize, Serialize};

/// RDS: instances and snapshots in time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rds {}
