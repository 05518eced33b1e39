//! Faults: those in force, new ones, none.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::answer::{Refusal, given, read};
use super::look::Chosen;
use super::time::YEAR_MS;
use crate::server::request::Shared;
use crate::{CallFault, Fault, Millis, TaskFault, Trigger, WorldEvent};

/// AWS's quota of tasks per service.
const MOST_TASKS: u32 = 5_000;

pub(super) fn in_force(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    let faults = slot.at(shared.clock.now_ms(), |inhabited| inhabited.world.faults());
    Ok(given(&json!({ "faults": faults })))
}

/// All of them or none.
pub(super) fn add(
    shared: &Shared,
    chosen: &Chosen,
    body: &Bytes,
) -> Result<Response<Bytes>, Refusal> {
    let faults = match read::<Value>(body)? {
        Value::Array(faults) => faults,
        one => vec![one],
    };
    let faults = faults.into_iter().map(serde_json::from_value::<Fault>);
    let faults: Vec<Fault> = faults.collect::<Result<_, _>>().map_err(Refusal::wrong)?;
    for fault in &faults {
        possible(fault)?;
    }
    let slot = chosen.slot(shared)?;
    slot.at(shared.clock.now_ms(), |inhabited| {
        inhabited.changed = true;
        for fault in faults {
            inhabited.world.add_fault(fault);
        }
    });
    in_force(shared, chosen)
}

pub(super) fn clear(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    slot.at(shared.clock.now_ms(), |inhabited| {
        inhabited.changed = true;
        inhabited.world.clear_faults();
    });
    in_force(shared, chosen)
}

/// Refuses numbers that no world could bear.
fn possible(fault: &Fault) -> Result<(), Refusal> {
    let (ms, tasks): (Millis, u32) = match fault {
        Fault::Service { after_ms, .. } => (after_ms.unwrap_or(0), 0),
        Fault::Task {
            fault: TaskFault::Slow(ms),
            ..
        }
        | Fault::Call {
            fault:
                CallFault::Latency(ms)
                | CallFault::StaleRead(ms)
                | CallFault::Late(ms)
                | CallFault::Held(ms),
            ..
        } => (*ms, 0),
        Fault::Caller { lasting_ms, .. } => (lasting_ms.unwrap_or(0), 0),
        Fault::World { when, event } => {
            let ms = match when {
                Trigger::AfterMs(ms) | Trigger::AfterDeploymentOf { ms, .. } => *ms,
            };
            match event {
                WorldEvent::SetDesiredCount { count, .. } => (ms, *count),
                WorldEvent::ForeignInvalidation { lasting_ms, .. } => (ms.max(*lasting_ms), 0),
                WorldEvent::SlowSnapshots { ms: more } => (ms.max(*more), 0),
                WorldEvent::ForeignDeployment { .. }
                | WorldEvent::ForcedRedeployment { .. }
                | WorldEvent::SetAlarm { .. }
                | WorldEvent::ForeignSnapshots
                | WorldEvent::RollBackByAlarm { .. }
                | WorldEvent::StoppedByHand { .. } => (ms, 0),
            }
        }
        Fault::Task { .. }
        | Fault::Hook { .. }
        | Fault::Function { .. }
        | Fault::Call { .. }
        | Fault::ImageExpired { .. } => (0, 0),
    };
    match () {
        () if ms > YEAR_MS => Err(Refusal::wrong("nothing takes longer than a year")),
        () if tasks > MOST_TASKS => Err(Refusal::wrong("a service has at most 5000 tasks")),
        () => Ok(()),
    }
}
