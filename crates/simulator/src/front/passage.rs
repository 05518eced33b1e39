//! A call that another server answers: it is counted, and struck by faults, like any other; nothing is throttled here.

use bytes::Bytes;
use http::{Request, Response};

use crate::front::handle::{fate_of, fault_text};
use crate::front::{Call, refusal, reply};
use crate::{CallFault, Millis, World};

/// What becomes of it.
#[derive(Debug)]
pub(crate) enum Passage {
    /// It goes on, after a while; its reply comes back, unless the connection breaks first.
    Through {
        after_ms: Millis,
        delay_ms: Millis,
        reply: Reply,
    },
    /// It never arrives, and is answered here.
    Refused {
        reply: Response<Bytes>,
        delay_ms: Millis,
    },
    /// It never arrives.
    Lost { delay_ms: Millis },
}

/// Whether its sender sees the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It does.
    Given,
    /// The connection breaks after it took effect.
    Lost,
    /// The connection breaks at once: it is still on its way.
    Late,
}

/// Decides about a call; a body that passes through unread is not looked into.
pub(crate) fn passage(world: &mut World, call: &Call, request: &Request<Bytes>) -> Passage {
    let request_id = world.throttle.next_request_id();
    *world.calls.entry(call.name()).or_default() += 1;
    let text = fault_text(world, call, request);
    let fate = fate_of(world, call, &text);
    let delay_ms = fate.latency_ms;
    let through = |after_ms, reply| Passage::Through {
        after_ms,
        delay_ms,
        reply,
    };
    let refused = |error| Passage::Refused {
        reply: reply::identify(
            reply::error(call, &error, &request_id),
            &request_id,
            world.now_ms,
        ),
        delay_ms,
    };
    match fate.fault {
        // What it read before is known to the other server alone.
        None | Some(CallFault::Latency(_) | CallFault::StaleRead(_)) => through(0, Reply::Given),
        Some(CallFault::Held(ms)) => through(ms, Reply::Given),
        Some(CallFault::ReplyLost) => through(0, Reply::Lost),
        Some(CallFault::Late(ms)) => through(ms, Reply::Late),
        Some(CallFault::ConnectionReset) => Passage::Lost { delay_ms },
        Some(CallFault::Throttle) => refused(refusal::throttled(call.service)),
        Some(CallFault::Deny) => refused(refusal::denied(call, world)),
        Some(CallFault::Expired) => refused(refusal::expired(call.service)),
        Some(CallFault::ServerError) => refused(refusal::server_error(call.service)),
    }
}
