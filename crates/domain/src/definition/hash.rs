//! Text and hashes of documents that do not depend on the order in which members are kept.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// A document as text with its members in order of their names, whatever order serde_json keeps them in: its
/// `preserve_order` feature is switched on for everybody by any crate of a build.
pub(crate) fn ordered_text(document: &Value) -> String {
    let mut text = String::new();
    write_ordered(document, &mut text);
    text
}

pub(super) fn write_ordered(document: &Value, text: &mut String) {
    match document {
        Value::Object(members) => write_members(members, text, |_, member, text| {
            write_ordered(member, text);
        }),
        Value::Array(items) => write_items(items, text, write_ordered),
        Value::String(string) => write_text(string, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => write_scalar(document, text),
    }
}

/// Members in order of their names, each written by `member`.
pub(super) fn write_members(
    members: &Map<String, Value>,
    text: &mut String,
    member: impl Fn(&str, &Value, &mut String),
) {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (place, (name, value)) in sorted.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        write_text(name, text);
        text.push(':');
        member(name, value, text);
    }
    text.push('}');
}

/// Items in their order, each written by `item`.
pub(super) fn write_items(items: &[Value], text: &mut String, item: impl Fn(&Value, &mut String)) {
    text.push('[');
    for (place, value) in items.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        item(value, text);
    }
    text.push(']');
}

/// Null, a truth or a number, as JSON writes it.
fn write_scalar(scalar: &Value, text: &mut String) {
    match scalar {
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Null => text.push_str("null"),
        other => text.push_str(&other.to_string()),
    }
}

/// As JSON writes it: nothing else has to be escaped.
fn write_text(string: &str, text: &mut String) {
    if string
        .bytes()
        .any(|it| it < b' ' || it == b'"' || it == b'\\')
    {
        text.push_str(&Value::from(string).to_string());
    } else {
        text.push('"');
        text.push_str(string);
        text.push('"');
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
