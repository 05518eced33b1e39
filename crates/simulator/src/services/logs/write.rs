//! PutLogEvents: a batch is taken whole, in part, or not at all [MODEL].

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group_mut, invalid, stream_missing};
use super::state::Event;
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::{ApiError, Millis};

const HOUR_MS: Millis = 3_600_000;
const DAY_MS: Millis = 24 * HOUR_MS;
const BATCH_BYTES: usize = 1_048_576;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutLogEvents {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
    /// "The sequence token is now ignored" [MODEL].
    #[serde(rename = "sequenceToken")]
    _sequence_token: Option<String>,
    #[serde(rename = "entity")]
    _entity: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputEvent {
    timestamp: Millis,
    message: String,
}

pub(super) fn put_log_events(
    here: &mut Here<'_, Logs>,
    request: PutLogEvents,
) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    let group = group_mut(here, &request.log_group_name)?;
    let kept_from_ms = group.kept_from_ms(now_ms);
    let stream = group
        .streams
        .get_mut(&request.log_stream_name)
        .ok_or_else(stream_missing)?;
    let events = request.log_events;
    if let Some(why) = flaw(&events) {
        return Err(invalid(why));
    }
    let too_old_ms = now_ms.saturating_sub(14 * DAY_MS);
    let before = |limit_ms: Millis| events.partition_point(|event| event.timestamp < limit_ms);
    let (too_old, expired) = (before(too_old_ms), before(kept_from_ms));
    let too_new = before(now_ms + 2 * HOUR_MS + 1);
    let mut rejected = json!({});
    if too_old > 0 {
        rejected["tooOldLogEventEndIndex"] = json!(too_old);
    }
    if expired > 0 {
        rejected["expiredLogEventEndIndex"] = json!(expired);
    }
    if too_new < events.len() {
        rejected["tooNewLogEventStartIndex"] = json!(too_new);
    }
    let first = too_old.max(expired);
    let accepted = events.into_iter().take(too_new).skip(first);
    for InputEvent { timestamp, message } in accepted {
        stream.add(Event {
            at_ms: timestamp,
            message,
            written_ms: Some(now_ms),
        });
    }
    let mut answer = json!({ "nextSequenceToken": format!("{now_ms:056}") });
    if rejected != json!({}) {
        answer["rejectedLogEventsInfo"] = rejected;
    }
    Ok(answer)
}

/// What makes the whole batch impossible.
fn flaw(events: &[InputEvent]) -> Option<String> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return None;
    };
    let bytes: usize = events.iter().map(|event| event.message.len() + 26).sum();
    if bytes > BATCH_BYTES {
        return Some(format!(
            "Upload too large: {bytes} bytes exceeds limit of {BATCH_BYTES}"
        ));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Some(
            "Log events in a single PutLogEvents request must be in chronological order."
                .to_owned(),
        );
    }
    (last.timestamp - first.timestamp > DAY_MS).then(|| {
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
            .to_owned()
    })
}
