//! SNS: topics, subscriptions and what was published.

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::Sns;
