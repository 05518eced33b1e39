//! One call of an AWS API: which world it is for, its answer there, the time that takes.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;

use super::clock::Pace;
use super::journal::CallRecord;
use super::layers::bring_in;
use super::registry::{NoWorld, Slot, is_account};
use super::request::{Shared, guarded, whole};
use super::upstream::Passing;
use super::{halves, neighbour, unserved};
use crate::Millis;
use crate::front::{Call, NoReply, Protocol, ReplyDelay, Service, Unserved, reply_to};
use crate::services::s3::{self, bucket_of};
use crate::wire::Scope;
use crate::world::ClientsClock;

/// Answers a call; an error means that the connection has to break.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Passing>, NoReply> {
    if let Some(upstream) = &shared.upstream {
        match Call::service_of(&request) {
            // A template may name what is kept here.
            Err(service) if service == "cloudformation" => {
                return Ok(match whole(request).await {
                    Ok(request) => unserved::of_unknown_service(shared, request).await,
                    Err(unread) => ours(unread.reply()),
                });
            }
            // Nobody here has to read it: its body goes on as it comes.
            Err(_) => {
                let request = request.map(Either::Right);
                return Ok(unserved::forward(shared, upstream, request).await);
            }
            Ok(service) if shared.worlds.is_elsewhere(service) => {
                return neighbour::on(shared, upstream, service, request).await;
            }
            Ok(_) => {}
        }
    }
    let mut request = match whole(request).await {
        Ok(request) => request,
        Err(unread) => return Ok(ours(unread.reply())),
    };
    let known = Call::recognise(&request).ok();
    let Some(call) = known.or_else(|| unsigned(shared, &mut request)) else {
        return Ok(unserved::of_unknown_service(shared, request).await);
    };
    // One that is unsigned says in its body which service it is for.
    if let Some(upstream) = &shared.upstream
        && shared.worlds.is_elsewhere(call.service)
    {
        return neighbour::whole_on(shared, upstream, request).await;
    }
    let again = shared
        .upstream
        .as_ref()
        .map(|upstream| (upstream, request.clone()));
    let slot = match shared.forwards() {
        true => slot_of(shared, &call, &request, shared.clock.now_ms()).ok(),
        false => None,
    };
    if let Some(slot) = &slot {
        neighbour::before(shared, slot, &call).await;
    }
    let reply = here(shared, &call, request).await;
    if let Some(slot) = &slot {
        neighbour::carry(shared, slot).await;
    }
    let reply = reply?;
    match again {
        Some((upstream, request)) if is_for_others(&reply) && !halves::is_half(&call) => {
            let request = request.map(Full::new).map(Either::Left);
            Ok(unserved::forward(shared, upstream, request).await)
        }
        _ => Ok(ours(reply)),
    }
}

/// A request that nobody has signed, and that names a bucket of ours: `curl http://127.0.0.1:4577/BUCKET/KEY`, or a browser's.
fn unsigned(shared: &Shared, request: &mut Request<Bytes>) -> Option<Call> {
    if Scope::of(request).is_some() {
        return None;
    }
    let bucket = s3::named_bucket(request)?;
    let here = shared.worlds.slot(None, None, shared.clock.now_ms()).ok()?;
    let is_ours = here.at(0, |inhabited| inhabited.world.s3.has(&bucket))
        || shared.worlds.with_bucket(None, None, &bucket).is_some();
    if !is_ours {
        return None;
    }
    request.extensions_mut().insert(s3::Anonymous);
    Some(Call {
        service: Service::S3,
        protocol: Protocol::RestXml,
        operation: s3::operation(request),
    })
}

/// What is not served here at all; whoever knows the subject of a call answers for it, also where it knows only half of it.
fn is_for_others(reply: &Response<Bytes>) -> bool {
    match reply.extensions().get::<Unserved>() {
        Some(Unserved::Operation) => true,
        Some(Unserved::Member) => false,
        None => reply.status() == StatusCode::NOT_IMPLEMENTED,
    }
}

pub(super) fn ours(reply: Response<Bytes>) -> Response<Passing> {
    reply.map(Full::new).map(Either::Left)
}

/// Answers a call of a simulated service.
pub(super) async fn here(
    shared: &Shared,
    call: &Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, NoReply> {
    let now_ms = shared.clock.now_ms();
    let slot = match slot_of(shared, call, &request, now_ms) {
        Ok(slot) => slot,
        Err(no_world) => return Ok(refusal(&no_world)),
    };
    let answered = match guarded(|| in_world(shared, &slot, now_ms, call, request)) {
        Ok(answered) => answered,
        Err(broken) => return Ok(broken.reply()),
    };
    if call.service == Service::Ecr && call.operation == "CompleteLayerUpload" {
        // On a disk that is full it stays in its world.
        let _ = bring_in(&shared.layers, &slot);
    }
    let delay_ms = match answered {
        Err(NoReply::Held { number, after_ms }) => {
            let due_ms = now_ms.saturating_add(after_ms);
            return arrived(shared, &slot, number, due_ms).await;
        }
        Err(NoReply::Dropped { after_ms }) => after_ms,
        Ok(ref reply) => reply
            .extensions()
            .get::<ReplyDelay>()
            .map_or(0, |delay| delay.0),
    };
    shared.clock.wait(Duration::from_millis(delay_ms)).await;
    answered
}

/// Waits for a request that is held on its way, as its sender does; in manual time until the control API says so.
async fn arrived(
    shared: &Shared,
    slot: &Slot,
    number: u64,
    due_ms: Millis,
) -> Result<Response<Bytes>, NoReply> {
    shared.clock.until(due_ms).await;
    let answered = guarded(|| {
        slot.at(shared.clock.now_ms(), |inhabited| {
            inhabited.changed = true;
            reply_to(&mut inhabited.world, number)
        })
    });
    match answered {
        Ok(reply) => reply.ok_or(NoReply::Dropped { after_ms: 0 }),
        Err(broken) => Ok(broken.reply()),
    }
}

/// The world is held for this long, and no longer.
fn in_world(
    shared: &Shared,
    slot: &Slot,
    now_ms: Millis,
    call: &Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, NoReply> {
    slot.at(now_ms, |inhabited| {
        inhabited.changed = true;
        inhabited.world.throttle.throttling = shared.throttling;
        inhabited.world.clients_clock = clients_clock(shared.clock.pace(), now_ms);
        let answered = crate::front::answer(&mut inhabited.world, call, request);
        inhabited.journal.add(CallRecord {
            at_ms: inhabited.world.now_ms,
            operation: call.name(),
            status: answered.as_ref().ok().map(|reply| reply.status().as_u16()),
        });
        answered
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the clients' time, which is no simulated one"
)]
/// A world's time is that of its clients where it runs as theirs does, and is about the same.
fn clients_clock(pace: Pace, now_ms: Millis) -> ClientsClock {
    const ABOUT_MS: Millis = 60_000;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let theirs = since
        .ok()
        .and_then(|since| Millis::try_from(since.as_millis()).ok());
    let is_same = theirs.is_some_and(|theirs| theirs.abs_diff(now_ms) < ABOUT_MS);
    match pace {
        Pace::Running(1.0) if is_same => ClientsClock::Ours,
        Pace::Running(_) | Pace::Manual => ClientsClock::Another,
    }
}

/// Twelve digits of an access key id are an account, also behind the `ASIA` of temporary credentials. Global services live in the default Region.
pub(super) fn slot_of(
    shared: &Shared,
    call: &Call,
    request: &Request<Bytes>,
    now_ms: Millis,
) -> Result<Arc<Slot>, NoWorld> {
    let scope = Scope::of(request);
    let key = scope.as_ref().map(Scope::access_key);
    // Credentials that STS has given say whose they are.
    let account = key
        .map(|key| key.strip_prefix("ASIA").unwrap_or(key))
        .filter(|key| is_account(key));
    let region = if call.service.is_global() {
        None
    } else {
        scope.as_ref().and_then(Scope::region)
    };
    // Bucket names are everybody's: one that lies in another Region answers, if only to say so.
    if call.service == Service::S3
        && let Some(slot) = shared
            .worlds
            .with_bucket(account, region, &bucket_of(request))
    {
        return Ok(slot);
    }
    shared.worlds.slot(account, region, now_ms)
}

pub(super) fn refusal(no_world: &NoWorld) -> Response<Bytes> {
    let status = match no_world {
        NoWorld::Account(_) | NoWorld::Region(_) => StatusCode::BAD_REQUEST,
        NoWorld::TooMany => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = Response::new(Bytes::from(no_world.to_string()));
    *response.status_mut() = status;
    response
}
