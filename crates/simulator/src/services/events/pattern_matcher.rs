//! One matcher of an event pattern: a literal or a comparison [DOC].

use serde_json::{Map, Value};

use super::pattern::invalid;
use crate::ApiError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Matcher {
    Literal(Value),
    Prefix(String),
    Suffix(String),
    IgnoreCase(String),
    Wildcard(String),
    Exists(bool),
    /// Every bound holds.
    Numeric(Vec<(Bound, f64)>),
    /// None of these matches.
    AnythingBut(Vec<Matcher>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Matcher {
    pub(super) fn read(value: &Value) -> Result<Self, ApiError> {
        let members = match value {
            Value::Object(members) => members,
            Value::Array(_) => {
                return Err(invalid(
                    "Match value must be String, number, true, false, or null",
                ));
            }
            literal => return Ok(Self::Literal(literal.clone())),
        };
        let (name, given) = single(members)?;
        match name {
            "exists" => match given {
                Value::Bool(exists) => Ok(Self::Exists(*exists)),
                _ => Err(invalid("exists must be true or false")),
            },
            "numeric" => numeric(given),
            "anything-but" => Ok(Self::AnythingBut(anything_but(given)?)),
            _ => texts(name, given),
        }
    }

    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return *self == Self::Exists(false);
        };
        match value {
            // Of an array one element has to match.
            Value::Array(items) => match self {
                Self::Exists(exists) => *exists,
                _ => items.iter().any(|item| self.matches_one(item)),
            },
            one => self.matches_one(one),
        }
    }

    fn matches_one(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Literal(literal) => same(literal, value),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::IgnoreCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
            }
            Self::Wildcard(pattern) => text.is_some_and(|text| wild(pattern, text)),
            // Only leaves exist: an object does not.
            Self::Exists(exists) => *exists != value.is_object(),
            Self::Numeric(bounds) => value.as_f64().is_some_and(|number| {
                bounds
                    .iter()
                    .all(|(bound, limit)| bound.holds(number, *limit))
            }),
            Self::AnythingBut(others) => {
                !value.is_object() && !others.iter().any(|other| other.matches_one(value))
            }
        }
    }
}

impl Bound {
    fn named(name: &str) -> Option<Self> {
        match name {
            "<" => Some(Self::Less),
            "<=" => Some(Self::LessOrEqual),
            "=" => Some(Self::Equal),
            ">=" => Some(Self::GreaterOrEqual),
            ">" => Some(Self::Greater),
            _ => None,
        }
    }

    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Less => number < limit,
            Self::LessOrEqual => number <= limit,
            Self::Equal => number == limit,
            Self::GreaterOrEqual => number >= limit,
            Self::Greater => number > limit,
        }
    }
}

fn single(members: &Map<String, Value>) -> Result<(&str, &Value), ApiError> {
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(invalid("Only one key allowed in match expression")),
    }
}

/// The comparisons of texts.
fn texts(name: &str, given: &Value) -> Result<Matcher, ApiError> {
    let text = || {
        given
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| invalid(&format!("{name} match pattern must be a string")))
    };
    match name {
        "prefix" => text().map(Matcher::Prefix),
        "suffix" => text().map(Matcher::Suffix),
        "equals-ignore-case" => text().map(Matcher::IgnoreCase),
        "wildcard" => text().map(Matcher::Wildcard),
        // Real ones, `cidr` among them, that are not simulated are refused like unknown ones.
        _ => Err(invalid(&format!("Unrecognized match type {name}"))),
    }
}

fn anything_but(given: &Value) -> Result<Vec<Matcher>, ApiError> {
    match given {
        Value::Array(literals) if literals.is_empty() => {
            Err(invalid("Empty arrays are not allowed"))
        }
        Value::Array(literals) => Ok(literals.iter().cloned().map(Matcher::Literal).collect()),
        Value::Object(members) => {
            let (name, given) = single(members)?;
            match given {
                Value::Array(several) => several.iter().map(|one| texts(name, one)).collect(),
                one => Ok(vec![texts(name, one)?]),
            }
        }
        literal => Ok(vec![Matcher::Literal(literal.clone())]),
    }
}

/// `[">", 0, "<=", 5]`.
fn numeric(given: &Value) -> Result<Matcher, ApiError> {
    let wrong = || invalid("Value of numeric must be an array of operators and numbers");
    let parts = given
        .as_array()
        .filter(|parts| !parts.is_empty() && parts.len() <= 4);
    let mut bounds = Vec::new();
    for pair in parts.ok_or_else(wrong)?.chunks(2) {
        let [name, limit] = pair else {
            return Err(wrong());
        };
        let bound = name.as_str().and_then(Bound::named).ok_or_else(wrong)?;
        bounds.push((bound, limit.as_f64().ok_or_else(wrong)?));
    }
    Ok(Matcher::Numeric(bounds))
}

/// Numbers by value: 1 and 1.0 are the same [DOC].
fn same(literal: &Value, value: &Value) -> bool {
    match (literal.as_f64(), value.as_f64()) {
        (Some(literal), Some(value)) => literal == value,
        _ => literal == value,
    }
}

/// `*` is any text.
fn wild(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
