//! What a request comes to in its world: an answer, or a way to a target. What an edge lacks for its own answer is fetched first.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body_util::{BodyExt, Limited};

use super::body::{UserBody, empty};
use super::flight::Flight;
use super::hosts::{readable, response};
use super::outgoing::{Client, outgoing};
use super::pass::carry;
use crate::WebReply;
use crate::base::visit::Visit;
use crate::server::neighbour;
use crate::server::registry::Slot;
use crate::server::request::{Shared, Unanswered, guarded};
use crate::world::data_plane::{Passage, Viewed};

/// What an edge may lack for one answer: an object, its error page, and one that a second behaviour has.
const MOST: usize = 4;
/// What an edge keeps.
const LARGEST_AT_EDGE: usize = 256 * 1024 * 1024;

/// A request, apart from what the world sees of it.
pub(in crate::server) struct Asking {
    pub(in crate::server) headers: HeaderMap,
    pub(in crate::server) body: UserBody,
    /// The client's port, where it is known.
    pub(in crate::server) port: Option<u16>,
}

/// Answers a user in one world; gives the request back when nobody there has the host name.
pub(in crate::server) async fn answer(
    shared: &Arc<Shared>,
    slot: &Arc<Slot>,
    visit: &Visit,
    asking: Asking,
) -> Result<Result<Response<UserBody>, Asking>, Unanswered> {
    let mut fetched = BTreeMap::new();
    let mut passed = BTreeMap::new();
    loop {
        let had = fetched.len() + passed.len();
        let look = || {
            slot.at(shared.clock.now_ms(), |inhabited| {
                let world = &mut inhabited.world;
                world.elsewhere.fetched = std::mem::take(&mut fetched);
                world.elsewhere.passed = std::mem::take(&mut passed);
                let viewed = world.visited(visit);
                fetched = std::mem::take(&mut world.elsewhere.fetched);
                passed = std::mem::take(&mut world.elsewhere.passed);
                let wanted = world.elsewhere.wanted.take();
                let passage = world.elsewhere.passage.take().filter(|_| had < MOST);
                let through = match &viewed {
                    Some(Viewed::Passage(through)) => Some(through),
                    Some(Viewed::Answer(_)) | None => None,
                };
                if let Some(begun) = passage.as_ref().or(through) {
                    world.elb.begin_passage(&begun.backend);
                }
                (viewed, wanted, passage)
            })
        };
        let (viewed, wanted, passage) = guarded(look)?;
        if let Some(passage) = passage {
            let line = passage.visit.line();
            passed.insert(line, for_edge(Flight::begun(shared, slot, passage)).await);
            continue;
        }
        if let (Some(wanted), Some(upstream)) = (wanted, &shared.upstream)
            && had < MOST
        {
            let object = neighbour::object(shared, upstream, slot, &wanted).await;
            fetched.insert(wanted, object);
            continue;
        }
        return Ok(match viewed {
            None => Err(asking),
            Some(Viewed::Answer(reply)) => {
                let reply = reply.given_to(visit);
                if !reply.after.is_zero() {
                    shared.clock.wait(reply.after).await;
                }
                Ok(response(reply))
            }
            Some(Viewed::Passage(passage)) => {
                let flight = Flight::begun(shared, slot, passage);
                Ok(for_viewer(flight, asking).await)
            }
        });
    }
}

async fn for_viewer(flight: Flight, asking: Asking) -> Response<UserBody> {
    let headers = as_sent(asking.headers, flight.passage());
    carried(flight, headers, asking.port, asking.body).await
}

/// The viewer's headers, those that are no text among them; where an edge has made another request of it, that one's.
fn as_sent(viewers: HeaderMap, passage: &Passage) -> HeaderMap {
    let sent = &passage.visit.headers;
    let is_same = readable(&viewers) == *sent;
    if is_same { viewers } else { headers_of(sent) }
}

/// The whole answer of a target to an edge.
async fn for_edge(flight: Flight) -> WebReply {
    let headers = headers_of(&flight.passage().visit.headers);
    let reply = carried(flight, headers, None, empty()).await;
    let (head, body) = reply.into_parts();
    // What breaks off is not kept ([DOC] HTTP 502 status code, bad gateway).
    let body = Limited::new(body, LARGEST_AT_EDGE).collect().await;
    let (status, body) = match body {
        Ok(body) => (head.status.as_u16(), body.to_bytes()),
        Err(_) => (502, Bytes::new()),
    };
    WebReply {
        status,
        headers: readable(&head.headers),
        body,
        after: std::time::Duration::ZERO,
    }
}

async fn carried(
    mut flight: Flight,
    headers: HeaderMap,
    port: Option<u16>,
    body: UserBody,
) -> Response<UserBody> {
    let shared = flight.shared();
    let trace_id = shared.users.trace_id(shared.clock.now_ms());
    let ip = flight.passage().visit.source_ip;
    let client = Client { ip, port };
    match outgoing(flight.passage(), headers, client, trace_id, body) {
        Some(request) => carry(flight, request).await,
        // Its path or its host is none.
        None => response(flight.failed(400)),
    }
}

fn headers_of(texts: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in texts {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    headers
}
