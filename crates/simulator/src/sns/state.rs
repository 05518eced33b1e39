//! What the account has of it.

use serde::{Deserialize, Serialize};

/// SNS: topics, subscriptions and what was published.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sns {}
