//! SNS: topics, subscriptions and what was published, which is delivered to queues and nowhere else.

mod api;
mod delivered;
mod find;
mod message_attributes;
mod publish;
mod state;
mod subscribe;
mod subscription_attributes;
mod subscriptions;
mod tags;
#[cfg(test)]
mod tests;
mod topics;
mod written;

pub(crate) use api::call;
pub(crate) use publish::publish_from_inside;
pub(crate) use state::Sns;
