//! Wire protocols: who is called, in which protocol, and what an answer looks like. No transport, no clock, no rules of AWS.

mod call;
mod cbor;
mod fault_call;
mod fault_caller;
mod form;
mod handle;
mod json;
mod late;
mod mark;
mod passage;
mod query_error;
mod refusal;
mod reply;
mod scalar;
mod scope;
mod served;
mod service;
mod stale;
mod struck;
mod tags;
mod xml;

/// A body of the CBOR protocol, for requests that tests make up.
#[cfg(test)]
pub(crate) fn cbor_of(value: &serde_json::Value) -> Vec<u8> {
    cbor::encode(value)
}

pub(crate) use call::{Call, host};
pub(crate) use fault_call::ActiveCallFault;
pub(crate) use fault_caller::ActiveCallerFault;
pub(crate) use form::Form;
pub(crate) use handle::{NoReply, ReplyDelay, answer, handle};
pub(crate) use json::{input, page, seconds, with_token};
pub(crate) use late::{OnTheWay, arrive, reply_to};
pub(crate) use mark::{instant, map};
pub(crate) use passage::{Passage, Reply, passage};
pub(crate) use refusal::not_implemented;
pub(crate) use reply::{http_date, rest_xml, unknown};
pub(crate) use scalar::{Flag, Moment, Real, Whole};
pub(crate) use scope::Scope;
pub use served::is_served;
pub(crate) use service::{Protocol, Service};
pub(crate) use stale::EcsHistory;
pub(crate) use struck::{Blow, strike};
pub(crate) use tags::{TagEntry, Tags, put_tags, tag_list, tags_of};
pub(crate) use xml::{Xml, iso8601};
