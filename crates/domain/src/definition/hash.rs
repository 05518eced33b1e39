//! Text and hashes of documents that do not depend on the order in which members are kept.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A document as text with its members in order of their names, whatever order serde_json keeps them in: its
/// `preserve_order` feature is switched on for everybody by any crate of a build.
pub(crate) fn ordered_text(document: &Value) -> String {
    match document {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let parts = sorted.into_iter().map(|(name, member)| {
                format!("{}:{}", Value::from(name.as_str()), ordered_text(member))
            });
            format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(ordered_text).collect();
            format!("[{}]", parts.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => document.to_string(),
    }
}

/// SHA-256 of some bytes, hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    out
}
