//! The registry's login: the token of GetAuthorizationToken, and what a client that shows it may enter.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::image::sha256;
use super::reference::registry_host;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::seconds;
use crate::{ApiError, Millis};

/// "The authorization token is valid for 12 hours" [MODEL].
const VALID_MS: Millis = 12 * 3_600_000;
/// The only user ([DOC], registry authentication).
const USER: &str = "AWS";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAuthorizationToken {
    registry_ids: Option<Vec<String>>,
}

pub(super) fn authorization_token(
    here: &Here<'_, Ecr>,
    request: &GetAuthorizationToken,
) -> Result<Value, ApiError> {
    let own = vec![here.account.to_owned()];
    let registries = request.registry_ids.as_ref().unwrap_or(&own);
    let data: Vec<Value> = registries
        .iter()
        .map(|account| {
            let pass = Pass::new(account, here.region, here.now_ms + VALID_MS);
            json!({
                "authorizationToken": pass.token(),
                "expiresAt": seconds(pass.expiration),
                "proxyEndpoint": format!("https://{}", registry_host(account, here.region)),
            })
        })
        .collect();
    Ok(json!({ "authorizationData": data }))
}

/// A token for the account's own registry, good from now on for as long as any.
pub(crate) fn login_token(account: &str, region: &str, now_ms: Millis) -> String {
    Pass::new(account, region, now_ms + VALID_MS).token()
}

/// What a token says, in the shape of a real one's password: JSON behind base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pass {
    /// That nobody has changed the rest by accident. It is no secret: the simulator has none.
    payload: String,
    /// Whose registry it is for.
    pub(crate) account: String,
    /// Where that registry is.
    pub(crate) region: String,
    version: String,
    #[serde(rename = "type")]
    kind: String,
    expiration: Millis,
}

/// Why somebody may not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// Nothing is shown that a registry knows.
    NotAuthorized,
    /// It is no token, or one of another registry.
    BadToken,
    /// Its twelve hours are over.
    Expired,
}

impl Pass {
    fn new(account: &str, region: &str, expiration: Millis) -> Self {
        Self {
            payload: sha256(format!("{account}/{region}/{expiration}").as_bytes()),
            account: account.to_owned(),
            region: region.to_owned(),
            version: "2".to_owned(),
            kind: "DATA_KEY".to_owned(),
            expiration,
        }
    }

    fn token(&self) -> String {
        let password = STANDARD.encode(json!(self).to_string());
        STANDARD.encode(format!("{USER}:{password}"))
    }

    /// Reads the `Authorization` header of a client, `Basic` and a token.
    pub(crate) fn shown(authorization: Option<&str>) -> Result<Self, Stopped> {
        let (scheme, token) = authorization
            .and_then(|header| header.split_once(' '))
            .ok_or(Stopped::NotAuthorized)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(Stopped::NotAuthorized);
        }
        Self::of_token(token.trim())
    }

    /// Reads a token.
    pub(crate) fn of_token(token: &str) -> Result<Self, Stopped> {
        let text = |base64: &str| String::from_utf8(STANDARD.decode(base64).ok()?).ok();
        let named = text(token).ok_or(Stopped::BadToken)?;
        let (user, password) = named.split_once(':').ok_or(Stopped::BadToken)?;
        if user != USER {
            return Err(Stopped::NotAuthorized);
        }
        let pass: Option<Self> = text(password).and_then(|text| serde_json::from_str(&text).ok());
        let pass = pass.ok_or(Stopped::BadToken)?;
        let sound = pass == Self::new(&pass.account, &pass.region, pass.expiration);
        sound.then_some(pass).ok_or(Stopped::BadToken)
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self, now_ms: Millis) -> bool {
        self.expiration <= now_ms
    }

    /// A token that lets a layer be fetched for an hour ("pre-signed" [MODEL]; the hour [INF]).
    pub(super) fn to_fetch(here: &Here<'_, Ecr>) -> String {
        Self::new(here.account, here.region, here.now_ms + 3_600_000).token()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_given() {
        let pass = Pass::new("123456789012", "sa-east-1", 5_000);
        let header = |token: &str| format!("Basic {token}");
        assert_eq!(Pass::shown(Some(&header(&pass.token()))), Ok(pass.clone()));
        assert!(!pass.is_over(4_999) && pass.is_over(5_000));
        let mut forged = pass.clone();
        forged.account = "999999999999".to_owned();
        let other_user = STANDARD.encode("root:secret");
        for (shown, expected) in [
            (None, Stopped::NotAuthorized),
            (Some("Bearer x".to_owned()), Stopped::NotAuthorized),
            (Some(header(&other_user)), Stopped::NotAuthorized),
            (Some(header("AWS:simulated")), Stopped::BadToken),
            (Some(header(&forged.token())), Stopped::BadToken),
            (Some(header(&STANDARD.encode("AWS:x"))), Stopped::BadToken),
        ] {
            assert_eq!(Pass::shown(shown.as_deref()), Err(expected), "{shown:?}");
        }
    }
}
