//! JSON 1.1: from a request's body to a typed input that refuses unknown fields.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::base::unread;
use crate::{ApiError, Millis};

/// Reads an operation's input; use types with `deny_unknown_fields`, so that an unknown field is a loud error.
pub(crate) fn input<T: DeserializeOwned>(value: &Value) -> Result<T, ApiError> {
    T::deserialize(value).map_err(|error| unread(&error))
}

/// The body of a JSON request; an empty one is `{}`.
pub(crate) fn body(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::client("SerializationException", error.to_string()))
}

/// Epoch seconds with fraction, as JSON 1.1 carries timestamps.
pub(crate) fn seconds(at_ms: Millis) -> Value {
    json!(at_ms as f64 / 1000.0)
}

/// The same moment where an answer is written without a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Millis);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

/// An answer that says where the next page is, where there is one.
pub(crate) fn with_token(mut answer: Value, member: &str, next: Option<String>) -> Value {
    if let Some(next) = next {
        answer[member] = json!(next);
    }
    answer
}

/// One page of a list; the token is the index of the next item.
pub(crate) fn page<T: Clone>(
    all: &[T],
    size: Option<usize>,
    token: Option<&str>,
    usual: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let invalid = || ApiError::client("InvalidParameterException", "Invalid nextToken");
    let start = token.map_or(Ok(0), |token| token.parse::<usize>().map_err(|_| invalid()))?;
    let end = all.len().min(start.saturating_add(size.unwrap_or(usual)));
    let items = all.get(start..end).ok_or_else(invalid)?.to_vec();
    Ok((items, (end < all.len()).then(|| end.to_string())))
}
