//! Reading events: GetLogEvents of one stream, FilterLogEvents over many.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group, invalid, seen, stream_missing};
use super::pattern::Pattern;
use super::state::{Event, ingestion_ms};
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::wire::{page, with_token};
use crate::{ApiError, Millis};

/// A page is at most this many events ... [MODEL]
const PAGE_EVENTS: usize = 10_000;
/// ... and this many bytes, each event counted with 26 bytes of its own [MODEL].
const PAGE_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<Millis>,
    end_time: Option<Millis>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    #[serde(rename = "unmask")]
    _unmask: Option<bool>,
}

/// Tokens are positions and never null; the end is reached when the forward token equals the one sent (ecs-semantics G [MODEL]).
pub(super) fn get_log_events(
    here: &Here<'_, Logs>,
    request: &GetLogEvents,
) -> Result<Value, ApiError> {
    let group = group(
        here,
        request.log_group_name.as_deref(),
        request.log_group_identifier.as_deref(),
    )?;
    let visible = group
        .visible(&request.log_stream_name, seen(here, group))
        .ok_or_else(stream_missing)?;
    let events: Vec<&Event> = visible
        .into_iter()
        .filter(|event| within(event, request.start_time, request.end_time))
        .collect();
    let limit = request.limit.unwrap_or(PAGE_EVENTS).min(PAGE_EVENTS);
    let (start, end) = match request.next_token.as_deref().map(position).transpose()? {
        Some((Direction::Forward, at)) => forward(&events, at.min(events.len()), limit),
        Some((Direction::Backward, at)) => backward(&events, at.min(events.len()), limit),
        None if request.start_from_head == Some(true) => forward(&events, 0, limit),
        None => backward(&events, events.len(), limit),
    };
    let listed: Vec<Value> = events[start..end]
        .iter()
        .map(|event| json!({ "timestamp": event.at_ms, "message": event.message, "ingestionTime": ingested(here, event) }))
        .collect();
    Ok(json!({
        "events": listed,
        "nextForwardToken": format!("f/{end:056}/s"),
        "nextBackwardToken": format!("b/{start:056}/s"),
    }))
}

enum Direction {
    Forward,
    Backward,
}

fn position(token: &str) -> Result<(Direction, usize), ApiError> {
    let unreadable = || invalid("The specified nextToken is invalid.");
    let mut parts = token.split('/');
    let direction = match parts.next() {
        Some("f") => Direction::Forward,
        Some("b") => Direction::Backward,
        _ => return Err(unreadable()),
    };
    let at = parts
        .next()
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(unreadable)?;
    Ok((direction, at))
}

fn forward(events: &[&Event], start: usize, limit: usize) -> (usize, usize) {
    (start, start + fitting(events[start..].iter(), limit))
}

fn backward(events: &[&Event], end: usize, limit: usize) -> (usize, usize) {
    (end - fitting(events[..end].iter().rev(), limit), end)
}

/// How many events make a page.
fn fitting<'a>(events: impl Iterator<Item = &'a &'a Event>, limit: usize) -> usize {
    let mut bytes = 0;
    events
        .take(limit)
        .take_while(|event| {
            bytes += event.message.len() + 26;
            bytes <= PAGE_BYTES
        })
        .count()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<Millis>,
    end_time: Option<Millis>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    #[serde(rename = "interleaved")]
    _interleaved: Option<bool>,
    #[serde(rename = "unmask")]
    _unmask: Option<bool>,
}

/// A named stream that does not exist is an error; a prefix that matches none is an empty answer.
pub(super) fn filter_log_events(
    here: &Here<'_, Logs>,
    request: &FilterLogEvents,
) -> Result<Value, ApiError> {
    if request.log_stream_names.is_some() && request.log_stream_name_prefix.is_some() {
        return Err(invalid(
            "logStreamNames and logStreamNamePrefix are exclusive.",
        ));
    }
    let group = group(
        here,
        request.log_group_name.as_deref(),
        request.log_group_identifier.as_deref(),
    )?;
    let seen = seen(here, group);
    let names: Vec<&String> = match &request.log_stream_names {
        Some(names) => names.iter().collect(),
        None => {
            let prefix = request
                .log_stream_name_prefix
                .as_deref()
                .unwrap_or_default();
            group
                .streams
                .keys()
                .filter(|name| name.starts_with(prefix))
                .collect()
        }
    };
    let mut found: Vec<(&String, &Event)> = Vec::new();
    for name in names {
        match group.visible(name, seen) {
            Some(events) => found.extend(events.into_iter().map(|event| (name, event))),
            None if request.log_stream_names.is_some() => return Err(stream_missing()),
            None => {}
        }
    }
    let pattern = Pattern::parse(request.filter_pattern.as_deref().unwrap_or_default())?;
    // Here `endTime` is inclusive [MODEL].
    let end_ms = request.end_time.map(|end| end.saturating_add(1));
    found.retain(|(_, event)| {
        within(event, request.start_time, end_ms) && pattern.matches(&event.message)
    });
    found.sort_by_key(|(_, event)| event.at_ms);
    // "On subsequent requests, the nextToken determines the sort direction" [MODEL].
    let token = request.next_token.as_deref();
    let backward = match token {
        Some(token) => token.starts_with('b'),
        None => request.start_from_head == Some(false),
    };
    let sign = if backward { "b" } else { "" };
    if backward {
        found.reverse();
    }
    let place = token.map(|token| token.trim_start_matches('b'));
    let (events, next) = page(&found, request.limit, place, PAGE_EVENTS)?;
    let next = next.map(|next| format!("{sign}{next}"));
    let listed: Vec<Value> = events
        .iter()
        .map(|(stream, event)| filtered(here, stream, event))
        .collect();
    Ok(with_token(
        json!({ "events": listed, "searchedLogStreams": [] }),
        "nextToken",
        next,
    ))
}

fn filtered(here: &Here<'_, Logs>, stream: &str, event: &Event) -> Value {
    json!({
        "logStreamName": stream,
        "timestamp": event.at_ms,
        "message": event.message,
        "ingestionTime": ingested(here, event),
        "eventId": format!("{:026}{:030}", event.at_ms, event.message.len()),
    })
}

fn ingested(here: &Here<'_, Logs>, event: &Event) -> Millis {
    event.written_ms() + ingestion_ms(here.weather)
}

/// `startTime` is inclusive, `endTime` exclusive [MODEL].
fn within(event: &Event, start: Option<Millis>, end: Option<Millis>) -> bool {
    start.is_none_or(|start| start <= event.at_ms) && end.is_none_or(|end| event.at_ms < end)
}
