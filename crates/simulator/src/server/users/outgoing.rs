//! A request as a target gets it: without what is between two neighbours, with what the load balancer says of its client.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use http::header::{
    CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderValue, Method, Request};
use sha2::{Digest, Sha256};

use super::Users;
use super::body::UserBody;
use crate::Millis;
use crate::services::elb::{BalancerKind, ClientPort, Manner};
use crate::world::data_plane::Passage;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Headers that are for the next neighbour only (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    EXPECT,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Takes away what is not for whoever comes next; what Connection names, too.
pub(super) fn without_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in HOP_BY_HOP.into_iter().chain(named) {
        headers.remove(name);
    }
}

/// Who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) ip: IpAddr,
    /// Where it is known.
    pub(super) port: Option<u16>,
}

/// The request of a passage.
pub(super) fn outgoing(
    passage: &Passage,
    mut headers: HeaderMap,
    client: Client,
    trace_id: String,
    body: UserBody,
) -> Option<Request<UserBody>> {
    without_hop_by_hop(&mut headers);
    let visit = &passage.visit;
    if !headers.contains_key(HOST) {
        headers.insert(HOST, HeaderValue::try_from(visit.host.as_str()).ok()?);
    }
    forward(&mut headers, &passage.manner, client);
    if passage.manner.kind == BalancerKind::Application {
        trace(&mut headers, trace_id);
    }
    let target = match visit.query.as_str() {
        "" => visit.path.clone(),
        query => format!("{}?{query}", visit.path),
    };
    let mut request = Request::new(body);
    *request.method_mut() = Method::try_from(visit.method.as_str()).ok()?;
    *request.uri_mut() = target.parse().ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

/// X-Forwarded-For as the attribute `routing.http.xff_header_processing.mode` says; protocol and port are always the listener's
/// ([DOC] HTTP headers and Application Load Balancers). A network load balancer reads no request.
fn forward(headers: &mut HeaderMap, manner: &Manner, client: Client) {
    if manner.kind == BalancerKind::Network {
        return;
    }
    match manner.forwarded_for.as_str() {
        "preserve" => {}
        "remove" => drop(headers.remove(FORWARDED_FOR)),
        _ => {
            let told = told_addresses(headers);
            let own = match (manner.client_port, client.port) {
                (ClientPort::Told, Some(port)) => with_port(client.ip, port),
                (ClientPort::Told, None) | (ClientPort::Untold, _) => client.ip.to_string(),
            };
            let all = told.into_iter().chain([own]).collect::<Vec<_>>().join(", ");
            set(headers, FORWARDED_FOR, &all);
        }
    }
    set(headers, FORWARDED_PROTO, &manner.scheme);
    set(headers, FORWARDED_PORT, &manner.port.to_string());
}

/// The addresses that a request names already.
pub(super) fn told_addresses(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(FORWARDED_FOR).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|address| address.trim().to_owned())
        .filter(|address| !address.is_empty())
        .collect()
}

fn with_port(ip: IpAddr, port: u16) -> String {
    match ip {
        IpAddr::V4(ip) => format!("{ip}:{port}"),
        IpAddr::V6(ip) => format!("[{ip}]:{port}"),
    }
}

/// Without the header a Root is made; one that has a Root gets a Self before it, instead of the Self that it has ([DOC] Request
/// tracing for your Application Load Balancer).
fn trace(headers: &mut HeaderMap, id: String) {
    let there = headers.get(TRACE_ID).and_then(|value| value.to_str().ok());
    let fields: Vec<&str> = there
        .unwrap_or_default()
        .split(';')
        .map(str::trim)
        .filter(|field| !field.is_empty() && !field.starts_with("Self="))
        .collect();
    let has_root = fields.iter().any(|field| field.starts_with("Root="));
    let own = match has_root {
        true => format!("Self={id}"),
        false => format!("Root={id}"),
    };
    let all: Vec<&str> = std::iter::once(own.as_str()).chain(fields).collect();
    set(headers, TRACE_ID, &all.join(";"));
}

fn set(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}

impl Users {
    /// `1-TIME-ID`: eight and 24 hexadecimal digits. No chance is in it: they are different within a server.
    pub(super) fn trace_id(&self, now_ms: Millis) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let digest = Sha256::digest(format!("{now_ms}/{number}"));
        let id: String = digest
            .iter()
            .take(12)
            .map(|it| format!("{it:02x}"))
            .collect();
        format!("1-{:08x}-{id}", (now_ms / 1_000) & 0xffff_ffff)
    }
}

#[cfg(test)]
mod tests;
