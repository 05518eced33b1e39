//! Requests that are held on their way: they take effect when they arrive, whether or not their sender still waits.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use serde::{Deserialize, Serialize};

use crate::base::agenda::Due;
use crate::front::handle::admit;
use crate::front::{Call, reply};
use crate::{Millis, World};

/// Requests on their way, and answers to those that have arrived.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct OnTheWay {
    numbered: u64,
    requests: BTreeMap<u64, Sent>,
    /// Until somebody takes them; who waits does not outlive the process.
    #[serde(skip)]
    answers: BTreeMap<u64, Response<Bytes>>,
}

/// A request as it was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sent {
    method: String,
    uri: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

/// Answers that nobody has taken yet, at most: a sender that is gone never does.
const MOST_ANSWERS: usize = 100;

/// Holds a request on its way for so long; its number there.
pub(super) fn hold(world: &mut World, request: Request<Bytes>, for_ms: Millis) -> u64 {
    let due_ms = world.now_ms.saturating_add(for_ms);
    let on_the_way = &mut world.faults.on_the_way;
    on_the_way.numbered += 1;
    let number = on_the_way.numbered;
    on_the_way.requests.insert(number, Sent::from(request));
    world.agenda.add(due_ms, Due::Arrive(number));
    number
}

/// A request arrives: it takes effect now, as it would have when it was sent.
pub(crate) fn arrive(world: &mut World, number: u64) {
    let sent = world.faults.on_the_way.requests.remove(&number);
    let Some(request) = sent.and_then(Sent::request) else {
        return;
    };
    let request_id = world.throttle.next_request_id();
    let response = match Call::recognise(&request) {
        Ok(call) => admit(world, &call, request, &request_id),
        Err(unknown) => reply::unknown(&unknown.to_string()),
    };
    let response = reply::identify(response, &request_id, world.now_ms);
    let answers = &mut world.faults.on_the_way.answers;
    answers.insert(number, response);
    if answers.len() > MOST_ANSWERS {
        answers.pop_first();
    }
}

/// The reply to a request that was held, once its time has come.
pub(crate) fn reply_to(world: &mut World, number: u64) -> Option<Response<Bytes>> {
    arrive(world, number);
    world.faults.on_the_way.answers.remove(&number)
}

impl From<Request<Bytes>> for Sent {
    fn from(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let headers = parts.headers.iter();
        Self {
            method: parts.method.to_string(),
            uri: parts.uri.to_string(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
            body: body.to_vec(),
        }
    }
}

impl Sent {
    /// As it was; nothing when a saved world was changed by hand into what is no request.
    fn request(self) -> Option<Request<Bytes>> {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(self.uri)
            .body(Bytes::from(self.body))
            .ok()?;
        for (name, value) in self.headers {
            let name = HeaderName::try_from(name).ok()?;
            let value = HeaderValue::from_bytes(&value).ok()?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }
}
