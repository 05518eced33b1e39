//! One matcher of a pattern: a literal or a comparison [DOC].

use serde_json::Value;

use super::address::Network;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Matcher {
    Text(String),
    Number(f64),
    True,
    False,
    Null,
    Prefix(String, Case),
    Suffix(String, Case),
    AnyCase(String),
    Wildcard(Vec<Wild>),
    Exists,
    Absent,
    Numeric(Vec<(Bound, f64)>),
    Within(Network),
    /// None of these matches.
    AnythingBut(Vec<Matcher>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Counts,
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wild {
    One(char),
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Bound {
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

impl Matcher {
    /// Of a value that is there, and neither object nor array.
    pub(super) fn matches(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Text(wanted) => text == Some(wanted.as_str()),
            // By value: 1 and 1.0 are the same [DOC].
            Self::Number(wanted) => value.as_f64() == Some(*wanted),
            Self::True => *value == Value::Bool(true),
            Self::False => *value == Value::Bool(false),
            Self::Null => value.is_null(),
            Self::Prefix(wanted, case) => text.is_some_and(|text| match case {
                Case::Counts => text.starts_with(wanted),
                Case::Ignored => folded(text).starts_with(&folded(wanted)),
            }),
            Self::Suffix(wanted, case) => text.is_some_and(|text| match case {
                Case::Counts => text.ends_with(wanted),
                Case::Ignored => folded(text).ends_with(&folded(wanted)),
            }),
            Self::AnyCase(wanted) => text.is_some_and(|text| folded(text) == folded(wanted)),
            Self::Wildcard(pattern) => text.is_some_and(|text| fits(pattern, text)),
            Self::Exists => true,
            Self::Absent => false,
            Self::Numeric(bounds) => value.as_f64().is_some_and(|number| {
                bounds
                    .iter()
                    .all(|(bound, limit)| bound.holds(number, *limit))
            }),
            Self::Within(network) => text.is_some_and(|text| network.has(text)),
            Self::AnythingBut(others) => !others.iter().any(|other| other.matches(value)),
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// `*` is any text. The latest star takes one more where it does not fit.
fn fits(pattern: &[Wild], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some(Wild::Any) => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(Wild::One(wanted)) if text.get(in_text) == Some(wanted) => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    in_text = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == Wild::Any)
}
