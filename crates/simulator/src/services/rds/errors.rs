//! The errors that several operations have: codes as they are on the wire, some with "Fault" and most without [MODEL].

use crate::ApiError;

pub(super) fn client(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::client(code, message)
}

pub(super) fn unknown(message: impl Into<String>) -> ApiError {
    client("InvalidParameterValue", message)
}

pub(super) fn combination(message: impl Into<String>) -> ApiError {
    client("InvalidParameterCombination", message)
}

pub(super) fn missing(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError {
        status: 404,
        ..client(code, message)
    }
}

pub(super) fn no_instance(id: &str) -> ApiError {
    missing("DBInstanceNotFound", format!("DBInstance {id} not found."))
}

pub(super) fn no_snapshot(id: &str) -> ApiError {
    missing("DBSnapshotNotFound", format!("DBSnapshot {id} not found."))
}

pub(super) fn wrong_state(message: impl Into<String>) -> ApiError {
    client("InvalidDBInstanceState", message)
}

/// An identifier in lower case, as RDS keeps it: 1 to `longest` letters, digits and hyphens, first a letter, no hyphen at the
/// end and no two in a row (G [MODEL]).
pub(super) fn identifier(parameter: &str, given: &str, longest: usize) -> Result<String, ApiError> {
    let letters = given
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let well = letters
        && given.starts_with(|first: char| first.is_ascii_alphabetic())
        && !given.ends_with('-')
        && !given.contains("--")
        && given.len() <= longest;
    if well {
        return Ok(given.to_ascii_lowercase());
    }
    Err(unknown(format!(
        "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII \
         letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for (given, expected) in [
            ("Shop-2026-01", Some("shop-2026-01")),
            ("a", Some("a")),
            ("", None),
            ("1a", None),
            ("a-", None),
            ("a--b", None),
            ("a_b", None),
            ("rds:shop", None),
            (&"a".repeat(255), Some("a".repeat(255).as_str())),
            (&"a".repeat(256), None),
        ] {
            let found = identifier("DBSnapshotIdentifier", given, 255).ok();
            assert_eq!(found.as_deref(), expected, "{given}");
        }
    }
}
