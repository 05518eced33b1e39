//! Text and hashes of documents that do not depend on the order in which members are kept.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A document as text with its members in order of their names, whatever order serde_json keeps them in: its
/// `preserve_order` feature is switched on for everybody by any crate of a build.
pub(crate) fn ordered_text(document: &Value) -> String {
    let mut text = String::new();
    write_ordered(document, &mut text);
    text
}

fn write_ordered(document: &Value, text: &mut String) {
    match document {
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (place, (name, member)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_text(name, text);
                text.push(':');
                write_ordered(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_ordered(item, text);
            }
            text.push(']');
        }
        Value::String(string) => write_text(string, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&document.to_string()),
    }
}

/// As JSON writes it.
fn write_text(string: &str, text: &mut String) {
    if string
        .chars()
        .any(|it| it.is_control() || it == '"' || it == '\\')
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
