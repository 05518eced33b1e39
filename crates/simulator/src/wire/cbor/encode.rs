//! Writing: every tree has its bytes. Lengths are definite, numbers with a fraction are doubles.

use serde_json::{Number, Value};

use crate::wire::mark::{Marked, marked};

/// The bytes of an answer.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    item(&mut bytes, value);
    bytes
}

fn item(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(false) => bytes.push(0xf4),
        Value::Bool(true) => bytes.push(0xf5),
        Value::Number(number) => self::number(bytes, number),
        Value::String(text) => string(bytes, text),
        Value::Array(items) => {
            head(bytes, 4, items.len() as u64);
            items.iter().for_each(|value| item(bytes, value));
        }
        Value::Object(members) => match marked(value) {
            // Tag 1 is a time since the epoch; AWS's SDK for Rust reads it from a double only.
            Some(Marked::Instant(at_ms)) => {
                head(bytes, 6, 1);
                double(bytes, at_ms as f64 / 1000.0);
            }
            Some(Marked::Map(map)) => item(bytes, map),
            None => {
                // A member that is null is a member that is not there.
                let there = || members.iter().filter(|(_, value)| !value.is_null());
                head(bytes, 5, there().count() as u64);
                for (key, value) in there() {
                    string(bytes, key);
                    item(bytes, value);
                }
            }
        },
    }
}

fn number(bytes: &mut Vec<u8>, number: &Number) {
    match (number.as_u64(), number.as_i64()) {
        (Some(positive), _) => head(bytes, 0, positive),
        // -1 - number, without the overflow.
        (None, Some(negative)) => head(bytes, 1, !negative as u64),
        (None, None) => double(bytes, number.as_f64().unwrap_or_default()),
    }
}

fn double(bytes: &mut Vec<u8>, double: f64) {
    bytes.push(0xfb);
    bytes.extend(double.to_be_bytes());
}

fn string(bytes: &mut Vec<u8>, text: &str) {
    head(bytes, 3, text.len() as u64);
    bytes.extend(text.as_bytes());
}

/// Major type and argument, in as few bytes as it takes.
fn head(bytes: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    if argument < 24 {
        bytes.push(major | argument as u8);
    } else if let Ok(short) = u8::try_from(argument) {
        bytes.extend([major | 24, short]);
    } else if let Ok(short) = u16::try_from(argument) {
        bytes.push(major | 25);
        bytes.extend(short.to_be_bytes());
    } else if let Ok(long) = u32::try_from(argument) {
        bytes.push(major | 26);
        bytes.extend(long.to_be_bytes());
    } else {
        bytes.push(major | 27);
        bytes.extend(argument.to_be_bytes());
    }
}
