//! Faults at a call that arrives in another protocol than AWS's own: Docker's. It is counted, delayed and refused like any other.

use crate::front::call_fate::fate;
use crate::front::caller_trouble::trouble;
use crate::front::{Call, refusal};
use crate::{ApiError, CallFault, CallerFault, Millis, World};

/// What happens to a call before it reaches its service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Struck {
    /// Its reply takes so long.
    pub(crate) delay_ms: Millis,
    pub(crate) by: Option<Blow>,
}

/// How a call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    Refused(ApiError),
    /// The connection breaks before the call had its effect.
    Dropped,
    /// It breaks afterwards.
    ReplyLost,
}

/// Counts a call and takes from the faults in force what is for it. Such a request cannot be kept for later: `late` breaks the
/// connection without the effect, `held` delays the reply.
pub(crate) fn strike(world: &mut World, call: &Call, text: &str) -> Struck {
    *world.calls.entry(call.name()).or_default() += 1;
    let faults = &mut world.faults;
    let fate = fate(&mut faults.calls, &mut faults.struck, call, text);
    let usual_ms = world.throttle.usual_latency_ms(world.weather);
    let mut delay_ms = fate.latency_ms.saturating_add(usual_ms);
    let faults = &mut world.faults;
    let cut_off = trouble(&mut faults.callers, &mut faults.struck, call, world.now_ms);
    let by = match fate.fault {
        // A registry's token outlives the credentials that it was asked for with.
        _ if cut_off == Some(CallerFault::CutOff) => Some(Blow::Dropped),
        None | Some(CallFault::Latency(_) | CallFault::StaleRead(_)) => None,
        Some(CallFault::Held(ms)) => {
            delay_ms = delay_ms.saturating_add(ms);
            None
        }
        Some(CallFault::Throttle) => {
            world.throttle.refused(call);
            Some(Blow::Refused(refusal::throttled(call.service)))
        }
        Some(CallFault::Deny) => Some(Blow::Refused(refusal::denied(call, world))),
        Some(CallFault::Expired) => Some(Blow::Refused(refusal::expired(call.service))),
        Some(CallFault::ServerError) => Some(Blow::Refused(refusal::server_error(call.service))),
        Some(CallFault::ConnectionReset | CallFault::Late(_)) => Some(Blow::Dropped),
        Some(CallFault::ReplyLost) => Some(Blow::ReplyLost),
    };
    Struck { delay_ms, by }
}
