//! Event patterns: every field that is named must match one of its matchers; fields of the event that are not named do not
//! matter [DOC].

use serde_json::{Map, Value};

use super::pattern_matcher::Matcher;
use crate::ApiError;

/// A parsed EventPattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern(Vec<Field>);

#[derive(Clone, Debug, PartialEq)]
enum Field {
    /// The value under this name matches one of these.
    Leaf(String, Vec<Matcher>),
    /// The object under this name matches.
    Inner(String, Pattern),
    /// `$or`: one of them matches.
    Or(Vec<Pattern>),
}

/// Whether a text is a pattern.
pub(crate) fn is_pattern(text: &str) -> bool {
    Pattern::parse(text).is_ok()
}

/// Whether a pattern lets something pass that is no event: the filter policies of topics are written in the same way [DOC]. What is no
/// object passes none, and no pattern lets anything pass.
pub(crate) fn lets(pattern: &str, about: &Value) -> bool {
    about.is_object() && Pattern::parse(pattern).is_ok_and(|pattern| pattern.matches(about))
}

/// Deeper patterns are no patterns of anybody.
const DEEPEST: usize = 32;

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        if text.len() > 4_096 {
            return Err(invalid("Event pattern is longer than 4096 characters"));
        }
        let value: Value =
            serde_json::from_str(text).map_err(|error| invalid(&error.to_string()))?;
        match &value {
            Value::Object(members) => Self::read(members, DEEPEST),
            _ => Err(invalid("Filter is not an object")),
        }
    }

    fn read(members: &Map<String, Value>, depth: usize) -> Result<Self, ApiError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| invalid("too many levels"))?;
        if members.is_empty() {
            return Err(invalid("Empty objects are not allowed"));
        }
        let mut fields = Vec::new();
        for (name, value) in members {
            fields.push(match value {
                Value::Array(choices) if name == "$or" => Field::Or(either(choices, depth)?),
                Value::Array(matchers) if matchers.is_empty() => {
                    return Err(invalid("Empty arrays are not allowed"));
                }
                Value::Array(matchers) => {
                    let matchers = matchers.iter().map(Matcher::read);
                    Field::Leaf(name.clone(), matchers.collect::<Result<_, _>>()?)
                }
                Value::Object(inner) => Field::Inner(name.clone(), Self::read(inner, depth)?),
                _ => {
                    return Err(invalid(&format!(
                        "\"{name}\" must be an object or an array"
                    )));
                }
            });
        }
        Ok(Self(fields))
    }

    pub(super) fn matches(&self, event: &Value) -> bool {
        self.0.iter().all(|field| match field {
            Field::Leaf(name, matchers) => {
                let value = event.get(name);
                matchers.iter().any(|matcher| matcher.matches(value))
            }
            Field::Inner(name, pattern) => match event.get(name) {
                Some(Value::Array(items)) => items.iter().any(|item| pattern.matches(item)),
                // An absent object can still match `exists: false` below it.
                Some(inner) => pattern.matches(inner),
                None => pattern.matches(&Value::Null),
            },
            Field::Or(patterns) => patterns.iter().any(|pattern| pattern.matches(event)),
        })
    }
}

fn either(choices: &[Value], depth: usize) -> Result<Vec<Pattern>, ApiError> {
    let read = |choice: &Value| match choice {
        Value::Object(members) => Pattern::read(members, depth),
        _ => Err(invalid("$or must be an array of objects")),
    };
    choices.iter().map(read).collect()
}

pub(super) fn invalid(reason: &str) -> ApiError {
    ApiError::client(
        "InvalidEventPatternException",
        format!("Event pattern is not valid. Reason: {reason}"),
    )
}
