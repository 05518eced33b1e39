//! SNS: topics, subscriptions and what was published. Nothing is delivered anywhere.

mod api;
mod find;
mod publish;
mod state;
mod subscribe;
mod subscriptions;
mod tags;
#[cfg(test)]
mod tests;
mod topics;

pub(crate) use api::call;
pub(crate) use publish::publish_from_inside;
pub(crate) use state::Sns;
