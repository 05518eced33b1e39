//! What nobody here serves. The one place that decides about it: an upstream gets it, or it is refused by its name.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{Either, Full};

use super::halves;
use super::request::{SERVED_BY, Shared};
use super::upstream::{Passing, Upstream};
use crate::front::unknown;
use crate::wire::{Form, Xml};
use crate::wire::{Scope, host};

/// Forwards a request of an API that is not simulated; refuses it when there is no upstream.
pub(super) async fn of_unknown_service(
    shared: &Shared,
    request: Request<Bytes>,
) -> Response<Passing> {
    if let Some(message) = halves::of_a_stack(&request, &shared.worlds)
        && shared.upstream.is_some()
    {
        return refused(&request, &name(&request), &message)
            .map(Full::new)
            .map(Either::Left);
    }
    match &shared.upstream {
        Some(upstream) => forward(shared, upstream, request.map(Full::new).map(Either::Left)).await,
        None => refusal(&request).map(Full::new).map(Either::Left),
    }
}

/// Sends a request to the upstream, whose reply says so.
pub(super) async fn forward(
    shared: &Shared,
    upstream: &Upstream,
    request: Request<Passing>,
) -> Response<Passing> {
    let answered = upstream.forward(request).await;
    let status = answered.as_ref().ok().map(Response::status);
    shared.traffic.count(status);
    match answered {
        Ok(mut reply) => {
            let served_by = HeaderValue::from_static("upstream");
            reply.headers_mut().insert(SERVED_BY, served_by);
            reply.map(Either::Right)
        }
        Err(unreachable) => {
            let mut reply = unknown(&unreachable.to_string());
            *reply.status_mut() = StatusCode::BAD_GATEWAY;
            reply.map(Full::new).map(Either::Left)
        }
    }
}

/// In the form that the client's protocol can read.
fn refusal(request: &Request<Bytes>) -> Response<Bytes> {
    let name = name(request);
    let message = format!("the simulator does not implement {name}");
    refused(request, &name, &message)
}

fn refused(request: &Request<Bytes>, name: &str, message: &str) -> Response<Bytes> {
    if !is_form(request) && !name.starts_with("route53") {
        return unknown(message);
    }
    let error = Xml::new()
        .text("Type", "Receiver")
        .text("Code", "NotImplemented")
        .text("Message", message);
    // EC2 has an error of its own shape.
    let body = if name.starts_with("ec2.") {
        let errors = Xml::new().nested("Error", &error);
        Xml::new()
            .nested("Errors", &errors)
            .document("Response", "")
    } else {
        Xml::new()
            .nested("Error", &error)
            .document("ErrorResponse", "")
    };
    let mut reply = unknown("").map(|_| Bytes::from(body));
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    reply
}

/// `service.Operation`, as well as it can be known: from the signature, X-Amz-Target, Action, or method and path.
fn name(request: &Request<Bytes>) -> String {
    let scope = Scope::of(request);
    let service = match scope.as_ref().and_then(Scope::service) {
        Some(service) => service.to_owned(),
        None => format!("host {:?}:", host(request)),
    };
    let target = request.headers().get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok()?.rsplit('.').next());
    let form = is_form(request).then(|| Form::parse(request.body()));
    let action = form.as_ref().and_then(|form| form.text("Action"));
    match target.or(action) {
        Some(operation) => format!("{service}.{operation}"),
        None => format!("{service} {} {}", request.method(), request.uri().path()),
    }
}

fn is_form(request: &Request<Bytes>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    content_type
        .and_then(|content_type| content_type.to_str().ok())
        .is_some_and(|content_type| content_type.starts_with("application/x-www-form-urlencoded"))
}
