//! AssumeRoleWithWebIdentity: the token is read, its signature is not checked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::assume::{Role, credentials};
use crate::base::here::Here;
use crate::{ApiError, Millis};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AssumeRoleWithWebIdentity {
    role_arn: String,
    role_session_name: String,
    web_identity_token: String,
    duration_seconds: Option<u64>,
    /// Accepted: whether anybody may have the role is never asked.
    #[serde(rename = "ProviderId")]
    _provider: Option<Value>,
    #[serde(rename = "PolicyArns")]
    _policies: Option<Value>,
    #[serde(rename = "Policy")]
    _policy: Option<Value>,
    #[serde(rename = "MinimumSessionTokenSize")]
    _size: Option<Value>,
}

pub(super) fn role(
    here: &mut Here<'_, ()>,
    request: AssumeRoleWithWebIdentity,
) -> Result<Value, ApiError> {
    let role = Role::of(&request.role_arn, &request.role_session_name)?;
    let seconds = request.duration_seconds.unwrap_or(3_600);
    let claims = claims(&request.web_identity_token).ok_or_else(|| {
        ApiError::client(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    })?;
    let expires = claims.get("exp").and_then(Value::as_u64);
    if expires.is_some_and(|seconds| is_past(seconds, here.now_ms)) {
        return Err(ApiError::client(
            "ExpiredTokenException",
            "Token expired: the web identity token that was passed is expired",
        ));
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").map(|issuer| issuer.trim_start_matches("https://"));
    Ok(json!({
        "Credentials": credentials(here, role.account, seconds),
        "AssumedRoleUser": role.user(),
        "SubjectFromWebIdentityToken": text("sub"),
        "Provider": issuer,
        "Audience": text("aud"),
    }))
}

fn is_past(seconds: u64, now_ms: Millis) -> bool {
    seconds.saturating_mul(1_000) < now_ms
}

/// The second part of a JSON web token.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    claims.is_object().then_some(claims)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use crate::front::{Service, ask_form};
    use crate::{Weather, World};

    #[test]
    fn a_token_must_be_one_and_not_be_expired() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        for (token, expected) in [
            (
                token(r#"{"sub":"repo:a/b","aud":"sts.amazonaws.com","exp":1767225601}"#),
                None,
            ),
            (
                token(r#"{"sub":"repo:a/b","exp":1767225599}"#),
                Some("ExpiredTokenException"),
            ),
            ("opaque".to_owned(), Some("InvalidIdentityToken")),
            ("a.b.c".to_owned(), Some("InvalidIdentityToken")),
        ] {
            let mut world = World::new(
                "123456789012",
                "sa-east-1",
                7,
                Weather::Calm,
                1_767_225_600_000,
            );
            let form = format!(
                "RoleArn=arn:aws:iam::222233334444:role/deploy&RoleSessionName=ci&WebIdentityToken={token}"
            );
            let answer = ask_form(&mut world, Service::Sts, "AssumeRoleWithWebIdentity", &form);
            assert_eq!(answer.err().map(|error| error.code), expected, "{token}");
        }
    }
}
