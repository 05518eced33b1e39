//! What a version of a secret holds.

use serde::{Deserialize, Serialize};

use crate::base::secret_text::SecretText;

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
