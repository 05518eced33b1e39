//! The control API: what people and tests do to the cloud that no client of AWS could. Documented in `server`.

mod answer;
mod faults;
mod images;
mod look;
mod time;
mod utilization;
mod web;
mod whole;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use self::answer::{Refusal, refused};
use self::look::Chosen;
use super::request::{Shared, guarded};

const PREFIX: &str = "/_backstay/";

/// What exists, for those who ask for something else.
const EXISTING: [&str; 18] = [
    "GET health",
    "GET now",
    "POST advance",
    "GET faults",
    "POST faults",
    "DELETE faults",
    "POST images",
    "POST utilization",
    "GET web",
    "GET ports",
    "GET picture",
    "GET calls",
    "GET events",
    "GET violations",
    "GET snapshot",
    "POST restore",
    "POST reset",
    "HEAD web",
];

/// Whether a request is for the control API. No bucket's name begins with `_`.
pub(super) fn is_for<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with(PREFIX)
}

/// Answers a request to the control API.
pub(super) async fn answer(shared: &Arc<Shared>, request: Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path().strip_prefix(PREFIX);
    if path == Some("web") {
        return match web::fetch(shared, &request).await {
            Ok(reply) => reply,
            Err(refusal) => refused(&refusal),
        };
    }
    match guarded(|| at_once(shared, &request)) {
        Ok(Ok(reply)) => reply,
        Ok(Err(refusal)) => refused(&refusal),
        Err(broken) => broken.reply(),
    }
}

fn at_once(shared: &Shared, request: &Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
    let chosen = Chosen::by(request, &[])?;
    let body = request.body();
    let path = request
        .uri()
        .path()
        .strip_prefix(PREFIX)
        .unwrap_or_default();
    match (request.method(), path) {
        (&Method::GET, "health") => look::health(shared),
        (&Method::GET, "now") => time::now(shared, &chosen),
        (&Method::POST, "advance") => time::advance(shared, &chosen, body),
        (&Method::GET, "faults") => faults::in_force(shared, &chosen),
        (&Method::POST, "faults") => faults::add(shared, &chosen, body),
        (&Method::DELETE, "faults") => faults::clear(shared, &chosen),
        (&Method::POST, "images") => images::push(shared, &chosen, body),
        (&Method::POST, "utilization") => utilization::set(shared, &chosen, body),
        (&Method::GET, "ports") => look::ports(shared, &chosen),
        (&Method::GET, "picture") => look::picture(shared, &chosen),
        (&Method::GET, "calls") => look::calls(shared, &chosen),
        (&Method::GET, "events") => look::events(shared, &chosen),
        (&Method::GET, "violations") => look::violations(shared, &chosen),
        (&Method::GET, "snapshot") => whole::snapshot(shared, &chosen),
        (&Method::POST, "restore") => whole::restore(shared, body),
        (&Method::POST, "reset") => whole::reset(shared, &chosen),
        (method, path) => Err(unknown(method, path)),
    }
}

/// 405 when only the method is wrong.
fn unknown(method: &Method, path: &str) -> Refusal {
    let mut names = EXISTING.iter().filter_map(|call| call.split_once(' '));
    let status = match names.any(|(_, name)| name == path) {
        true => StatusCode::METHOD_NOT_ALLOWED,
        false => StatusCode::NOT_FOUND,
    };
    Refusal {
        status,
        error: format!("there is no {method} {PREFIX}{path}"),
        exists: &EXISTING,
    }
}
