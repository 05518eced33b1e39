//! How a request's body and a reply are written: form, JSON, CBOR, XML and their scalars. Knows no service.

pub(crate) mod cbor;
mod date;
mod form;
mod host;
pub(crate) mod json;
pub(crate) mod mark;
mod markup;
mod rest;
mod scalar;
mod scope;
mod shaped;
mod tags;
mod unshaped;
mod xml;

/// A body of the CBOR protocol, for requests that tests make up.
#[cfg(test)]
pub(crate) fn cbor_of(value: &serde_json::Value) -> Vec<u8> {
    cbor::encode(value)
}

pub(crate) use date::http_date;
pub(crate) use form::Form;
pub(crate) use host::host;
pub(crate) use json::{Seconds, input, page, seconds, with_token};
pub(crate) use mark::{instant, map};
pub(crate) use markup::Element;
pub(crate) use rest::{Malformed, RestAnswer, RestBody, RestRequest, reply_of, route};
pub(crate) use scalar::{Flag, Moment, Real, Whole};
pub(crate) use scope::Scope;
pub(crate) use shaped::shaped;
pub(crate) use tags::{TagEntry, Tags, put_tags, tag_list, tags_of};
pub(crate) use unshaped::{Manner, unshaped};
pub(crate) use xml::{Xml, iso8601};
