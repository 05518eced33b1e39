//! Log streams: made, listed, deleted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{arn_of, group, group_mut, invalid, name_of_arn, seen, stream_missing};
use super::state::{Stream, ingestion_ms};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::wire::{page, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneStream {
    log_group_name: String,
    log_stream_name: String,
}

pub(super) fn create(here: &mut Here<'_, Logs>, request: &OneStream) -> Result<Value, ApiError> {
    let name = &request.log_stream_name;
    let now_ms = here.now_ms;
    let group = group_mut(here, &request.log_group_name)?;
    if group.streams.contains_key(name) {
        return Err(ApiError::client(
            "ResourceAlreadyExistsException",
            "The specified log stream already exists",
        ));
    }
    group.streams.insert(name.clone(), Stream::created(now_ms));
    Ok(json!({}))
}

pub(super) fn delete(here: &mut Here<'_, Logs>, request: &OneStream) -> Result<Value, ApiError> {
    let group = group_mut(here, &request.log_group_name)?;
    let deleted = group.streams.remove(&request.log_stream_name);
    deleted.map(|_| json!({})).ok_or_else(stream_missing)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<OrderBy>,
    descending: Option<bool>,
    limit: Option<usize>,
    next_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum OrderBy {
    LogStreamName,
    LastEventTime,
}

pub(super) fn describe(
    here: &Here<'_, Logs>,
    request: &DescribeLogStreams,
) -> Result<Value, ApiError> {
    let given = request.log_group_name.as_deref();
    let identifier = request.log_group_identifier.as_deref();
    let group = group(here, given, identifier)?;
    let by_time = request.order_by == Some(OrderBy::LastEventTime);
    if by_time && request.log_stream_name_prefix.is_some() {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let prefix = request
        .log_stream_name_prefix
        .as_deref()
        .unwrap_or_default();
    let name = given.or(identifier.map(name_of_arn)).unwrap_or_default();
    let arn = arn_of(here, name);
    let seen = seen(here, group);
    let mut streams: Vec<(u64, Value)> = Vec::new();
    for (name, stream) in &group.streams {
        let Some(events) = group
            .visible(name, seen)
            .filter(|_| name.starts_with(prefix))
        else {
            continue;
        };
        let mut described = json!({
            "logStreamName": name,
            "creationTime": stream.since_ms(),
            "uploadSequenceToken": "simulated",
            "arn": format!("{arn}:log-stream:{name}"),
            "storedBytes": 0,
        });
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            let newest = events.iter().map(|event| event.written_ms()).max();
            described["firstEventTimestamp"] = json!(first.at_ms);
            described["lastEventTimestamp"] = json!(last.at_ms);
            described["lastIngestionTime"] =
                json!(newest.unwrap_or(last.at_ms) + ingestion_ms(here.weather));
        }
        streams.push((events.last().map_or(0, |last| last.at_ms), described));
    }
    if by_time {
        streams.sort_by_key(|(last_ms, _)| *last_ms);
    }
    if request.descending == Some(true) {
        streams.reverse();
    }
    let all: Vec<Value> = streams.into_iter().map(|(_, stream)| stream).collect();
    let (streams, next) = page(&all, request.limit, request.next_token.as_deref(), 50)?;
    Ok(with_token(
        json!({ "logStreams": streams }),
        "nextToken",
        next,
    ))
}
