//! What a registry wants to be shown before it answers: `WWW-Authenticate`.

use http_auth::{ChallengeRef, parse_challenges};

use super::name::Home;
use crate::web::Response;

/// One way to show who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password, with every request.
    Basic,
    /// A token, which somebody gives.
    Bearer {
        /// Who.
        realm: String,
        /// For whom it is.
        service: Option<String>,
        /// For what it is.
        scope: String,
    },
}

impl Challenge {
    /// What an answer asks for; a token where there is a choice.
    pub(super) fn of(reply: &Response, home: &Home) -> Option<Self> {
        let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("www-authenticate");
        let headers = reply.headers.iter().filter(named);
        let found: Vec<Self> = headers
            .filter_map(|(_, value)| parse_challenges(value).ok())
            .flatten()
            .filter_map(|one| Self::read(&one, home))
            .collect();
        let token = found.iter().find(|one| **one != Self::Basic);
        token.or(found.first()).cloned()
    }

    fn read(one: &ChallengeRef<'_>, home: &Home) -> Option<Self> {
        if one.scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !one.scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameter = |name: &str| {
            let mut parameters = one.params.iter();
            let found = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_unescaped())
        };
        Some(Self::Bearer {
            realm: parameter("realm")?,
            service: parameter("service"),
            scope: parameter("scope")
                .filter(|scope| !scope.is_empty())
                .unwrap_or_else(|| format!("repository:{}:pull", home.repository)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::name::Named;
    use super::*;

    fn of(headers: &[&str]) -> Option<Challenge> {
        let header = |value: &&str| ("www-authenticate".to_owned(), (*value).to_owned());
        let reply = Response {
            status: 401,
            headers: headers.iter().map(header).collect(),
            body: bytes::Bytes::new(),
        };
        let named = Named::new(Some("ghcr.io"), "acme/api", (None, None));
        Challenge::of(&reply, &named.home)
    }

    fn bearer(realm: &str, service: Option<&str>, scope: &str) -> Option<Challenge> {
        Some(Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.to_owned(),
        })
    }

    #[test]
    fn a_token_is_taken_where_there_is_a_choice() {
        let ghcr = r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/api:pull""#;
        let expected = bearer(
            "https://ghcr.io/token",
            Some("ghcr.io"),
            "repository:acme/api:pull",
        );
        assert_eq!(of(&[ghcr]), expected);
        assert_eq!(of(&[r#"Basic realm="x""#, ghcr]), expected);
        assert_eq!(of(&[&format!(r#"Basic realm="x", {ghcr}"#)]), expected);
        assert_eq!(of(&[r#"basic realm="x""#]), Some(Challenge::Basic));
    }

    #[test]
    fn what_a_challenge_does_not_say_is_to_pull() {
        let scope = "repository:acme/api:pull";
        let plain = r#"Bearer realm="https://t/token""#;
        assert_eq!(of(&[plain]), bearer("https://t/token", None, scope));
        let empty = r#"Bearer realm="https://t/token",scope="""#;
        assert_eq!(of(&[empty]), bearer("https://t/token", None, scope));
    }

    #[test]
    fn what_is_none_is_none() {
        for headers in [
            &[][..],
            &["Negotiate"],
            &[r#"Bearer service="x""#],
            &["\"\""],
        ] {
            assert_eq!(of(headers), None, "{headers:?}");
        }
    }
}
