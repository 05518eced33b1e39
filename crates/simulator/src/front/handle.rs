//! One request from arrival to reply: recognise, count, strike with faults, throttle, dispatch. Synchronous and without
//! transport, so that an SDK's connector and a TCP server can share it.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, HOST};
use http::{HeaderMap, Request, Response};

use crate::base::error::UNSERVED_MEMBER;
use crate::base::here::here;
use crate::base::not_implemented;
use crate::front::call_fate::{Fate, fate};
use crate::front::caller_trouble::trouble;
use crate::front::modelled::{Modelled, UNKNOWN_OPERATIONS, Written, hold_s3, serve_of, told};
use crate::front::{Call, Protocol, Service, late, refusal, reply, sqs_query, stale};
use crate::services::{s3, sqs};
use crate::wire::{Form, RestRequest, cbor, json};
use crate::world::ClientsClock;
use crate::{ApiError, CallFault, CallerFault, Millis, World};

/// There is no reply yet, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoReply {
    /// The connection broke: the client sees no reply. Whether the request took effect is not said, as in life.
    #[error("connection reset by peer")]
    Dropped {
        /// Virtual milliseconds until the client notices.
        after_ms: Millis,
    },
    /// The request is still on its way: [`late::reply_to`] this number answers it then.
    #[error("the request is on its way")]
    Held {
        /// Among requests on their way.
        number: u64,
        /// Virtual milliseconds until it arrives.
        after_ms: Millis,
    },
}

impl NoReply {
    /// Virtual milliseconds until the client notices, or the request arrives.
    pub(crate) fn after_ms(self) -> Millis {
        match self {
            Self::Dropped { after_ms } | Self::Held { after_ms, .. } => after_ms,
        }
    }
}

/// In a response's extensions: the transport gives the reply only after this many virtual milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReplyDelay(pub(crate) Millis);

/// Answers one request of any simulated service. The world must have been advanced to virtual now.
pub(crate) fn handle(
    world: &mut World,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, NoReply> {
    match Call::recognise(&request) {
        Ok(call) => answer(world, &call, request),
        Err(unknown) => {
            let request_id = world.throttle.next_request_id();
            let message = format!("the simulator does not implement {unknown}");
            let response = reply::unknown(&message);
            Ok(reply::identify(response, &request_id, world.now_ms))
        }
    }
}

/// Answers a request whose call is known. The world must have been advanced to virtual now.
pub(crate) fn answer(
    world: &mut World,
    call: &Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, NoReply> {
    let request_id = world.throttle.next_request_id();
    *world.calls.entry(call.name()).or_default() += 1;
    let text = fault_text(world, call, &request);
    stale::remember(world);
    let fate = fate_of(world, call, &text);
    let usual_ms = world.throttle.usual_latency_ms(world.weather);
    let delay_ms = fate.latency_ms.saturating_add(usual_ms);
    meet_at_door(world, call, &request);
    if let Some(ms) = polled_for(world, call, &request).filter(|_| fate.fault.is_none()) {
        let after_ms = delay_ms.saturating_add(ms);
        let number = late::hold(world, request, after_ms);
        return Err(NoReply::Held { number, after_ms });
    }
    if let Some(CallFault::Held(ms)) = fate.fault {
        let after_ms = delay_ms.saturating_add(ms);
        let number = late::hold(world, request, after_ms);
        return Err(NoReply::Held { number, after_ms });
    }
    let response = suffer(world, call, request, fate, &request_id)
        .ok_or(NoReply::Dropped { after_ms: delay_ms })?;
    stale::remember(world);
    let mut response = reply::identify(response, &request_id, world.now_ms);
    response.extensions_mut().insert(ReplyDelay(delay_ms));
    Ok(response)
}

/// Where SQS was asked, unless that is AWS's own name for it: the URLs of queues lead there.
fn meet_at_door(world: &mut World, call: &Call, request: &Request<Bytes>) {
    if call.service == Service::Sqs {
        let host = request.headers().get(HOST);
        let host = host.and_then(|host| host.to_str().ok());
        let host = host.filter(|host| !host.contains(".amazonaws."));
        world.sqs.door = host.map(str::to_owned);
    }
}

/// For how long a long poll of SQS waits: it is served when a message becomes visible, or when its time is over.
fn polled_for(world: &World, call: &Call, request: &Request<Bytes>) -> Option<Millis> {
    if call.service != Service::Sqs || call.operation != "ReceiveMessage" {
        return None;
    }
    let input = match call.protocol {
        Protocol::Query => sqs_query::input(request),
        _ => json::body(request.body()).ok()?,
    };
    sqs::waits_ms(&world.sqs, world.now_ms, &input)
}

/// What happens to a call: what is for it, unless its caller is in trouble.
pub(super) fn fate_of(world: &mut World, call: &Call, text: &str) -> Fate {
    let faults = &mut world.faults;
    let fate = fate(&mut faults.calls, &mut faults.struck, call, text);
    let fault = match trouble(&mut faults.callers, &mut faults.struck, call, world.now_ms) {
        Some(CallerFault::Expired) => Some(CallFault::Expired),
        Some(CallerFault::CutOff) => Some(CallFault::ConnectionReset),
        None => fate.fault,
    };
    Fate { fault, ..fate }
}

/// Serves the call as its fate has it; `None` when the connection breaks.
fn suffer(
    world: &mut World,
    call: &Call,
    request: Request<Bytes>,
    fate: Fate,
    request_id: &str,
) -> Option<Response<Bytes>> {
    let refuse = |error: ApiError| Some(reply::error(call, &error, request_id));
    match fate.fault {
        // What is held has no fate before it arrives.
        None | Some(CallFault::Latency(_) | CallFault::Held(_)) => {
            Some(admit(world, call, request, request_id))
        }
        Some(CallFault::Throttle) => {
            world.throttle.refused(call);
            refuse(refusal::throttled(call.service))
        }
        Some(CallFault::Deny) => refuse(refusal::denied(call, world)),
        Some(CallFault::Expired) => refuse(refusal::expired(call.service)),
        Some(CallFault::ServerError) => refuse(refusal::server_error(call.service)),
        Some(CallFault::ConnectionReset) => None,
        Some(CallFault::ReplyLost) => {
            admit(world, call, request, request_id);
            None
        }
        Some(CallFault::Late(ms)) => {
            late::hold(world, request, ms);
            None
        }
        Some(CallFault::StaleRead(age_ms)) => Some(stale::with_stale(world, age_ms, |world| {
            admit(world, call, request, request_id)
        })),
    }
}

/// Dispatches the call unless its bucket is empty (ecs-semantics F2).
pub(super) fn admit(
    world: &mut World,
    call: &Call,
    request: Request<Bytes>,
    request_id: &str,
) -> Response<Bytes> {
    if !world.throttle.admits(call, world.now_ms) {
        world.throttle.refused(call);
        return reply::error(call, &refusal::throttled(call.service), request_id);
    }
    match dispatch(world, call, request, request_id) {
        Ok(reply) => reply,
        Err(error) if error.code == UNSERVED_MEMBER => {
            let error = ApiError {
                code: "NotImplemented",
                ..error
            };
            let mut reply = reply::error(call, &error, request_id);
            reply.extensions_mut().insert(Unserved::Member);
            reply
        }
        Err(error) => {
            let mut reply = reply::error(call, &error, request_id);
            if UNKNOWN_OPERATIONS.contains(&error.code) {
                reply.extensions_mut().insert(Unserved::Operation);
            }
            reply
        }
    }
}

/// In a response's extensions: what of the request is not served here, where its status does not say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unserved {
    /// AWS does not have the operation, as far as is known here.
    Operation,
    /// A member or a value of an operation whose subject lives here.
    Member,
}

fn dispatch(
    world: &mut World,
    call: &Call,
    request: Request<Bytes>,
    request_id: &str,
) -> Result<Response<Bytes>, ApiError> {
    let operation = call.operation.as_str();
    let serve = match call.service {
        Service::S3 => {
            let mut request = request;
            if world.clients_clock == ClientsClock::Ours {
                request.extensions_mut().insert(s3::ByOurClock);
            }
            let asked = s3::Asked::of(&request, world.now_ms);
            let expired = || {
                s3::presigned_refusal(&request, world.now_ms)
                    .filter(|_| world.clients_clock == ClientsClock::Ours)
            };
            let refused = match request.extensions().get::<s3::Anonymous>() {
                Some(s3::Anonymous) => s3::anonymous_refusal(&world.s3, &request),
                None => expired(),
            };
            let served = match (refused, world.without_destination(&asked)) {
                (Some(refused), _) => Err(refused),
                (None, Some(refused)) => Ok(refused),
                (None, None) => s3::serve(&mut here!(world.s3), request),
            };
            let served = served.unwrap_or_else(|error| reply::error(call, &error, request_id));
            let mut told = s3::tell_more(served, &asked, &world.s3, request_id);
            hold_s3(call, asked.request(), &told);
            s3::allow_origin(&world.s3, asked.request(), &mut told);
            world.carry_notices(&asked, &told, request_id);
            return Ok(reply::from_s3(told, request_id));
        }
        service => serve_of(service).ok_or_else(|| not_implemented(&call.name()))?,
    };
    let modelled = Modelled::of(call)?;
    let input = modelled.read(written(call, &modelled, &request)?)?;
    let told = |error| told(call, error);
    if call.service == Service::Ecs
        && let Some(text) = crate::services::ecs::written(world, operation, &input)
    {
        let text = text.map_err(told)?;
        if cfg!(debug_assertions) {
            modelled.hold(operation, &json::body(&text)?);
        }
        return Ok(reply::json_text(text));
    }
    if call.service == Service::Ecr && operation == "GetDownloadUrlForLayer" {
        let host = request.headers().get(HOST);
        let host = host
            .and_then(|host| host.to_str().ok())
            .unwrap_or("localhost");
        let url =
            crate::services::ecr::download_url(&here!(world.ecr), &input, host).map_err(told)?;
        modelled.hold(operation, &url);
        return Ok(reply::json(&url));
    }
    let answer = serve(world, operation, &input).map_err(told)?;
    modelled.hold(operation, &answer);
    Ok(reply::answer(call, &modelled, answer, request_id))
}

/// The input as it came.
fn written(
    call: &Call,
    modelled: &Modelled,
    request: &Request<Bytes>,
) -> Result<Written, ApiError> {
    uncompressed(request.headers())?;
    Ok(match call.protocol {
        Protocol::Cbor => Written::Tree(cbor_body(request.body())?),
        Protocol::Query if call.service == Service::Sqs => Written::Tree(sqs_query::input(request)),
        Protocol::Query => Written::Form(Form::parse(request.body())),
        Protocol::Json10 | Protocol::Json11 => Written::Tree(json::body(request.body())?),
        Protocol::RestXml => {
            let route = modelled.model.route(&call.operation);
            let route = route.ok_or_else(|| not_implemented(&call.name()))?;
            Written::Rest(RestRequest::of(request, route))
        }
        Protocol::RestJson => {
            let route = modelled.model.route(&call.operation);
            let route = route.ok_or_else(|| not_implemented(&call.name()))?;
            Written::RestJson(RestRequest::of(request, route))
        }
    })
}

/// SDKs compress large bodies of PutMetricData (the trait `requestCompression` [MODEL]), which nobody here can read.
fn uncompressed(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(CONTENT_ENCODING) {
        None => Ok(()),
        Some(encoding) => Err(ApiError::client(
            "SerializationException",
            format!("the simulator does not read bodies that are compressed: {encoding:?}"),
        )),
    }
}

/// The body of a CBOR request; an empty one has no members.
fn cbor_body(bytes: &[u8]) -> Result<serde_json::Value, ApiError> {
    if bytes.is_empty() {
        return json::body(bytes);
    }
    cbor::decode(bytes)
        .map_err(|error| ApiError::client("SerializationException", error.to_string()))
}

/// What `containing` of a call fault is looked for in: only built when some fault asks.
pub(super) fn fault_text(world: &World, call: &Call, request: &Request<Bytes>) -> String {
    if world
        .faults
        .calls
        .iter()
        .all(|active| active.containing.is_none())
    {
        return String::new();
    }
    let body = String::from_utf8_lossy(request.body());
    let uri = request.uri().to_string();
    let decoded = match call.protocol {
        Protocol::Query => url::form_urlencoded::parse(request.body())
            .map(|(_, value)| value)
            .collect(),
        Protocol::Json10
        | Protocol::Json11
        | Protocol::Cbor
        | Protocol::RestJson
        | Protocol::RestXml => String::new(),
    };
    format!("{uri}\n{body}\n{decoded}")
}
