//! The policy of a browser's upload: until when it may be used, and what its fields must be ([DOC] POST policy). That it was signed with
//! somebody's key is not checked, as nowhere here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::post_form::Form;
use crate::{ApiError, Millis};

/// Fields that a policy need not name [DOC].
const FREE: [&str; 5] = [
    "awsaccesskeyid",
    "file",
    "policy",
    "signature",
    "x-amz-signature",
];

/// Refuses what the policy does not let.
pub(super) fn lets(
    policy: &str,
    form: &Form,
    bucket: &str,
    key: &str,
    now_ms: Option<Millis>,
) -> Result<(), ApiError> {
    let invalid =
        |what: &str| ApiError::client("InvalidPolicyDocument", format!("Invalid Policy: {what}"));
    let text = STANDARD
        .decode(policy.trim())
        .map_err(|_| invalid("Invalid JSON."))?;
    let policy: Value = serde_json::from_slice(&text).map_err(|_| invalid("Invalid JSON."))?;
    let expires = policy["expiration"].as_str();
    let expires = expires.ok_or_else(|| invalid("Policy missing expiration."))?;
    let expires_ms = instant(expires).ok_or_else(|| invalid("Invalid 'expiration' value"))?;
    if now_ms.is_some_and(|now_ms| now_ms > expires_ms) {
        return Err(denied("Invalid according to Policy: Policy expired."));
    }
    let conditions = policy["conditions"].as_array();
    let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions."))?;
    let mut named: Vec<String> = Vec::new();
    let value_of = |name: &str| match name {
        "bucket" => Some(bucket.to_owned()),
        "key" => Some(key.to_owned()),
        name => form.field(name).map(str::to_owned),
    };
    for condition in conditions {
        for one in simple(condition).ok_or_else(|| invalid("Invalid condition."))? {
            match one {
                Condition::Length(least, most) => {
                    let size = form.file.len() as u64;
                    if size < least {
                        return Err(ApiError::client(
                            "EntityTooSmall",
                            "Your proposed upload is smaller than the minimum allowed size",
                        ));
                    }
                    if size > most {
                        return Err(ApiError::client(
                            "EntityTooLarge",
                            "Your proposed upload exceeds the maximum allowed size",
                        ));
                    }
                }
                Condition::Field { name, holds, told } => {
                    let value = value_of(&name).unwrap_or_default();
                    if !holds.by(&value) {
                        return Err(denied(&format!(
                            "Invalid according to Policy: Policy Condition failed: {told}"
                        )));
                    }
                    named.push(name);
                }
            }
        }
    }
    let is_free = |name: &str| {
        FREE.contains(&name) || name.starts_with("x-ignore-") || named.iter().any(|it| it == name)
    };
    match form.fields.iter().find(|(name, _)| !is_free(name)) {
        None => Ok(()),
        Some((name, _)) => Err(denied(&format!(
            "Invalid according to Policy: Extra input fields: {name}"
        ))),
    }
}

enum Condition {
    Field {
        name: String,
        holds: Holds,
        /// As S3 quotes it.
        told: String,
    },
    Length(u64, u64),
}

enum Holds {
    Equal(String),
    Begins(String),
}

impl Holds {
    fn by(&self, value: &str) -> bool {
        match self {
            Self::Equal(wanted) => value == wanted,
            Self::Begins(start) => value.starts_with(start.as_str()),
        }
    }
}

/// `{"acl": "private"}`, `["eq", "$acl", "private"]`, `["starts-with", "$key", "user/"]`, `["content-length-range", 1, 10]`.
fn simple(condition: &Value) -> Option<Vec<Condition>> {
    if let Value::Object(members) = condition {
        let one = |(name, value): (&String, &Value)| {
            let value = value.as_str()?;
            Some(field(
                name,
                Holds::Equal(value.to_owned()),
                format!("[\"eq\", \"${name}\", \"{value}\"]"),
            ))
        };
        return members.iter().map(one).collect();
    }
    let parts = condition.as_array()?;
    let [kind, first, second] = parts.as_slice() else {
        return None;
    };
    let kind = kind.as_str()?;
    if kind.eq_ignore_ascii_case("content-length-range") {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        return Some(vec![Condition::Length(number(first)?, number(second)?)]);
    }
    let (name, value) = (first.as_str()?.strip_prefix('$')?, second.as_str()?);
    let told = format!("[\"{kind}\", \"${name}\", \"{value}\"]");
    let holds = match kind.to_ascii_lowercase().as_str() {
        "eq" => Holds::Equal(value.to_owned()),
        "starts-with" => Holds::Begins(value.to_owned()),
        _ => return None,
    };
    Some(vec![field(name, holds, told)])
}

fn field(name: &str, holds: Holds, told: String) -> Condition {
    Condition::Field {
        name: name.to_ascii_lowercase(),
        holds,
        told,
    }
}

fn denied(message: &str) -> ApiError {
    ApiError {
        code: "AccessDenied",
        message: message.to_owned(),
        status: 403,
    }
}

fn instant(text: &str) -> Option<Millis> {
    let format = aws_smithy_types::date_time::Format::DateTime;
    let time = aws_smithy_types::DateTime::from_str(text, format).ok()?;
    Millis::try_from(time.to_millis().ok()?).ok()
}
