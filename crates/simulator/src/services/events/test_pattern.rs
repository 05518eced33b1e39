//! TestEventPattern: would this pattern match that event?

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::validation;
use super::pattern;
use crate::ApiError;

/// An event and the pattern it is tried with.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TestEventPattern {
    event_pattern: String,
    event: String,
}

/// The event must have the envelope's members [MODEL]; for `resources`, which the model names too, AWS does not ask (LS
/// `test_event_pattern_source`, 11-07-2024, and 105 more).
pub(super) fn test(request: &TestEventPattern) -> Result<Value, ApiError> {
    let pattern = pattern::read(&request.event_pattern)?;
    // What is JSON and no event is refused alike (LocalStack's `test_plain_string_payload`, `test_invalid_event_payload`, recorded on AWS [OBS]).
    let event: Value = serde_json::from_str(&request.event)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| validation("Parameter Event is not valid."))?;
    let needed = ["id", "account", "source", "time", "region", "detail-type"];
    if let Some(absent) = needed.iter().find(|name| event.get(**name).is_none()) {
        return Err(validation(format!(
            "Parameter Event is not valid. Reason: {absent} is a required argument."
        )));
    }
    Ok(json!({ "Result": pattern.matches(&event) }))
}
