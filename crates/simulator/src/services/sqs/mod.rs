//! SQS, a small one: queues, what is sent to them and received, in virtual time.

mod api;
mod attributes;
mod batches;
mod digest;
mod find;
mod queues;
mod receive;
mod send;
mod state;
mod tags;
mod visibility;

#[cfg(test)]
mod tests;

pub(crate) use api::call;
pub(crate) use receive::waits_ms;
pub(crate) use send::{FromInside, send_from_inside};
pub(crate) use state::Sqs;
