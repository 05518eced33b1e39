//! The data plane: what a user gets from the load balancers and the CDN.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;

use super::answer::{Refusal, refused};
use super::look::Chosen;
use crate::WebRequest;
use crate::server::request::Shared;
use crate::server::users::{self, Asking, UserBody, empty, readable};
use crate::world::data_plane::ROUND_TRIP;

/// Says why there is no answer of the simulated cloud.
const FETCH_ERROR: HeaderName = HeaderName::from_static("x-backstay-fetch-error");

/// Host names are global: the chosen world is asked first, then all others.
pub(super) async fn fetch(
    shared: &Arc<Shared>,
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
    let mut answered = no_such_host(&visit.host);
    for slot in &slots {
        let asking = Asking {
            headers: request.headers().clone(),
            body: empty(),
            port: None,
        };
        match users::answer(shared, slot, &visit, asking).await {
            Ok(Ok(reply)) => {
                answered = mirrored(reply).await;
                break;
            }
            Ok(Err(_)) => {}
            Err(broken) => return Ok(broken.reply()),
        }
    }
    shared.clock.wait(ROUND_TRIP / 2).await;
    Ok(answered)
}

/// The answer as the user got it; its length is that of what is left of it.
async fn mirrored(reply: Response<UserBody>) -> Response<Bytes> {
    let (mut head, body) = reply.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    match body.collect().await {
        Ok(body) => Response::from_parts(head, body.to_bytes()),
        Err(broken) => refused(&Refusal {
            status: StatusCode::BAD_GATEWAY,
            error: broken.to_string(),
            exists: &[],
        }),
    }
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
