//! The data plane: what a user gets from the load balancers and the CDN.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::answer::{Refusal, refused};
use super::look::Chosen;
use crate::data_plane::ROUND_TRIP;
use crate::server::neighbour;
use crate::server::request::Shared;
use crate::{WebReply, WebRequest};

/// Says why there is no answer of the simulated cloud.
const FETCH_ERROR: HeaderName = HeaderName::from_static("x-backstay-fetch-error");

/// Host names are global: the chosen world is asked first, then all others.
pub(super) async fn fetch(
    shared: &Shared,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Refusal> {
    let chosen = Chosen::by(request, &["url"])?;
    let method = request.method();
    if method != Method::GET && method != Method::HEAD {
        return Err(Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            error: format!("users send GET and HEAD, not {method}"),
            exists: &["GET web", "HEAD web"],
        });
    }
    let url = chosen.url.as_deref();
    let url = url.ok_or_else(|| Refusal::wrong("`url` is needed"))?;
    let visited = WebRequest {
        method: method.to_string(),
        headers: readable(request.headers()),
        ..WebRequest::get(url)
    };
    let visit = visited.visit().map_err(Refusal::wrong)?;
    let mut slots = vec![chosen.slot(shared)?];
    slots.extend(shared.worlds.all().into_iter().map(|(_, slot)| slot));
    shared.clock.wait(ROUND_TRIP / 2).await;
    let mut answered = Ok(None);
    for slot in &slots {
        answered = neighbour::fetched(shared, slot, &visit).await;
        if !matches!(answered, Ok(None)) {
            break;
        }
    }
    shared.clock.wait(ROUND_TRIP / 2).await;
    Ok(match answered {
        Ok(Some(reply)) => mirrored(reply),
        Ok(None) => no_such_host(&visit.host),
        Err(broken) => broken.reply(),
    })
}

/// The headers that are text.
fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
    texts
        .map(|(name, value)| (name.to_string(), value.to_owned()))
        .collect()
}

/// The simulated answer; its length and connection are those of the real one.
fn mirrored(reply: WebReply) -> Response<Bytes> {
    let mut response = Response::new(reply.body);
    *response.status_mut() = StatusCode::from_u16(reply.status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in reply.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            continue;
        };
        if ![CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn no_such_host(host: &str) -> Response<Bytes> {
    let mut response = refused(&Refusal {
        status: StatusCode::BAD_GATEWAY,
        error: format!("no such host: {host}"),
        exists: &[],
    });
    response
        .headers_mut()
        .insert(FETCH_ERROR, HeaderValue::from_static("no-such-host"));
    response
}
