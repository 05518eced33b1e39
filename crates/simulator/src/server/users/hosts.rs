//! Who is meant by a request: the host that it names, wherever that is known, else the door it came in by.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};

use super::body::{UserBody, full};
use super::ports::{WebDoor, WebKind};
use crate::WebReply;
use crate::base::here::here;
use crate::base::visit::Visit;
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::services::cloudfront::has_edge;

/// The request as its receiver sees it, and whose world that is in. Nothing when the door's world has gone.
pub(super) fn meant<B>(
    shared: &Shared,
    door: &WebDoor,
    request: &Request<B>,
    client: IpAddr,
) -> Option<(Arc<Slot>, Visit)> {
    let named = host(request).unwrap_or_default();
    let base = Visit {
        method: request.method().to_string(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: readable(request.headers()),
        source_ip: client,
        ..Visit::get(&named, request.uri().path())
    };
    let worlds = shared.worlds.all();
    let (_, own) = worlds
        .iter()
        .find(|(address, _)| *address == door.address)?;
    if !is_loopback(&named) {
        let others = worlds.iter().map(|(_, slot)| slot);
        for slot in std::iter::once(own).chain(others) {
            let known = slot.at(shared.clock.now_ms(), |inhabited| {
                let world = &mut inhabited.world;
                let at_edge =
                    has_edge(&mut here!(world.cloudfront), &named).then_some((443, "https"));
                here!(world.elb).port_for(&named, door.port).or(at_edge)
            });
            if let Some((port, scheme)) = known {
                let visit = Visit {
                    port,
                    scheme: scheme.to_owned(),
                    ..base
                };
                return Some((Arc::clone(slot), visit));
            }
        }
    }
    let hosts = shared.users.ports.hosts(door);
    let own_host = hosts.into_iter().next().unwrap_or_default();
    let host = match door.kind {
        // A load balancer takes any host that is sent to its address.
        WebKind::LoadBalancer if !is_loopback(&named) => named,
        WebKind::LoadBalancer | WebKind::Distribution => own_host,
    };
    let visit = Visit {
        host,
        balancer: door.balancer_arn.clone(),
        port: door.port,
        scheme: door.protocol.to_ascii_lowercase(),
        ..base
    };
    Some((Arc::clone(own), visit))
}

/// Without its port, in small letters.
fn host<B>(request: &Request<B>) -> Option<String> {
    let header = request.headers().get(HOST).and_then(|it| it.to_str().ok());
    let named = request.uri().host().or(header)?;
    let without_port = match named.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => named.split(':').next().unwrap_or(named),
    };
    Some(without_port.to_ascii_lowercase())
}

/// No name, or one of this machine.
fn is_loopback(host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    host.is_empty()
        || host == "localhost"
        || host.ends_with(".localhost")
        || address.is_some_and(|it| it.is_loopback() || it.is_unspecified())
}

/// The headers that are text.
pub(in crate::server) fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    texts.collect()
}

/// A whole answer as it is sent; its length and connection are those of the real one, but for an answer to HEAD.
pub(super) fn response(reply: WebReply) -> Response<UserBody> {
    let has_body = !reply.body.is_empty();
    let mut response = Response::new(full(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in reply.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            continue;
        };
        let is_real =
            [CONNECTION, TRANSFER_ENCODING].contains(&name) || (has_body && name == CONTENT_LENGTH);
        if !is_real {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_are_nobodys() {
        for (named, expected, own) in [
            ("localhost:8080", "localhost", true),
            ("shop.localhost", "shop.localhost", true),
            ("127.0.0.1:1", "127.0.0.1", true),
            ("[::1]:80", "::1", true),
            ("API.example.com:443", "api.example.com", false),
            ("10.0.0.1", "10.0.0.1", false),
        ] {
            let request = Request::builder().header(HOST, named).body(()).unwrap();
            assert_eq!(host(&request).as_deref(), Some(expected));
            assert_eq!(is_loopback(expected), own, "{named}");
        }
    }
}
