//! Systems Manager: parameters and their versions.

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::Ssm;
