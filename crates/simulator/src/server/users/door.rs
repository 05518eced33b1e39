//! One open port: its connections, and what a load balancer refuses before it looks at its rules.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use http::header::{DATE, HOST, HeaderMap};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use super::answer::{Asking, answer};
use super::body::{UserBody, full, incoming};
use super::hosts::{meant, response};
use super::outgoing::told_addresses;
use super::pass::size;
use super::ports::{Opened, WebDoor};
use super::{Lifetime, said};
use crate::base::visit::Visit;
use crate::server::listen::pause;
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::wire::http_date;

/// "16 K per single header, or 64 K for the entire request header" ([DOC] Troubleshoot your Application Load Balancers, HTTP 413).
const LARGEST_LINE: usize = 16 * 1024;
const LARGEST_HEADER: usize = 64 * 1024;
/// "The upper limit for IP addresses is 30" (the same, HTTP 463).
const MOST_ADDRESSES: usize = 30;

/// Accepts connections until the door is closed or the server stops.
pub(super) async fn attend(opened: Opened, shared: Arc<Shared>, lifetime: Lifetime) {
    let Opened {
        door,
        listener,
        closed,
    } = opened;
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let door = Arc::new(door);
    let mut ended = pin!(async {
        tokio::select! {
            () = said(closed) => {}
            () = said(lifetime.stopped.clone()) => {}
        }
    });
    loop {
        tokio::select! {
            () = &mut ended => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let (door, shared) = (Arc::clone(&door), Arc::clone(&shared));
                    tokio::spawn(connection(stream, client, door, shared, lifetime.clone()));
                }
                Err(_) => pause().await,
            },
        }
    }
}

async fn connection(
    stream: TcpStream,
    client: SocketAddr,
    door: Arc<WebDoor>,
    shared: Arc<Shared>,
    lifetime: Lifetime,
) {
    let Lifetime {
        stopped,
        alive: _alive,
    } = lifetime;
    // Without it small answers wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let (door, shared) = (Arc::clone(&door), Arc::clone(&shared));
        async move { Ok::<_, Infallible>(serve(&shared, &door, client, request).await) }
    });
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    // How it ends is the client's matter.
    let _ = tokio::select! {
        ended = &mut connection => ended,
        () = said(stopped) => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
}

async fn serve(
    shared: &Arc<Shared>,
    door: &WebDoor,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Response<UserBody> {
    let mut reply = match meant(shared, door, &request, client.ip()) {
        Some((slot, visit)) => answered(shared, slot, visit, client, request).await,
        None => gone(),
    };
    let headers = reply.headers_mut();
    if !headers.contains_key(DATE) {
        headers.insert(DATE, http_date(shared.clock.now_ms()));
    }
    reply
}

async fn answered(
    shared: &Arc<Shared>,
    slot: Arc<Slot>,
    visit: Visit,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Response<UserBody> {
    if let Some(status) = refusal(&request) {
        let refused = slot.at(shared.clock.now_ms(), |inhabited| {
            let world = &mut inhabited.world;
            let is_balancers = world.is_for_balancer(&visit);
            is_balancers.then(|| world.own_answer(&visit, status))
        });
        if let Some(refused) = refused {
            return response(refused);
        }
    }
    let (head, body) = request.into_parts();
    let asking = Asking {
        headers: head.headers,
        body: incoming(body),
        port: Some(client.port()),
    };
    match answer(shared, &slot, &visit, asking).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(_)) => gone(),
        Err(broken) => broken.reply().map(full),
    }
}

/// What a load balancer answers whatever its rules say ([DOC] Troubleshoot your Application Load Balancers).
fn refusal(request: &Request<Incoming>) -> Option<u16> {
    let headers: &HeaderMap = request.headers();
    let is_long = |length: usize| length > LARGEST_LINE;
    let mut lines = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4);
    let uri = request.uri().path_and_query();
    let found = [
        // "The client sent a malformed request that does not meet the HTTP specification."
        (
            request.version() == Version::HTTP_11 && !headers.contains_key(HOST),
            400,
        ),
        // "The client used the TRACE method, which is not supported by Application Load Balancers."
        (request.method() == Method::TRACE, 405),
        (lines.any(is_long) || size(headers) > LARGEST_HEADER, 413),
        // "The request URL or query string parameters are too large."
        (uri.is_some_and(|uri| is_long(uri.as_str().len())), 414),
        (told_addresses(headers).len() > MOST_ADDRESSES, 463),
    ];
    found
        .iter()
        .find(|(holds, _)| *holds)
        .map(|(_, status)| *status)
}

/// What was behind the door has gone in this moment.
fn gone() -> Response<UserBody> {
    let mut reply = Response::new(full("nobody is here any more".into()));
    *reply.status_mut() = StatusCode::BAD_GATEWAY;
    reply
}
