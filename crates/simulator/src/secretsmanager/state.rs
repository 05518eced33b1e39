//! What the account has of it.

use serde::{Deserialize, Serialize};

/// Secrets Manager: secrets and their versions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SecretsManager {}

pub(crate) fn recovery_window_ends(_world: &mut crate::World, _arn: &str) {}
