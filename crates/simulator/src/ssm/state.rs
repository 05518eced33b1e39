//! What the account has of it.

use serde::{Deserialize, Serialize};

/// Systems Manager: parameters and their versions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ssm {}
