//! Virtual time: what it is, and letting it pass.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Refusal, given, read};
use super::look::Chosen;
use crate::Millis;
use crate::server::clock::Pace;
use crate::server::request::Shared;

/// At most this much passes at once: every event in it has to happen before the answer.
pub(super) const YEAR_MS: Millis = 366 * 24 * 3_600_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    to_ms: Option<Millis>,
    by_ms: Option<Millis>,
}

pub(super) fn now(shared: &Shared, chosen: &Chosen) -> Result<Response<Bytes>, Refusal> {
    let slot = chosen.slot(shared)?;
    let now_ms = shared.clock.now_ms();
    let next_event_ms = slot.at(now_ms, |inhabited| inhabited.world.next_event_ms());
    let (time, speed) = match shared.clock.pace() {
        Pace::Running(speed) => ("running", Some(speed)),
        Pace::Manual => ("manual", None),
    };
    Ok(given(&json!({
        "now_ms": now_ms,
        "time": time,
        "speed": speed,
        "next_event_ms": next_event_ms,
    })))
}

/// Moves the clock; each world follows when it is next looked at, the chosen one at once.
pub(super) fn advance(
    shared: &Shared,
    chosen: &Chosen,
    body: &Bytes,
) -> Result<Response<Bytes>, Refusal> {
    let now_ms = shared.clock.now_ms();
    let to_ms = match read::<Advance>(body)? {
        Advance {
            to_ms: Some(to_ms),
            by_ms: None,
        } => to_ms,
        Advance {
            to_ms: None,
            by_ms: Some(by_ms),
        } => now_ms.saturating_add(by_ms),
        Advance { .. } => return Err(Refusal::wrong("either `to_ms` or `by_ms` is needed")),
    };
    if to_ms.saturating_sub(now_ms) > YEAR_MS {
        return Err(Refusal::wrong("at most a year can pass at once"));
    }
    shared.clock.advance(to_ms);
    let slot = chosen.slot(shared)?;
    slot.at(to_ms, |inhabited| inhabited.changed = true);
    now(shared, chosen)
}
