//! Docker's registry protocol (OCI distribution 1.1) below `/v2/`: `docker login`, `push` and `pull` of the repositories that ECR's
//! API shows.
//!
//! Whose registry it is: a host `ACCOUNT.dkr.ecr.REGION.amazonaws.com` says it; at any other host, such as `127.0.0.1:PORT`, the token
//! of the login does. Registries of others are told by their hosts (`foreign`). Bodies are streamed to where layers lie before any world is asked; a world is held for one synchronous call.

mod blobs;
mod enter;
mod foreign;
mod lists;
mod manifests;
mod refusal;
mod target;
mod uploads;

use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;

use self::enter::Entered;
use self::refusal::Refusal;
use self::target::Target;
use super::layers::Stored;
use super::request::Shared;
use super::upstream::Passing;
use crate::front::{Call, NoReply};
use crate::wire::Scope;

/// A reply whose body may be a layer.
pub(super) type Reply = Either<Passing, Stored>;

const VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// Whether a request is for the registry: below `/v2`, not signed, and for no other service.
pub(super) fn is_for<B>(request: &Request<B>) -> bool {
    let path = request.uri().path();
    let below = path == "/v2" || path.starts_with("/v2/");
    below
        && Scope::of(request).is_none()
        && (enter::registry_of(host(request)).is_some() || Call::service_of(request).is_err())
}

/// Answers a request; an error means that the connection has to break.
pub(super) async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Reply>, NoReply> {
    if let Some(reply) = foreign::answer(shared, &request) {
        return Ok(plain(reply));
    }
    let answered = serve(shared, request).await;
    let mut reply = match answered {
        Ok(reply) => reply,
        Err(Broken::Refused(refusal)) => plain(refusal.reply()),
        Err(Broken::NoReply(none)) => return Err(none),
    };
    let version = HeaderValue::from_static("registry/2.0");
    reply.headers_mut().insert(VERSION, version);
    Ok(reply)
}

/// Why there is no good answer.
#[derive(Debug)]
enum Broken {
    Refused(Refusal),
    NoReply(NoReply),
}

impl<E: Into<Refusal>> From<E> for Broken {
    fn from(refusal: E) -> Self {
        Self::Refused(refusal.into())
    }
}

type Answered = Result<Response<Reply>, Broken>;

async fn serve(shared: &Shared, request: Request<Incoming>) -> Answered {
    let (head, mut body) = request.into_parts();
    let request = Request::from_parts(head, ());
    let answered = answer_to(shared, &request, &mut body).await;
    if let Err(Broken::Refused(_)) = answered {
        // A client that is still sending hears why only when it has done.
        while let Some(Ok(_)) = body.frame().await {}
    }
    answered
}

async fn answer_to(shared: &Shared, request: &Request<()>, body: &mut Incoming) -> Answered {
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let target = Target::parse(&path)?;
    let entered = Entered::by(shared, request)?;
    let operation = target.operation(request.method());
    let Some(operation) = operation.ok_or_else(|| not_allowed(&target))? else {
        return dispatch(&entered, &target, request, body).await;
    };
    let call = Entered::call(operation);
    let answered = match entered.strike(&call, &target) {
        Ok(delay) => {
            let answered = dispatch(&entered, &target, request, body).await;
            let arrived = delay.passes(shared).await.map_err(Broken::NoReply);
            arrived.and(answered)
        }
        Err(broken) => Err(broken),
    };
    entered.note(&call, status(&answered));
    answered
}

/// None where the connection breaks instead.
fn status(answered: &Answered) -> Option<u16> {
    match answered {
        Ok(reply) => Some(reply.status().as_u16()),
        Err(Broken::Refused(refusal)) => Some(refusal.status.as_u16()),
        Err(Broken::NoReply(_)) => None,
    }
}

async fn dispatch(
    entered: &Entered<'_>,
    target: &Target<'_>,
    request: &Request<()>,
    body: &mut Incoming,
) -> Answered {
    let query = Query::of(request);
    let method = request.method();
    match *target {
        Target::Base => Ok(plain(Response::new(Bytes::new()))),
        Target::Catalog => lists::catalog(entered, &query),
        Target::Tags { name } => lists::tags(entered, name, &query),
        Target::Referrers { name, digest } => lists::referrers(entered, name, digest, &query),
        Target::Manifest { name, called } => match *method {
            Method::PUT => manifests::put(entered, name, called, request, body).await,
            Method::DELETE => manifests::delete(entered, name, called),
            _ => manifests::get(entered, name, called, method),
        },
        Target::Blob { name, digest } => blobs::get(entered, name, digest, request),
        Target::Uploads { name } => uploads::begin(entered, name, &query, body).await,
        Target::Upload { name, id } => match *method {
            Method::PATCH => uploads::go_on(entered, name, id, request, body).await,
            Method::PUT => uploads::finish(entered, name, id, request, body).await,
            Method::DELETE => uploads::give_up(entered, name, id),
            _ => uploads::progress(entered, name, id).await,
        },
    }
}

fn not_allowed(target: &Target<'_>) -> Refusal {
    let mut refusal = Refusal::unsupported("The operation is unsupported.");
    if let Ok(allowed) = HeaderValue::from_str(&target.methods().join(", ")) {
        refusal.headers.push((ALLOW, allowed));
    }
    refusal
}

/// The parameters of a request.
struct Query(Vec<(String, String)>);

impl Query {
    fn of<B>(request: &Request<B>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn host<B>(request: &Request<B>) -> &str {
    header(request, &HOST)
        .or_else(|| request.uri().host())
        .unwrap_or_default()
}

fn authorization<B>(request: &Request<B>) -> Option<&str> {
    header(request, &AUTHORIZATION)
}

fn header<'a, B>(request: &'a Request<B>, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// A reply whose body is whole.
fn plain(reply: Response<Bytes>) -> Response<Reply> {
    reply.map(Full::new).map(Either::Left).map(Either::Left)
}

/// A reply without a body.
fn bare<const N: usize>(
    status: StatusCode,
    headers: [(HeaderName, &str); N],
) -> Result<Response<Reply>, Broken> {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = status;
    for (name, value) in headers {
        let value = HeaderValue::from_str(value)
            .map_err(|_| Refusal::internal("a header that cannot be sent"))?;
        reply.headers_mut().insert(name, value);
    }
    if status != StatusCode::NO_CONTENT {
        let headers = reply.headers_mut();
        headers
            .entry(CONTENT_LENGTH)
            .or_insert(HeaderValue::from_static("0"));
    }
    Ok(plain(reply))
}
