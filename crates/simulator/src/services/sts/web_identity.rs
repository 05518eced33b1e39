//! AssumeRoleWithWebIdentity: the token is read, its signature is not checked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::assume::{Role, credentials, duration};
use crate::wire::{Form, Xml};
use crate::{ApiError, Millis, World};

pub(super) fn role(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&[
        "RoleArn",
        "RoleSessionName",
        "WebIdentityToken",
        "ProviderId",
        "PolicyArns",
        "Policy",
        "DurationSeconds",
        "MinimumSessionTokenSize",
    ])?;
    let role = Role::of(form)?;
    let seconds = duration(form, 3_600, 43_200)?;
    let claims = claims(form.text("WebIdentityToken").unwrap_or_default()).ok_or_else(|| {
        ApiError::client(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    })?;
    let expires = claims.get("exp").and_then(Value::as_u64);
    if expires.is_some_and(|seconds| is_past(seconds, world.now_ms)) {
        return Err(ApiError::client(
            "ExpiredTokenException",
            "Token expired: the web identity token that was passed is expired",
        ));
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").map(|issuer| issuer.trim_start_matches("https://"));
    Ok(Xml::new()
        .nested("Credentials", &credentials(world, role.account, seconds))
        .nested("AssumedRoleUser", &role.user())
        .maybe("SubjectFromWebIdentityToken", text("sub"))
        .maybe("Provider", issuer)
        .maybe("Audience", text("aud")))
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

    use crate::wire::Form;
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
            let form = Form::parse(form.as_bytes());
            let answer = crate::services::sts::call(&mut world, "AssumeRoleWithWebIdentity", &form);
            assert_eq!(answer.err().map(|error| error.code), expected, "{token}");
        }
    }
}
