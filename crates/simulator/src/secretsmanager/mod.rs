//! Secrets Manager: secrets and their versions.

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::{SecretsManager, recovery_window_ends};
