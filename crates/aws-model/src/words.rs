//! How AWS says what a value does not satisfy.

use serde_json::Value;

use crate::model::{Between, Kind, Secrecy, Shape, Text};

/// Everything that is asked of a value of a shape, as AWS lists it for the items of a list.
pub(crate) fn constraints(shape: &Shape) -> Vec<String> {
    match &shape.kind {
        Kind::Text(text) => {
            let mut all = lengths(text.length);
            all.extend(text.pattern().map(pattern));
            if !text.values.is_empty() {
                all.push(values(text));
            }
            all
        }
        Kind::Whole(_, between) => ranges(*between),
        Kind::Real(between) => ranges(*between),
        _ => Vec::new(),
    }
}

/// Both ends of a length.
fn lengths(between: Between<i64>) -> Vec<String> {
    let most = between.most.map(length_at_most);
    let least = between.least.map(length_at_least);
    most.into_iter().chain(least).collect()
}

fn ranges<T: std::fmt::Display>(between: Between<T>) -> Vec<String> {
    let most = between.most.map(value_at_most);
    let least = between.least.map(value_at_least);
    most.into_iter().chain(least).collect()
}

pub(crate) const NOT_NULL: &str = "Member must not be null";

pub(crate) fn length_at_most(most: i64) -> String {
    format!("Member must have length less than or equal to {most}")
}

pub(crate) fn length_at_least(least: i64) -> String {
    format!("Member must have length greater than or equal to {least}")
}

pub(crate) fn value_at_most(most: impl std::fmt::Display) -> String {
    format!("Member must have value less than or equal to {most}")
}

pub(crate) fn value_at_least(least: impl std::fmt::Display) -> String {
    format!("Member must have value greater than or equal to {least}")
}

pub(crate) fn pattern(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

pub(crate) fn values(text: &Text) -> String {
    format!(
        "Member must satisfy enum value set: [{}]",
        text.values.join(", ")
    )
}

/// A value as AWS shows it: ` 'text'`, ` '[a, b]'`, ` null`; nothing for what is secret, or is made of structures.
pub(crate) fn shown(shape: &Shape, value: &Value) -> String {
    if shape.secrecy == Secrecy::Sensitive {
        return String::new();
    }
    match plain(value) {
        Some(text) => format!(" '{text}'"),
        None => String::new(),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(plain).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
    }
}
