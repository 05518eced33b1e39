//! The front door: whose call it is, what becomes of it before it reaches its service, and how the reply is written. Knows all
//! services, and no rule of theirs.

mod call;
mod call_fate;
mod caller_trouble;
#[cfg(test)]
mod form_door;
mod handle;
mod late;
#[cfg(test)]
mod model_laws;
mod modelled;
#[cfg(test)]
mod newer_doors;
mod passage;
mod query_error;
mod refusal;
mod reply;
mod served;
mod service;
mod sqs_query;
mod stale;
mod struck;
pub(crate) mod throttle;
#[cfg(test)]
mod told;

pub(crate) use call::Call;
pub(crate) use call_fate::ActiveCallFault;
pub(crate) use caller_trouble::ActiveCallerFault;
#[cfg(test)]
pub(crate) use form_door::{ask_as_form, ask_form};
pub(crate) use handle::{NoReply, ReplyDelay, Unserved, answer, handle};
pub(crate) use late::{OnTheWay, arrive, reply_to};
pub(crate) use modelled::ask;
pub(crate) use passage::{Passage, Reply, passage};
pub(crate) use reply::unknown;
pub use served::{is_read, is_served};
pub(crate) use service::{Protocol, Service};
pub(crate) use stale::EcsHistory;
pub(crate) use struck::{Blow, strike};
