//! Attributes of messages: names, types and values, and how long they are.

use serde_json::{Map, Value};

use crate::ApiError;
use crate::base::base64_text;

/// In the words of LocalStack's `test_empty_or_wrong_message_attributes`, recorded on AWS [OBS].
pub(super) fn check(attributes: &Map<String, Value>) -> Result<(), ApiError> {
    attributes.iter().try_for_each(|(name, attribute)| {
        let said = flaw_of_name(name).or_else(|| flaw_of_value(name, attribute));
        match said {
            Some(said) => Err(ApiError::client("ParameterValueInvalid", said)),
            None => Ok(()),
        }
    })
}

fn flaw_of_name(name: &str) -> Option<String> {
    if name.len() > 256 {
        let words = "Length of message attribute name must be less than 256 bytes.";
        return Some(words.to_owned());
    }
    let is_allowed = |it: &char| it.is_ascii_alphanumeric() || "-_.".contains(*it);
    if let Some(other) = name.chars().find(|it| !is_allowed(it)) {
        let code = u32::from(other);
        return Some(format!(
            "Invalid non-alphanumeric character '#x{code:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots."
        ));
    }
    let said = |words: &str| Some(words.to_owned());
    if name.starts_with('.') {
        return said("Invalid message attribute name starting with character '.' was found.");
    }
    if name.ends_with('.') {
        return said("Invalid message attribute name ending with character '.' was found.");
    }
    match name.contains("..") {
        true => said("Message attribute name can not have successive '.' character."),
        false => None,
    }
}

/// A type is `String`, `Number` or `Binary`, and may have a name of one's own behind a dot.
fn flaw_of_value(name: &str, attribute: &Value) -> Option<String> {
    let kind = attribute["DataType"].as_str().unwrap_or_default();
    let (base, own) = kind.split_once('.').unwrap_or((kind, "-"));
    let field = match base {
        "String" | "Number" if !own.is_empty() => "String",
        "Binary" if !own.is_empty() => "Binary",
        _ => {
            return Some(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String."
            ));
        }
    };
    let given = |field: &str| {
        let value = attribute[format!("{field}Value")].as_str();
        value.filter(|value| !value.is_empty())
    };
    let other = if field == "String" {
        "Binary"
    } else {
        "String"
    };
    match (given(field), given(other)) {
        (None, Some(_)) => Some(format!(
            "The message attribute '{name}' with type '{kind}' must use field '{field}'."
        )),
        (None, None) => Some(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{kind}'."
        )),
        (Some(_), _) => None,
    }
}

/// Names, types and values count, in bytes.
pub(super) fn length(attributes: &Map<String, Value>) -> usize {
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let of_one = |(name, it): (&String, &Value)| {
        let binary = it["BinaryValue"].as_str().and_then(base64_text::decoded);
        let binary = binary.map_or(0, |bytes| bytes.len());
        name.len() + text(&it["DataType"]) + text(&it["StringValue"]) + binary
    };
    attributes.iter().map(of_one).sum()
}
