//! A text that nobody may read in a log, an error or a debugger: it shows itself only where it is serialised.

use std::fmt::{Debug, Formatter};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A secret's text.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct SecretText(String);

impl SecretText {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Debug for SecretText {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    /// Serde's own error would quote what it found.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a secret value must be a string")),
        }
    }
}

/// What a version holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SecretValue {
    Text(SecretText),
    /// As base64.
    Binary(SecretText),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_output_and_no_error_has_the_value() {
        let value = SecretValue::Text("hunter2".to_owned().into());
        assert_eq!(format!("{value:?}"), "Text([redacted])");
        let error = serde_json::from_str::<SecretText>("7331").expect_err("no string");
        assert!(!error.to_string().contains("7331"), "{error}");
        assert_eq!(
            serde_json::to_string(&value).ok().as_deref(),
            Some(r#"{"Text":"hunter2"}"#)
        );
    }
}
