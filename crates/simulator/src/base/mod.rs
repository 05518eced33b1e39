//! What every simulated service stands on: virtual time, what is due, chance, the weather, errors. Knows no service.

pub(crate) mod agenda;
pub(crate) mod arn;
pub(crate) mod base64_text;
pub(crate) mod error;
pub(crate) mod heard;
pub(crate) mod here;
pub(crate) mod random;
pub(crate) mod ruler;
pub(crate) mod schedule;
pub(crate) mod secret_text;
pub(crate) mod time;
pub(crate) mod timings;
pub(crate) mod versioned;
pub(crate) mod visit;
pub(crate) mod weather;
pub(crate) mod wildcard;

pub(crate) use error::{not_implemented, unread, unserved_member};
