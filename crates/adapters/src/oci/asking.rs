//! One question to a registry: shown who asks where it wants that, followed where it points, repeated where it may pass.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backstay_domain::ports::FailureKind;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use url::Url;

use super::challenge::Challenge;
use super::logins::{Known, Login, Logins};
use super::name::{Home, is_loopback};
use super::refused::{After, Question, Unheard, retry_after};
use crate::outside::Secret;
use crate::pace::SdkTime;
use crate::web::{Method, Request, Response, Transport, TransportError};

/// How long one answer may take, and how often one is asked for: somebody who has nobody to talk to knows it within 30 s.
const PATIENCE: Duration = Duration::from_secs(8);
const TRIES: u32 = 3;

/// Before the first repetition; twice as long before the next.
const PAUSE: Duration = Duration::from_secs(1);

/// A registry that wants a longer pause than this is not waited for: that it is said is of more use.
const LONGEST_PAUSE_S: u64 = 5;

/// "Manifests SHOULD" be taken up to 4 MiB (OCI distribution 1.1).
const LIMIT_BYTES: usize = 4 << 20;

/// Registries point at where their content lies, some of them twice.
const MOST_HOPS: usize = 5;

/// Whom a token's giver takes this for.
const CLIENT: &str = "backstay";

/// How registries are reached.
pub(crate) struct Via<'v, T> {
    /// Who carries requests.
    pub(crate) transport: &'v T,
    /// What pauses are slept in.
    pub(crate) time: &'v SdkTime,
}

impl<T> Clone for Via<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Via<'_, T> {}

/// Every registry beside ECR, and what was shown there.
#[derive(Debug, Default)]
pub(crate) struct Registries {
    logins: Logins,
    /// What was shown last, by repository.
    shown: Mutex<BTreeMap<Home, Secret>>,
    /// What a helper said, by host: one that asks somebody asks once.
    known: tokio::sync::Mutex<BTreeMap<String, Known>>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

impl Registries {
    /// Asked by whoever is logged in there.
    pub(crate) fn asked_as(logins: Logins) -> Self {
        Self {
            logins,
            ..Self::default()
        }
    }

    /// Asks for what is below a repository. Gives answers of 2xx and of 404.
    pub(super) async fn ask<T: Transport>(
        &self,
        via: Via<'_, T>,
        home: &Home,
        (method, path): (Method, &str),
        accept: &str,
        question: Question<'_>,
    ) -> Result<Response, Unheard> {
        let mut request = Request {
            method,
            url: format!("{}/v2/{}/{path}", home.base(), home.repository),
            headers: vec![("accept".to_owned(), Secret(accept.to_owned()))],
            timeout: PATIENCE,
            limit_bytes: LIMIT_BYTES,
        };
        if let Some(authorization) = self.remembered(home) {
            show(&mut request, &authorization);
        }
        let mut reply = repeated(via, &request, question, "").await?;
        let mut asked_as = String::new();
        if reply.status == 401 {
            let login = self.login(home).await;
            asked_as = who(&login, home);
            if let Some(challenge) = Challenge::of(&reply, home) {
                let question = Question {
                    call: "GetToken",
                    ..question
                };
                let authorization =
                    authorized(via, &challenge, &login, question, &asked_as).await?;
                if let Some(authorization) = authorization {
                    show(&mut request, &authorization);
                    self.remember(home, authorization);
                    reply = repeated(via, &request, question, &asked_as).await?;
                }
            }
        }
        match reply.status {
            200..=299 | 404 => Ok(reply),
            _ => {
                if asked_as.is_empty() {
                    asked_as = who(&self.login(home).await, home);
                }
                Err(question.refused(&reply, &asked_as).into())
            }
        }
    }

    /// What was shown to a repository last.
    fn remembered(&self, home: &Home) -> Option<Secret> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.get(home).cloned()
    }

    fn remember(&self, home: &Home, authorization: Secret) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(home.clone(), authorization);
    }

    async fn login(&self, home: &Home) -> Known {
        let mut known = self.known.lock().await;
        if let Some(found) = known.get(&home.host) {
            return found.clone();
        }
        let found = self.logins.under(home.login()).await;
        if let Err(why) = &found {
            tracing::debug!(why, host = home.host, "nobody tells who is logged in");
        }
        known.insert(home.host.clone(), found.clone());
        found
    }
}

/// Who asks, for people: no secret is in it.
fn who(login: &Known, home: &Home) -> String {
    match login {
        Ok(Some(Login::Basic(user, _))) => format!("asked as {user}"),
        Ok(Some(Login::Identity(_))) => "asked with docker's login".to_owned(),
        Ok(None) => format!("nobody is logged in to {}", home.host),
        Err(why) => format!("asked without a login: {why}"),
    }
}

fn show(request: &mut Request, authorization: &Secret) {
    let headers = &mut request.headers;
    headers.retain(|(name, _)| name != "authorization");
    headers.push(("authorization".to_owned(), authorization.clone()));
}

/// What is shown to a registry that asks so; nothing where there is nothing to show.
async fn authorized<T: Transport>(
    via: Via<'_, T>,
    challenge: &Challenge,
    login: &Known,
    question: Question<'_>,
    asked_as: &str,
) -> Result<Option<Secret>, Unheard> {
    let login = login.as_ref().ok().and_then(Option::as_ref);
    let (realm, service, scope) = match (challenge, login) {
        (Challenge::Basic, Some(Login::Basic(user, password))) => {
            return Ok(Some(basic(user, password)));
        }
        (Challenge::Basic, Some(Login::Identity(_)) | None) => return Ok(None),
        (
            Challenge::Bearer {
                realm,
                service,
                scope,
            },
            _,
        ) => (realm, service, scope),
    };
    let mut url = Url::parse(realm).ok().filter(is_private).ok_or_else(|| {
        // Whoever gives tokens sees the login.
        let why = format!("it sends to {realm} for a token, which is no HTTPS address");
        question.failed(FailureKind::Rejected, &why)
    })?;
    let mut request = Request::get("", PATIENCE, LIMIT_BYTES);
    if let Some(Login::Identity(token)) = login {
        let plain = |name: &str, value: &str| (name.to_owned(), Secret(value.to_owned()));
        let mut fields = vec![
            plain("grant_type", "refresh_token"),
            plain("client_id", CLIENT),
            plain("scope", scope),
            ("refresh_token".to_owned(), token.clone()),
        ];
        fields.extend(service.as_deref().map(|service| plain("service", service)));
        request.method = Method::Form(fields);
    } else {
        let mut query = url.query_pairs_mut();
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        query.append_pair("scope", scope);
        drop(query);
        if let Some(Login::Basic(user, password)) = login {
            show(&mut request, &basic(user, password));
        }
    }
    request.url = url.into();
    let reply = repeated(via, &request, question, asked_as).await?;
    if !(200..300).contains(&reply.status) {
        return Err(question.refused(&reply, asked_as).into());
    }
    let given: Option<Token> = serde_json::from_slice(&reply.body).ok();
    let token = given.and_then(|given| given.token.or(given.access_token));
    let token = token
        .filter(|token| !token.is_empty())
        .ok_or_else(|| question.failed(FailureKind::Unavailable, "the answer has no token"))?;
    Ok(Some(Secret(format!("Bearer {token}"))))
}

fn basic(user: &str, password: &Secret) -> Secret {
    let encoded = BASE64_STANDARD.encode(format!("{user}:{}", password.0));
    Secret(format!("Basic {encoded}"))
}

/// Whether nobody on the way reads along.
fn is_private(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(is_loopback),
        _ => false,
    }
}

/// Sends a request until it is answered by something that stays. What passes is a failure when it did not within a few tries.
async fn repeated<T: Transport>(
    via: Via<'_, T>,
    request: &Request,
    question: Question<'_>,
    asked_as: &str,
) -> Result<Response, Unheard> {
    let mut pause = PAUSE;
    for tries in 1.. {
        let mut wanted = None;
        let unheard = match followed(via.transport, request).await {
            Ok(reply) if reply.status == 429 || reply.status >= 500 => {
                let failure = question.refused(&reply, asked_as);
                match retry_after(&reply) {
                    Some(After::Seconds(seconds)) if seconds <= LONGEST_PAUSE_S => {
                        wanted = Some(Duration::from_secs(seconds));
                    }
                    Some(After::Seconds(_) | After::Moment(_)) => return Err(failure.into()),
                    None => {}
                }
                Unheard::Said(failure)
            }
            Ok(reply) => return Ok(reply),
            Err(error) => {
                let unheard = question.unanswered(&error);
                match &unheard {
                    Unheard::Said(failure) if !failure.is_passing() => return Err(unheard),
                    Unheard::Said(_) | Unheard::Unreached(_) => unheard,
                }
            }
        };
        if tries >= TRIES {
            return Err(unheard);
        }
        via.time.sleep(wanted.unwrap_or(pause)).await;
        pause *= 2;
    }
    Err(question
        .failed(FailureKind::Unavailable, "it was not asked")
        .into())
}

/// Sends a request once, and goes where the answer points. What was shown is shown to nobody else.
async fn followed<T: Transport>(
    transport: &T,
    request: &Request,
) -> Result<Response, TransportError> {
    let mut request = request.clone();
    for _ in 0..MOST_HOPS {
        let reply = transport.send(&request).await?;
        let location = reply.header("location");
        let (301 | 302 | 303 | 307 | 308, Some(location)) = (reply.status, location) else {
            return Ok(reply);
        };
        let address = |_| TransportError::Address(backstay_domain::app::address(&request.url));
        let from = Url::parse(&request.url).map_err(address)?;
        let to = from.join(location).map_err(address)?;
        if !is_private(&to) {
            return Err(TransportError::Address(backstay_domain::app::address(
                to.as_str(),
            )));
        }
        if from.origin() != to.origin() {
            if matches!(request.method, Method::Form(_)) {
                return Ok(reply);
            }
            request.headers.retain(|(name, _)| name != "authorization");
        }
        request.url = to.into();
    }
    Err(TransportError::Broken(
        "it points from one place to the next".to_owned(),
    ))
}
